import { DISK_OPTION, diskParams } from "../block.ts";
import { type Column, cut, secondsColumn } from "../columns.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import type { Given, Tool } from "../tool.ts";
import { milliseconds } from "../units.ts";

/** `beetrace biosnoop` */
export const tool: Tool = {
  name: "biosnoop",
  summary: "each block I/O, with who made it and how long it took",
  group: "disks",
  options: [
    { long: "queue", letter: "Q", also: ["queued"], help: "the time that it waited in queues" },
    DISK_OPTION,
    { long: "pattern", letter: "P", help: "whether it follows the one before (S) or not (R)" },
    { long: "min", letter: "m", argument: "MS", kind: "number", help: "only what took so many milliseconds or more" },
  ],
  examples: [
    ["beetrace biosnoop", "all block I/O"],
    ["beetrace biosnoop -Q -d vda", "of one disk, with the time in queues"],
    ["beetrace biosnoop -m 10 --json", "slower than 10 ms, for programs"],
  ],
  hooks: "raw tracepoints block_getrq, block_rq_issue, block_rq_complete",
  plan: (given) => ({
    script: TOOL_SCRIPTS["biosnoop/biosnoop.bt"],
    params: {
      pattern: given.has("pattern"),
      min_ns: Math.round((given.int("min") ?? 0) * 1e6),
      ...diskParams(given),
    },
    columns: columns(given),
  }),
};

function columns(given: Given): readonly Column[] {
  return [
    secondsColumn("TIME(s)", "ns", -11, 6),
    { title: "COMM", field: "comm", width: -14, text: (comm) => (comm === "" ? "?" : cut(14)(comm)) },
    { title: "PID", field: "pid", width: -7 },
    { title: "DISK", field: "disk", width: -9 },
    { title: "T", field: "operation", width: -1 },
    { title: "SECTOR", field: "sector", width: -10 },
    { title: "BYTES", field: "bytes", width: -7 },
    ...(given.has("pattern") ? [{ title: "P", field: "pattern", width: -1 }] : []),
    ...(given.has("queue") ? [{ title: "QUE(ms)", field: "queued_ns", width: 7, text: milliseconds(2) }] : []),
    { title: "LAT(ms)", field: "latency_ns", width: 7, text: milliseconds(2) },
  ];
}
