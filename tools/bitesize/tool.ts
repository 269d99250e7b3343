import type { JsonBucket } from "@beetrace/output";
import { DISK_OPTION, diskParams } from "../block.ts";
import type { Block } from "../blocks.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import type { MapEntries, Tool } from "../tool.ts";

/** `beetrace bitesize` */
export const tool: Tool = {
  name: "bitesize",
  summary: "sizes of block I/O, for each name of processes",
  group: "disks",
  options: [
    { long: "timestamp", letter: "T", help: "the time above each output" },
    { long: "name", letter: "c", also: ["comm"], argument: "TEXT", help: "only tasks whose name contains this" },
    DISK_OPTION,
  ],
  positionals: [
    { name: "interval", kind: "number", help: "seconds between two outputs" },
    { name: "count", kind: "int", help: "how many outputs" },
  ],
  examples: [
    ["beetrace bitesize", "until Ctrl-C"],
    ["beetrace bitesize -d vda 10", "of one disk, each ten seconds"],
  ],
  hooks: "raw tracepoints block_getrq, block_rq_issue",
  hasHistograms: true,
  plan: (given) => ({
    script: TOOL_SCRIPTS["bitesize/bitesize.bt"],
    params: diskParams(given),
    intro: "Tracing block I/O... Hit Ctrl-C to end.",
    screen: {
      maps: ["@kbytes"],
      ...(given.has("interval") ? { intervalMs: (given.int("interval") ?? 1) * 1000 } : {}),
      ...(given.has("count") ? { count: given.int("count") ?? 0 } : {}),
      blocks: (maps, { time }) => [
        ...(given.has("timestamp") ? [{ kind: "lines", text: `${time}\n` } as const] : []),
        ...histograms(maps("@kbytes")),
      ],
    },
  }),
};

function histograms({ entries }: MapEntries): Block[] {
  return entries
    .map(({ key, value }) => ({ comm: String(key), buckets: value as unknown as readonly JsonBucket[] }))
    .sort((a, b) => (a.comm < b.comm ? -1 : 1))
    .map(({ comm, buckets }) => ({ kind: "histogram", unit: "Kbytes", buckets, section: `Process Name = ${comm}` }));
}
