import type { JsonBucket, JsonValue } from "@beetrace/output";
import type { Block } from "../blocks.ts";
import { entryProbes, type Matched, type Place, readPlace, shortName } from "../function-pattern.ts";
import { DETACHING, pacing } from "../pacing.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type Machine, type MapEntries, type Plan, type Tool, ToolError } from "../tool.ts";
import { type TimeUnit, timeUnit } from "../units.ts";

/** `beetrace funclatency` */
export const tool: Tool = {
  name: "funclatency",
  summary: "how long functions take, as a histogram",
  group: "kernel",
  options: [
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    { long: "interval", letter: "i", argument: "TIME", help: "show what was timed so often" },
    { long: "duration", letter: "d", argument: "TIME", help: "end after this time" },
    { long: "timestamp", letter: "T", help: "the time above each output" },
    { long: "microseconds", letter: "u", help: "in microseconds" },
    { long: "milliseconds", letter: "m", help: "in milliseconds" },
    { long: "function", letter: "F", help: "a histogram for each function" },
    { long: "regexp", letter: "r", help: "the pattern is a regular expression" },
    { long: "level", letter: "l", argument: "N", kind: "int", help: "the outermost N of calls within calls" },
    {
      long: "kprobes",
      letter: "k",
      help: "kprobes also where a function of the kernel has fentry and fexit, which are faster",
    },
    { long: "verbose", letter: "v", help: "print the script first, and at the end what each probe cost" },
  ],
  positionals: [{ name: "pattern", kind: "text", help: "func or lib:func, with *" }],
  examples: [
    ["beetrace funclatency -u vfs_read", "a function of the kernel, in microseconds"],
    ["beetrace funclatency -i 1 -T c:getaddrinfo", "of libc, each second"],
    ["beetrace funclatency -F 'vfs_r*'", "each function by itself"],
    ["beetrace funclatency -p 1234 ./server:handle", "of a program, in a process"],
  ],
  hooks: "fentry and fexit of one function, else kprobe and kretprobe; uprobe and uretprobe",
  hasHistograms: true,
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const pattern = given.text("pattern");
  if (pattern === undefined) throw new ToolError("funclatency needs a pattern", "beetrace funclatency vfs_read");
  if (pattern.split(":").length > 2)
    throw new ToolError(`'${pattern}' is neither a function of the kernel nor lib:function`);
  const place = readPlace(pattern, machine);
  const { probe, filter } = fentryProbe(given, place, machine) ?? entryProbes(place, machine, given.has("regexp"));
  const script = scriptFor(probe);
  const unit = timeUnit(given);
  const isUser = place.kind === "user";
  const hasSections = given.has("function") || (isUser && !given.has("pid"));
  const section = !hasSections ? "" : isUser ? "process" : "function";
  const verbose = given.has("verbose") ? script : "";
  return {
    script,
    params: { divisor: unit[1], section, level: given.int("level") ?? 0 },
    ...(filter === undefined ? {} : { probeFilter: filter }),
    ...(given.has("pid") ? { pid: given.int("pid") ?? 0 } : {}),
    intro: (probes) => `${verbose}Tracing ${probes / 2} functions for "${pattern}"... Hit Ctrl-C to end.`,
    screen: {
      maps: ["@latency", "@spent"],
      ...pacing(given),
      blocks: (maps, { time, isLast }) => [
        { kind: "lines", text: given.has("timestamp") ? `\n${time}\n` : "\n" },
        ...maps("@latency").entries.map((entry) => histogram(entry, unit[0])),
        ...averageLine(maps("@spent"), unit),
        ...(isLast ? [DETACHING] : []),
      ],
    },
  };
}

/** Many functions are not traced so: each takes an attachment, at both ends. */
function fentryProbe(given: Given, place: Place, machine: Machine): Matched | undefined {
  if (place.kind !== "kernel" || given.has("kprobes") || given.has("regexp") || place.pattern.includes("*"))
    return undefined;
  return machine.hasFentry(place.pattern) ? { probe: `fentry:${place.pattern}` } : undefined;
}

function scriptFor(probe: string): string {
  const exit = probe.replace(/^fentry/, "fexit").replace(/^(k|u)probe/, "$1retprobe");
  return TOOL_SCRIPTS["funclatency/funclatency.bt"].replace("ENTRY", () => probe).replace("RETURN", () => exit);
}

function histogram({ key, value }: { key: JsonValue; value: JsonValue }, unit: string): Block {
  const [probe, pid] = key as readonly [string, number];
  const buckets = value as unknown as readonly JsonBucket[];
  if (probe === "") return { kind: "histogram", unit, buckets };
  const section = `Function = ${shortName(probe)}${pid === 0 ? "" : ` [${pid}]`}`;
  return { kind: "histogram", unit, buckets, section };
}

/** Of all that was timed, in whole units. */
function averageLine({ entries }: MapEntries, [unit, ns]: TimeUnit): readonly Block[] {
  const { count, total } = (entries[0]?.value ?? { count: 0, total: 0 }) as { count: number; total: number };
  if (Number(count) === 0) return [];
  const spent = Number(total) / ns;
  const average = Math.floor(spent / Number(count));
  return [
    { kind: "lines", text: `\navg = ${average} ${unit}, total: ${Math.floor(spent)} ${unit}, count: ${count}\n\n` },
  ];
}
