import { histograms } from "../histograms.ts";
import { INTERVAL_AND_OUTPUTS, intervalAndOutputs, spaceAbove } from "../pacing.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { checkExclusive } from "../task-stacks.ts";
import type { Given, Plan, Tool } from "../tool.ts";

/** Tasks that wait at a time. */
const TASKS_MAX = 65536;

/** `beetrace runqlat` */
export const tool: Tool = {
  name: "runqlat",
  summary: "how long tasks wait for a processor",
  group: "scheduler",
  options: [
    { long: "timestamp", letter: "T", help: "the time above each histogram" },
    { long: "milliseconds", letter: "m", help: "in milliseconds" },
    { long: "pids", letter: "P", help: "a histogram for each process" },
    { long: "pidnss", help: "a histogram for each pid namespace" },
    { long: "tids", letter: "L", help: "a histogram for each thread" },
    { long: "pid", letter: "p", argument: "PID", kind: "ints", help: "this process only" },
  ],
  positionals: INTERVAL_AND_OUTPUTS,
  examples: [
    ["beetrace runqlat", "until Ctrl-C"],
    ["beetrace runqlat -m 1 10", "ten times a second's, in milliseconds"],
    ["beetrace runqlat -P 5", "each process by itself"],
  ],
  hooks: "raw tracepoints sched_wakeup, sched_wakeup_new, sched_switch",
  hasHistograms: true,
  plan,
};

function plan(given: Given): Plan {
  checkExclusive(given, "pids", "tids", "pidnss");
  const section = given.has("pids") ? "pid" : given.has("tids") ? "tid" : given.has("pidnss") ? "pidns" : "";
  const unit = given.has("milliseconds") ? "msecs" : "usecs";
  return {
    script: TOOL_SCRIPTS["runqlat/runqlat.bt"],
    params: { divisor: unit === "msecs" ? 1_000_000 : 1000, section },
    config: { max_map_keys: TASKS_MAX },
    intro: "Tracing run queue latency... Hit Ctrl-C to end.",
    screen: {
      maps: ["@wait"],
      ...intervalAndOutputs(given),
      blocks: (maps, moment) => [
        spaceAbove(given, moment),
        ...histograms(maps("@wait"), unit, (key) => (section === "" ? undefined : `${section} = ${key}`)),
      ],
    },
  };
}
