import { irqOptions, irqPlan, softirqName } from "../irq-times.ts";
import { INTERVAL_AND_OUTPUTS } from "../pacing.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import type { Tool } from "../tool.ts";

/** `beetrace softirqs` */
export const tool: Tool = {
  name: "softirqs",
  summary: "time spent in soft interrupts",
  group: "kernel",
  hasNoTasks: true,
  options: irqOptions("events"),
  positionals: INTERVAL_AND_OUTPUTS,
  examples: [
    ["beetrace softirqs", "their time, until Ctrl-C"],
    ["beetrace softirqs -C 1", "how many there are, each second"],
    ["beetrace softirqs -d -c 1", "as histograms, on processor 1"],
  ],
  hooks: "raw tracepoints softirq_entry, softirq_exit",
  hasHistograms: true,
  plan: (given) => ({
    script: TOOL_SCRIPTS["softirqs/softirqs.bt"],
    intro: `Tracing soft irq ${given.has("events") ? "events" : "event time"}... Hit Ctrl-C to end.`,
    ...irqPlan(given, {
      title: "SOFTIRQ",
      width: 16,
      counts: "events",
      name: softirqName,
    }),
  }),
};
