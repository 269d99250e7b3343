import type { JsonValue } from "@beetrace/output";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { signalMask, signalWord } from "../signals.ts";
import { clockColumn } from "../times.ts";
import type { Given, Plan, Tool } from "../tool.ts";

/** `beetrace sigsnoop` */
export const tool: Tool = {
  name: "sigsnoop",
  summary: "signals that are sent, by whomever and however",
  group: "processes",
  options: [
    { long: "failed", letter: "x", help: "only those that were not delivered; with -k calls that failed" },
    { long: "kill", letter: "k", help: "only those of kill(), tkill() and tgkill(), with the result of the call" },
    { long: "pid", letter: "p", argument: "PID", kind: "ints", help: "sent by this process only" },
    { long: "signal", letter: "s", argument: "SIGNALS", help: "only these: 9 or 9,15 or KILL,TERM" },
    { long: "signal-name", letter: "n", help: "signals by name" },
  ],
  examples: [
    ["beetrace sigsnoop", "all signals"],
    ["beetrace sigsnoop -n -s SEGV,ABRT", "who crashes"],
    ["beetrace sigsnoop -k -x", "calls of kill() that failed"],
  ],
  hooks: "raw tracepoint signal_generate; with -k also tracepoints syscalls:sys_{enter,exit}_{kill,tkill,tgkill}",
  plan,
};

/** TRACE_SIGNAL_*, include/trace/events/signal.h. */
const RESULTS = ["delivered", "ignored", "pending", "overflow", "lost-info"];

function plan(given: Given): Plan {
  const kill = given.has("kill");
  return {
    script: TOOL_SCRIPTS[kill ? "sigsnoop/kill.bt" : "sigsnoop/all.bt"],
    params: { failed: given.has("failed"), signals: String(signalMask(given.text("signal"))) },
    columns: [
      clockColumn(),
      { title: "PID", field: "pid", width: -7 },
      { title: "COMM", field: "comm", width: -16 },
      { title: "SIG", field: "signal", width: -12, ...(given.has("signal-name") ? { text: signalName } : {}) },
      { title: "TPID", field: "tpid", width: -7 },
      { title: "TCOMM", field: "tcomm", width: -16 },
      { title: "RESULT", field: "result", width: -6, text: (result) => (result === RESULTS[0] ? "0" : String(result)) },
    ],
    ...(kill ? {} : { toRow: (row) => ({ ...row, result: RESULTS[Number(row.result)] ?? row.result }) }),
  };
}

/** Those of programs' own have none. */
function signalName(signal: JsonValue): string {
  const word = signalWord(Number(signal));
  return word === undefined ? (signal === 0 ? "N/A" : `SIGNAL-${signal}`) : `SIG${word}`;
}
