import { TOOL_SCRIPTS } from "../scripts.ts";
import { clockColumn } from "../times.ts";
import type { Tool } from "../tool.ts";

/** Threads whose last node is known at a time. */
const THREADS_MAX = 65_536;

/** `beetrace numasched` */
export const tool: Tool = {
  name: "numasched",
  summary: "threads that go on on another NUMA node than where they ran",
  group: "scheduler",
  options: [
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    { long: "tid", letter: "t", argument: "TID", kind: "int", help: "this thread only" },
    { long: "name", letter: "c", also: ["comm"], argument: "TEXT", help: "only tasks whose name contains this" },
  ],
  examples: [
    ["beetrace numasched", "all threads"],
    ["beetrace numasched -p 181", "of a process"],
    ["beetrace numasched -c mysqld", "of tasks named so"],
  ],
  hooks: "raw tracepoints sched_switch, sched_process_exit",
  plan: () => ({
    script: TOOL_SCRIPTS["numasched/numasched.bt"],
    config: { max_map_keys: THREADS_MAX },
    intro: "Tracing task NUMA switch...",
    columns: [
      clockColumn(-10),
      { title: "PID", field: "pid", width: -10 },
      { title: "TID", field: "tid", width: -10 },
      { title: "SRC_NID", field: "from", width: -10 },
      { title: "DST_NID", field: "to", width: -10 },
      { title: "COMM", field: "comm", width: 0 },
    ],
  }),
};
