import type { JsonValue } from "@beetrace/output";
import { type Column, cut, secondsColumn } from "../columns.ts";
import { stackLines } from "../row-stacks.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import type { Given, Plan, Row, Tool } from "../tool.ts";
import { milliseconds } from "../units.ts";

/** `beetrace compactsnoop` */
export const tool: Tool = {
  name: "compactsnoop",
  summary: "compaction of memory: who waited for it, for how long, and what came of it",
  group: "memory",
  options: [
    { long: "timestamp", letter: "T", help: "seconds since the first" },
    { long: "pid", letter: "p", argument: "PID", kind: "ints", help: "this process only" },
    { long: "duration", letter: "d", argument: "TIME", help: "end after this time: seconds, or 500ms, 2m" },
    { long: "kernel-stack", letter: "K", help: "the kernel's stack under each line" },
    { long: "extended_fields", letter: "e", help: "how fragmented the zone was, and its marks of free pages" },
  ],
  examples: [
    ["beetrace compactsnoop", "all compaction"],
    ["beetrace compactsnoop -T -d 10", "for ten seconds"],
    ["beetrace compactsnoop -K", "why, by the kernel's stack"],
    ["beetrace compactsnoop -e", "with the state of the zone"],
  ],
  hooks: "raw tracepoints mm_compaction_begin, mm_compaction_end",
  plan,
};

function plan(given: Given): Plan {
  const [extended, stack] = [given.has("extended_fields"), given.has("kernel-stack")];
  return {
    script: TOOL_SCRIPTS["compactsnoop/compactsnoop.bt"].replace("STACK", stack ? "kstack(perf)" : '""'),
    params: { extended },
    columns: columns(given, extended),
    toRow: (record) => rowOf(record, extended, stack),
    below: (row) => (stack ? `${stackLines(row.kernel_stack)}\n` : ""),
  };
}

/** enum compact_result, include/linux/compaction.h. */
const RESULTS = [
  "not_suitable_zone",
  "skipped",
  "deferred",
  "no_suitable_page",
  "continue",
  "complete",
  "partial_skipped",
  "contended",
  "success",
];

function rowOf({ fragmentation, min, low, high, free, kernel_stack, ...row }: Row, extended: boolean, stack: boolean) {
  return {
    ...row,
    zone: `ZONE_${String(row.zone).toUpperCase()}`,
    status: RESULTS[Number(row.status)] ?? row.status,
    ...(extended ? { fragmentation: Number(fragmentation) / 1000, min, low, high, free } : {}),
    ...(stack ? { kernel_stack } : {}),
  };
}

function columns(given: Given, extended: boolean): readonly Column[] {
  const mode = (sync: JsonValue) => (sync ? "SYNC" : "ASYNC");
  const pages = ["min", "low", "high", "free"].map((field) => ({ title: field.toUpperCase(), field, width: -8 }));
  return [
    ...(given.has("timestamp") ? [secondsColumn("TIME(s)", "time_ns", -14, 9)] : []),
    { title: "COMM", field: "comm", width: -14, text: cut(14) },
    { title: "PID", field: "pid", width: -6 },
    { title: "NODE", field: "node", width: -4 },
    { title: "ZONE", field: "zone", width: -12 },
    { title: "ORDER", field: "order", width: -5 },
    { title: "MODE", field: "sync", width: -7, text: mode },
    ...(extended
      ? [
          { title: "FRAGIDX", field: "fragmentation", width: -8, text: (f: JsonValue) => Number(f).toFixed(3) },
          ...pages,
        ]
      : []),
    { title: "LAT(ms)", field: "latency_ns", width: 9, text: milliseconds(3) },
    { title: "STATUS", field: "status", width: 16 },
  ];
}
