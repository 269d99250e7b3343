import { secondsColumn } from "../columns.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import type { Machine, Tool } from "../tool.ts";

/** `beetrace threadsnoop` */
export const tool: Tool = {
  name: "threadsnoop",
  summary: "threads that are made by pthread_create()",
  group: "processes",
  options: [],
  examples: [
    ["beetrace threadsnoop", "all new threads"],
    ["beetrace threadsnoop --name java", "of tasks named so"],
  ],
  hooks: "uprobe libc:pthread_create (libpthread before glibc 2.34)",
  plan: (_, machine) => ({
    script: TOOL_SCRIPTS["threadsnoop/threadsnoop.bt"].replaceAll("LIBRARY", library(machine)),
    columns: [
      secondsColumn("TIME(ms)", "ns", -10, 0, 1e6),
      { title: "PID", field: "pid", width: -7 },
      { title: "COMM", field: "comm", width: -16 },
      { title: "FUNC", field: "func", width: 0 },
    ],
  }),
};

/** Since glibc 2.34 threads are in libc itself; libpthread is empty. */
function library(machine: Machine): string {
  const libc = machine.binary("c");
  return machine.userFunctions(libc, "pthread_create").length > 0 ? libc : machine.binary("pthread");
}
