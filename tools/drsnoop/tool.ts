import { type Column, cut, secondsColumn } from "../columns.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type Machine, type Plan, type Tool, ToolError } from "../tool.ts";
import { milliseconds } from "../units.ts";

const PAGE_KB = 4;

/** `beetrace drsnoop` */
export const tool: Tool = {
  name: "drsnoop",
  summary: "tasks that had to free memory themselves before they got some",
  group: "memory",
  options: [
    { long: "timestamp", letter: "T", help: "seconds since the first" },
    { long: "print-uid", letter: "U", help: "the user's number" },
    { long: "pid", letter: "p", argument: "PID", kind: "ints", help: "this process only" },
    { long: "tid", letter: "t", argument: "TID", kind: "ints", help: "this thread only" },
    { long: "uid", letter: "u", argument: "USER", help: "processes of this user only, by number or name" },
    { long: "duration", letter: "d", argument: "TIME", help: "end after this time: seconds, or 500ms, 2m" },
    { long: "name", letter: "n", argument: "TEXT", help: "only tasks whose name contains this" },
    { long: "verbose", letter: "v", help: "how much was free, too; at the end what each probe cost" },
    { long: "extended", letter: "e", help: "how much was free, too" },
  ],
  examples: [
    ["beetrace drsnoop", "all direct reclaim"],
    ["beetrace drsnoop -e -n main", "of tasks named so, with the free memory"],
    ["beetrace drsnoop -T -d 10", "for ten seconds"],
  ],
  hooks: "raw tracepoints mm_vmscan_direct_reclaim_begin, mm_vmscan_direct_reclaim_end",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const free = given.has("verbose") || given.has("extended");
  if (free && !machine.hasSymbol("vm_zone_stat"))
    throw new ToolError("the free memory cannot be found: this kernel was built without CONFIG_KALLSYMS_ALL");
  return {
    script: TOOL_SCRIPTS["drsnoop/drsnoop.bt"],
    params: { free },
    columns: columns(given, free),
    toRow: ({ free_pages, ...row }) => ({ ...row, ...(free ? { free_kb: Number(free_pages) * PAGE_KB } : {}) }),
  };
}

function columns(given: Given, free: boolean): readonly Column[] {
  const task = given.has("tid") ? { title: "TID", field: "tid" } : { title: "PID", field: "pid" };
  return [
    ...(given.has("timestamp") ? [secondsColumn("TIME(s)", "time_ns", -13, 9)] : []),
    ...(given.has("print-uid") ? [{ title: "UID", field: "uid", width: -5 }] : []),
    { title: "COMM", field: "comm", width: -14, text: cut(14) },
    { ...task, width: -6 },
    { title: "LAT(ms)", field: "latency_ns", width: 8, text: milliseconds(2) },
    { title: "PAGES", field: "pages", width: 5 },
    ...(free ? [{ title: "FREE(KB)", field: "free_kb", width: 9 }] : []),
  ];
}
