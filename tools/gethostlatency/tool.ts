import { TOOL_SCRIPTS } from "../scripts.ts";
import { clockColumn } from "../times.ts";
import type { Given, Machine, Plan, Tool } from "../tool.ts";
import { commColumn, milliseconds } from "../units.ts";

/** `beetrace gethostlatency` */
export const tool: Tool = {
  name: "gethostlatency",
  summary: "names of hosts that are looked up, and how long that takes",
  group: "network",
  options: [
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    { long: "libc", letter: "l", argument: "FILE", help: "another C library: that of a container" },
  ],
  examples: [
    ["beetrace gethostlatency", "all look-ups"],
    ["beetrace gethostlatency -p 1234", "of a process"],
  ],
  hooks: "uprobe and uretprobe libc:getaddrinfo, gethostbyname, gethostbyname2",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  return {
    script: TOOL_SCRIPTS["gethostlatency/gethostlatency.bt"].replaceAll(
      "LIBC",
      machine.binary(given.text("libc") ?? "c"),
    ),
    columns: [
      clockColumn(-9),
      { title: "PID", field: "pid", width: -7 },
      commColumn(16),
      { title: "LATms", field: "latency_ns", width: 10, text: milliseconds(2) },
      { title: "HOST", field: "host", width: 0 },
    ],
  };
}
