import { histograms } from "../histograms.ts";
import { INTERVAL_AND_OUTPUTS, intervalAndOutputs, spaceAbove } from "../pacing.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type Plan, type Tool, ToolError } from "../tool.ts";

/** Bytes of a workqueue's name with its end: WQ_NAME_LEN of kernel/workqueue.c; 24 before Linux 6.9. */
const NAME_BYTES = 32;

/** `beetrace wqlat` */
export const tool: Tool = {
  name: "wqlat",
  summary: "how long work waits in the kernel's workqueues",
  group: "kernel",
  options: [
    { long: "timestamp", letter: "T", help: "the time above each output" },
    { long: "nanoseconds", letter: "N", help: "in nanoseconds" },
    { long: "workqueues", letter: "W", help: "a histogram for each workqueue" },
    { long: "wqname", letter: "w", argument: "NAME", help: "this workqueue only" },
  ],
  positionals: INTERVAL_AND_OUTPUTS,
  examples: [
    ["beetrace wqlat", "until Ctrl-C"],
    ["beetrace wqlat -W 1 10", "ten times a second's, each workqueue by itself"],
    ["beetrace wqlat -NT 1", "in nanoseconds, with the time"],
    ["beetrace wqlat -w kblockd 1", "of one workqueue"],
  ],
  hooks: "raw tracepoints workqueue_queue_work, workqueue_execute_start",
  hasHistograms: true,
  plan,
};

function plan(given: Given): Plan {
  const wqname = given.text("wqname") ?? "";
  if (wqname.length >= NAME_BYTES)
    throw new ToolError(`names of workqueues have less than ${NAME_BYTES} characters: '${wqname}'`);
  const unit = given.has("nanoseconds") ? "nsecs" : "usecs";
  const workqueues = given.has("workqueues");
  return {
    script: TOOL_SCRIPTS["wqlat/wqlat.bt"],
    params: { wqname, workqueues, divisor: unit === "nsecs" ? 1 : 1000 },
    intro: "Tracing work queue request latency time... Hit Ctrl-C to end.",
    screen: {
      maps: ["@latency"],
      ...intervalAndOutputs(given),
      blocks: (maps, moment) => [
        spaceAbove(given, moment),
        ...histograms(maps("@latency"), unit, (name) => (workqueues ? `wqname = ${name}` : undefined)),
      ],
    },
  };
}
