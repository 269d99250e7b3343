import { TOOL_SCRIPTS } from "../scripts.ts";
import type { Tool } from "../tool.ts";

/** `beetrace pidpersec` */
export const tool: Tool = {
  name: "pidpersec",
  summary: "new processes and threads each second",
  group: "processes",
  options: [],
  examples: [
    ["beetrace pidpersec", "all"],
    ["beetrace pidpersec --name make", "begun by a task of this name"],
  ],
  hooks: "raw tracepoint sched_process_fork",
  plan: () => ({
    script: TOOL_SCRIPTS["pidpersec/pidpersec.bt"],
    intro: "Tracing... Ctrl-C to end.",
    screen: {
      maps: ["@forks"],
      intervalMs: 1000,
      blocks: (maps, { time, isLast }) => {
        const count = Number(maps("@forks").entries[0]?.value ?? 0);
        // The last is less than a second: no rate, though its count is one.
        const text = isLast ? "" : `${time}: PIDs/sec: ${count}\n`;
        return [{ kind: "lines", text, rows: [{ time, count }] }];
      },
    },
  }),
};
