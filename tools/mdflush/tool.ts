import { TOOL_SCRIPTS } from "../scripts.ts";
import { clockColumn } from "../times.ts";
import type { Tool } from "../tool.ts";
import { commColumn } from "../units.ts";

/** `beetrace mdflush` */
export const tool: Tool = {
  name: "mdflush",
  summary: "flushes that software RAID is asked for",
  group: "disks",
  options: [],
  examples: [
    ["beetrace mdflush", "all of them"],
    ["beetrace mdflush --name postgres", "of tasks named so"],
  ],
  hooks: "raw tracepoint block_bio_queue",
  plan: () => ({
    script: TOOL_SCRIPTS["mdflush/mdflush.bt"],
    intro: "Tracing md flush requests... Hit Ctrl-C to end.",
    columns: [
      clockColumn(),
      { title: "PID", field: "pid", width: -7 },
      commColumn(16),
      { title: "DEVICE", field: "device", width: 0 },
    ],
  }),
};
