import { readFileSync } from "node:fs";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { signalMask } from "../signals.ts";
import { clockColumn } from "../times.ts";
import type { Given, Plan, Tool } from "../tool.ts";

/** `beetrace killsnoop` */
export const tool: Tool = {
  name: "killsnoop",
  summary: "signals that are sent by kill()",
  group: "processes",
  options: [
    { long: "failed", letter: "x", help: "only calls that failed" },
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "sent by this process only" },
    { long: "tpid", letter: "T", argument: "PID", kind: "int", help: "sent to this process only" },
    { long: "signal", letter: "s", argument: "SIGNALS", help: "only these: 9 or 9,15 or KILL,TERM" },
  ],
  examples: [
    ["beetrace killsnoop", "all signals that are sent"],
    ["beetrace killsnoop -s 9", "who kills whom"],
    ["beetrace killsnoop -x", "calls that failed"],
  ],
  hooks: "tracepoint syscalls:sys_{enter,exit}_kill",
  plan,
};

function plan(given: Given): Plan {
  const width = -pidDigits() - 1;
  return {
    script: TOOL_SCRIPTS["killsnoop/killsnoop.bt"],
    params: {
      failed: given.has("failed"),
      "by-target": given.has("tpid"),
      tpid: given.int("tpid") ?? 0,
      signals: String(signalMask(given.text("signal"))),
    },
    columns: [
      clockColumn(-9),
      { title: "PID", field: "pid", width },
      { title: "COMM", field: "comm", width: -16 },
      { title: "SIG", field: "signal", width: -4 },
      { title: "TPID", field: "tpid", width },
      { title: "RESULT", field: "result", width: 0 },
    ],
  };
}

/** How many digits process numbers have at most. */
function pidDigits(): number {
  try {
    return readFileSync("/proc/sys/kernel/pid_max", "utf8").trim().length;
  } catch {
    return 5;
  }
}
