import { TOOL_SCRIPTS } from "../scripts.ts";
import { checkExclusive } from "../task-stacks.ts";
import { clockColumn } from "../times.ts";
import type { Given, Plan, Tool } from "../tool.ts";

const MIN_US = 10_000;
/** Tasks that wait at a time. */
const TASKS_MAX = 65536;

/** `beetrace runqslower` */
export const tool: Tool = {
  name: "runqslower",
  summary: "tasks that wait long for a processor",
  group: "scheduler",
  options: [
    { long: "previous", letter: "P", help: "the task that ran before, too" },
    { long: "pid", letter: "p", argument: "PID", kind: "ints", help: "this process only" },
    { long: "tid", letter: "t", argument: "TID", kind: "ints", help: "this thread only" },
    { long: "name", letter: "c", also: ["comm"], argument: "TEXT", help: "only tasks whose name contains this" },
  ],
  positionals: [
    { name: "min_us", kind: "int", help: `only waits longer than so many microseconds (default ${MIN_US})` },
  ],
  examples: [
    ["beetrace runqslower", "waits longer than 10 ms"],
    ["beetrace runqslower 1000 -P", "longer than 1 ms, and who ran meanwhile"],
    ["beetrace runqslower -p 123", "of a process"],
  ],
  hooks: "raw tracepoints sched_wakeup, sched_wakeup_new, sched_switch",
  plan,
};

function plan(given: Given): Plan {
  checkExclusive(given, "pid", "tid");
  const min = given.int("min_us") ?? MIN_US;
  return {
    script: TOOL_SCRIPTS["runqslower/runqslower.bt"],
    params: { min },
    config: { max_map_keys: TASKS_MAX },
    intro: `Tracing run queue latency higher than ${min} us`,
    columns: [
      clockColumn(),
      { title: "COMM", field: "comm", width: -16 },
      { title: "TID", field: "tid", width: -6 },
      { title: "LAT(us)", field: "latency_us", width: 14 },
      ...(given.has("previous")
        ? [
            { title: "PREV COMM", field: "prev_comm", width: -16 },
            { title: "PREV TID", field: "prev_tid", width: -6 },
          ]
        : []),
    ],
  };
}
