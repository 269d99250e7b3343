import type { JsonBucket, JsonValue } from "@beetrace/output";
import type { Block } from "../blocks.ts";
import { readTime } from "../options.ts";
import { type Given, type Machine, type MapEntries, type Plan, type Tool, ToolError } from "../tool.ts";
import { type DistProbe, readSpecifier } from "./probe.ts";

const STRING_BYTES = 80;
const INTERVAL_MS = 1000;

/** `beetrace argdist` */
export const tool: Tool = {
  name: "argdist",
  summary: "how arguments, results and times of functions are distributed",
  group: "kernel",
  options: [
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    { long: "tid", letter: "t", argument: "TID", kind: "int", help: "this thread only" },
    {
      long: "string-size",
      letter: "z",
      argument: "BYTES",
      kind: "int",
      help: `most of a string (default ${STRING_BYTES})`,
    },
    { long: "interval", letter: "i", argument: "TIME", help: "show what was collected so often (default 1)" },
    { long: "duration", letter: "d", argument: "TIME", help: "end after this time" },
    { long: "number", letter: "n", argument: "N", kind: "int", help: "end after so many outputs" },
    { long: "verbose", letter: "v", help: "print the script first, and at the end what each probe cost" },
    { long: "cumulative", letter: "c", help: "go on counting from one output to the next" },
    { long: "top", letter: "T", argument: "N", kind: "int", help: "so many values, those that are most frequent" },
    { long: "histogram", letter: "H", argument: "SPECIFIER", kind: "list", help: "a histogram of an expression" },
    {
      long: "count",
      letter: "C",
      argument: "SPECIFIER",
      kind: "list",
      help: "how often each value of expressions came",
    },
    {
      long: "include",
      letter: "I",
      argument: "HEADER",
      kind: "list",
      help: "a header for what the kernel's types lack",
    },
  ],
  examples: [
    ["beetrace argdist -H 'r:c:read():int:$retval'", "what read() returns"],
    ["beetrace argdist -C 'p:c:write(int fd):int:fd' -T 5", "the descriptors that are written to most"],
    ["beetrace argdist -H 'r:c:getaddrinfo():u64:$latency/1000000#ms'", "the time of a function"],
    ["beetrace argdist -C 't:irq:irq_handler_entry():int:args->irq'", "a field of a tracepoint"],
  ],
  hooks: "kprobe, kretprobe, uprobe, uretprobe, tracepoint or usdt, as the specifiers say",
  hasHistograms: true,
  plan,
};

interface Shown {
  readonly probe: DistProbe;
  readonly isHistogram: boolean;
  readonly map: string;
}

function plan(given: Given, machine: Machine): Plan {
  const stringBytes = given.int("string-size") ?? STRING_BYTES;
  const read = (text: string, isHistogram: boolean) => readSpecifier(text, isHistogram, machine, stringBytes);
  const probes = [
    ...given.list("count").map((text) => ({ probe: read(text, false), isHistogram: false })),
    ...given.list("histogram").map((text) => ({ probe: read(text, true), isHistogram: true })),
  ];
  if (probes.length === 0) throw new ToolError("argdist needs a specifier, by -C or -H", "beetrace argdist --help");
  const shown: readonly Shown[] = probes.map((each, index) => ({ ...each, map: `@dist${index}` }));
  const script = `import "filter.bt";\n${shown.map(probeText).join("")}`;
  const maps = shown.map(({ map }) => map);
  return {
    script,
    ...(given.has("pid") ? { pid: given.int("pid") ?? 0 } : {}),
    ...(given.has("include") ? { includes: { files: given.list("include"), folders: [process.cwd()] } } : {}),
    ...(given.has("verbose") ? { intro: script } : {}),
    screen: {
      ...(given.has("cumulative") ? { maps: [], reads: maps } : { maps }),
      ...pacing(given),
      blocks: (entriesOf, { time }) => [
        { kind: "lines", text: `[${time}]\n` },
        ...shown.flatMap((each) => blocksOf(each, entriesOf(each.map), given)),
      ],
    },
  };
}

/** As many outputs as fit into the duration, or as are asked for. */
function pacing(given: Given): { intervalMs: number; count?: number } {
  const interval = given.text("interval");
  const intervalMs = interval === undefined ? INTERVAL_MS : readTime(interval, "--interval");
  const duration = given.text("duration");
  const counts = [
    ...(given.has("number") ? [given.int("number") ?? 0] : []),
    ...(duration === undefined ? [] : [Math.max(1, Math.floor(readTime(duration, "--duration") / intervalMs))]),
  ];
  return counts.length === 0 ? { intervalMs } : { intervalMs, count: Math.min(...counts) };
}

/** The probes of the script for a specifier, which collects into a map of its own. */
function probeText({ probe, isHistogram, map }: Shown): string {
  const { point, entry, filter, values } = probe;
  const began = `${map}_began`;
  const collect = isHistogram ? `${map}[0] = hist(${values[0]});` : `${map}[${values.join(", ")}] = count();`;
  const action = filter === undefined ? collect : `if (${filter}) { ${collect} }`;
  if (entry === undefined) return `\n${point}\n{\n  if (traced()) {\n    ${action}\n  }\n}\n`;
  const saved = entry.values.map((value) => `, ${value}`).join("");
  return `
${entry.point}
{
  if (traced()) {
    ${began}[tid] = (nsecs, (uint8)0${saved});
  }
}

${point}
{
  if (has_key(${began}, tid)) {
    $began = ${began}[tid];
    delete(${began}, tid);
    ${action}
  }
}
`;
}

function blocksOf({ probe, isHistogram }: Shown, { entries }: MapEntries, given: Given): readonly Block[] {
  if (isHistogram) {
    const unit = given.list("histogram").includes(probe.label) ? nameOf(probe) : probe.label;
    return entries.map(({ value }) => ({
      kind: "histogram",
      unit,
      buckets: value as unknown as readonly JsonBucket[],
    }));
  }
  const rows = entries
    .map(({ key, value }) => ({ probe: probe.label, event: eventText(probe, key), count: Number(value) }))
    .sort((a, b) => a.count - b.count || a.event.localeCompare(b.event))
    .slice(-(given.int("top") ?? entries.length));
  const columns = [
    { title: "\tCOUNT", field: "count", width: -11, text: (count: JsonValue) => `\t${count}` },
    { title: "EVENT", field: "event", width: 0 },
  ];
  return [
    { kind: "lines", text: `${probe.label}\n` },
    { kind: "table", columns, rows },
  ];
}

/** What a histogram without a label is of. */
function nameOf({ isDefault, expressions }: DistProbe): string {
  return isDefault ? "retval" : expressions[0];
}

/** `fd = 3, size = 16` */
function eventText({ isDefault, isReturn, expressions }: DistProbe, key: JsonValue): string {
  if (isDefault) return isReturn ? `retval = ${key}` : "total calls";
  const values = expressions.length === 1 ? [key] : (key as readonly JsonValue[]);
  return expressions.map((each, index) => `${each.replace(/\$entry\((\w+)\)/g, "$1")} = ${values[index]}`).join(", ");
}
