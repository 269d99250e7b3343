import type { JsonValue } from "@beetrace/output";
import type { Column } from "../columns.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { signalWord } from "../signals.ts";
import type { Given, Row, Tool } from "../tool.ts";

/** `beetrace exitsnoop` */
export const tool: Tool = {
  name: "exitsnoop",
  summary: "processes that end: how old they were, and why",
  group: "processes",
  options: [
    { long: "timestamp", letter: "t", help: "the time of day, local" },
    { long: "utc", help: "the time of day, UTC" },
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only; ends with it" },
    { long: "label", argument: "TEXT", help: "a word in front of each line" },
    { long: "failed", letter: "x", help: "only those that failed or were killed" },
    { long: "per-thread", letter: "T", also: ["threaded"], help: "threads too" },
  ],
  examples: [
    ["beetrace exitsnoop", "all processes that end"],
    ["beetrace exitsnoop -x", "those that failed"],
    ["beetrace exitsnoop --per-thread -p 1234", "the threads of a process"],
  ],
  hooks: "raw tracepoint sched_process_exit",
  plan: (given) => ({
    script: TOOL_SCRIPTS["exitsnoop/exitsnoop.bt"],
    params: { failed: given.has("failed"), "per-thread": given.has("per-thread") },
    columns: columns(given),
  }),
};

function columns(given: Given): readonly Column[] {
  const hasTime = given.has("timestamp") || given.has("utc");
  return [
    ...(hasTime ? [timeColumn(given.has("utc"))] : []),
    ...(given.has("label")
      ? [{ title: "LABEL", field: "", width: -5, text: () => given.text("label") || "exit" }]
      : []),
    { title: "PCOMM", field: "comm", width: -16 },
    { title: "PID", field: "pid", width: -7 },
    { title: "PPID", field: "ppid", width: -7 },
    { title: "TID", field: "tid", width: -7 },
    { title: "AGE(s)", field: "age_ns", width: -7, text: (ns) => (Number(ns) / 1e9).toFixed(2) },
    { title: "EXIT_CODE", field: "code", width: -10, text: reason },
  ];
}

/** `12:34:56.789`, under the name of the time zone. */
function timeColumn(isUtc: boolean): Column {
  const zone = isUtc ? { timeZone: "UTC" } : {};
  const format = new Intl.DateTimeFormat("en-GB", {
    ...zone,
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    timeZoneName: "short",
  });
  const part = (kind: string) => format.formatToParts().find(({ type }) => type === kind)?.value ?? "";
  const text = () => `${part("hour")}:${part("minute")}:${part("second")}.${part("fractionalSecond")}`;
  return { title: `TIME-${isUtc ? "UTC" : part("timeZoneName")}`, field: "", width: -12, text };
}

/** `0`, `code 1`, `signal 11 (SEGV), core dumped`: see wait(2). */
function reason(code: JsonValue, { signal, core_dumped: dumped }: Row): string {
  const number = Number(signal);
  if (number === 0) return code === 0 ? "0" : `code ${code}`;
  return `signal ${number} (${signalWord(number) ?? "unknown"})${dumped ? ", core dumped" : ""}`;
}
