import { irqOptions, irqPlan } from "../irq-times.ts";
import { INTERVAL_AND_OUTPUTS } from "../pacing.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import type { Tool } from "../tool.ts";

/** `beetrace hardirqs` */
export const tool: Tool = {
  name: "hardirqs",
  summary: "time spent in hardware interrupts",
  group: "kernel",
  hasNoTasks: true,
  options: irqOptions("count"),
  positionals: INTERVAL_AND_OUTPUTS,
  examples: [
    ["beetrace hardirqs", "their time, until Ctrl-C"],
    ["beetrace hardirqs -C 1", "how many there are, each second"],
    ["beetrace hardirqs -d -c 1", "as histograms, on processor 1"],
  ],
  hooks: "raw tracepoints irq_handler_entry, irq_handler_exit",
  hasHistograms: true,
  plan: (given) => ({
    script: TOOL_SCRIPTS["hardirqs/hardirqs.bt"],
    intro: `Tracing hard irq ${given.has("count") ? "events" : "event time"}... Hit Ctrl-C to end.`,
    ...irqPlan(given, { title: "HARDIRQ", width: 26, counts: "count", name: String }),
  }),
};
