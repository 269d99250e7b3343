import { AWAY_OPTIONS, awayPlan, awayProfile, awayThreadsText } from "../away.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { STACK_FILE_OPTIONS, stackFiles } from "../stack-files.ts";
import {
  durationText,
  stacksParam,
  stacksText,
  TASK_STACK_OPTIONS,
  type TaskStackView,
  taskStackBlocks,
  taskStacks,
} from "../task-stacks.ts";
import type { Given, Plan, Tool } from "../tool.ts";

/** `beetrace offcputime` */
export const tool: Tool = {
  name: "offcputime",
  summary: "where tasks wait: the time away from a processor, by stack",
  group: "scheduler",
  options: [
    ...AWAY_OPTIONS,
    ...TASK_STACK_OPTIONS,
    { long: "offset", letter: "s", help: "offsets into functions" },
    ...STACK_FILE_OPTIONS,
  ],
  positionals: [{ name: "duration", kind: "number", help: "end after so many seconds" }],
  examples: [
    ["beetrace offcputime", "all threads, until Ctrl-C"],
    ["beetrace offcputime -p 181 -m 1000 5", "a process for five seconds, waits of a millisecond or more"],
    ["beetrace offcputime --state 2 -K", "what waits for disks and locks of the kernel"],
    ["beetrace offcputime --flame out.svg 30", "as a flame graph"],
    ["beetrace offcputime -f 30 > out.folded", "folded, for other tools"],
  ],
  hooks: "raw tracepoint sched_switch",
  plan,
};

function plan(given: Given): Plan {
  const files = stackFiles(given);
  const seconds = given.int("duration");
  const { params, config } = awayPlan(given);
  const intro = `Tracing off-CPU time (us) of ${awayThreadsText(given)} by ${stacksText(given)} stack${durationText(seconds)}`;
  const view = viewOf(given);
  return {
    script: TOOL_SCRIPTS["offcputime/offcputime.bt"],
    params: { ...params, stacks: stacksParam(given) },
    config,
    ...(given.has("folded") || files !== undefined ? {} : { intro }),
    ...(seconds === undefined ? {} : { durationMs: seconds * 1000 }),
    screen: {
      maps: ["@time"],
      blocks: (maps, { elapsedMs }) => taskStackBlocks(taskStacks(maps("@time")), given, files, view, elapsedMs),
    },
  };
}

function viewOf(given: Given): TaskStackView {
  return {
    field: "us",
    frames: { offset: given.has("offset") },
    line: (text) => `    ${text}\n`,
    delimiter: "    --\n",
    foot: ({ comm, tid, value }) => `    ${"-".padEnd(16)} ${comm} (${tid})\n        ${value}\n\n`,
    profile: { title: "offcputime", ...awayProfile("off_cpu"), values: (us) => [us] },
  };
}
