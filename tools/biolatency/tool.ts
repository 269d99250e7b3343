import type { JsonBucket, JsonStats, JsonValue } from "@beetrace/output";
import { choosesTasks, DISK_OPTION, diskParams, flagsText, SHOWN_FLAGS } from "../block.ts";
import type { Block } from "../blocks.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type MapEntries, type Plan, type Tool, ToolError } from "../tool.ts";

/** `beetrace biolatency` */
export const tool: Tool = {
  name: "biolatency",
  summary: "how long block I/O takes",
  group: "disks",
  options: [
    { long: "timestamp", letter: "T", help: "the time above each output" },
    { long: "queued", letter: "Q", help: "include the time that requests wait in queues" },
    { long: "milliseconds", letter: "m", help: "in milliseconds" },
    { long: "disks", letter: "D", help: "a histogram for each disk" },
    { long: "flags", letter: "F", also: ["flag"], help: "a histogram for each kind of request" },
    { long: "pids", letter: "p", help: "a histogram for each process" },
    { long: "extension", letter: "e", help: "average, total and count as well" },
    { long: "json", letter: "j", help: "one JSON object a line" },
    DISK_OPTION,
  ],
  positionals: [
    { name: "interval", kind: "number", help: "seconds between two outputs" },
    { name: "count", kind: "int", help: "how many outputs" },
  ],
  examples: [
    ["beetrace biolatency", "until Ctrl-C"],
    ["beetrace biolatency -mT 1 10", "ten times a second's, in milliseconds"],
    ["beetrace biolatency -D", "each disk by itself"],
    ["beetrace biolatency -p", "each process by itself"],
    ["beetrace biolatency -Q -d vda", "of one disk, with the time in queues"],
  ],
  hooks: "raw tracepoints block_rq_issue, block_rq_complete; block_getrq for -Q, -p and filters by task",
  hasHistograms: true,
  plan,
};

const SECTIONS = { disks: "disk", flags: "flags", pids: "pid" } as const;

function plan(given: Given): Plan {
  const section = sectionOf(given);
  const unit = given.has("milliseconds") ? "msecs" : "usecs";
  const tasks = section === "pid" || choosesTasks(given);
  const made = tasks || given.has("queued");
  const interval = given.int("interval");
  return {
    script: `import "block.bt";\n${made ? 'import "block-tasks.bt";\n' : ""}\n${TOOL_SCRIPTS["biolatency/biolatency.bt"]}`,
    params: {
      divisor: unit === "msecs" ? 1_000_000 : 1000,
      section,
      shown_flags: SHOWN_FLAGS,
      made,
      ...(made ? { tasks, queued: given.has("queued") } : {}),
      extension: given.has("extension"),
      ...diskParams(given),
    },
    intro: "Tracing block device I/O... Hit Ctrl-C to end.",
    screen: {
      maps: ["@latency", "@total"],
      ...(interval === undefined ? {} : { intervalMs: interval * 1000 }),
      ...(given.has("count") ? { count: given.int("count") ?? 0 } : {}),
      blocks: (maps, { time }) => [
        { kind: "lines", text: given.has("timestamp") ? `\n${time}\n` : "\n" },
        ...histograms(maps("@latency"), section, unit),
        ...totals(maps("@total"), unit),
      ],
    },
  };
}

function sectionOf(given: Given): string {
  const chosen = (["disks", "flags", "pids"] as const).filter((name) => given.has(name));
  if (chosen.length > 1) throw new ToolError(`--${chosen[0]} and --${chosen[1]} exclude each other`);
  return chosen[0] === undefined ? "" : SECTIONS[chosen[0]];
}

function histograms({ entries }: MapEntries, section: string, unit: string): Block[] {
  return entries
    .map(({ key, value }) => ({
      title: sectionTitle(section, key),
      buckets: value as unknown as readonly JsonBucket[],
    }))
    .sort((a, b) => (a.title < b.title ? -1 : 1))
    .map(({ title, buckets }) => ({
      kind: "histogram",
      unit,
      buckets,
      ...(section === "" ? {} : { section: title }),
    }));
}

function sectionTitle(section: string, key: JsonValue): string {
  if (section === "flags") return `flags = ${flagsText(Number(key))}`;
  return `${section} = ${Array.isArray(key) ? key.join(" ") : key}`;
}

function totals({ entries }: MapEntries, unit: string): Block[] {
  return entries.map(({ value }) => {
    const { average, total, count } = value as unknown as JsonStats;
    return { kind: "lines", text: `\navg = ${average} ${unit}, total: ${total} ${unit}, count: ${count}\n` };
  });
}
