import { readFileSync } from "node:fs";
import type { JsonValue } from "@beetrace/output";
import { errnoNamed } from "@beetrace/std";
import type { Block } from "../blocks.ts";
import type { Column } from "../columns.ts";
import { DETACHING, pacing } from "../pacing.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import {
  type Answer,
  type Given,
  type Machine,
  type MapEntries,
  type Plan,
  type Row,
  type Tool,
  ToolError,
} from "../tool.ts";

const TOP = 10;
/** Processes that are counted at once, as BCC's maps have room for. */
const MAP_KEYS = 10240;

/** `beetrace syscount` */
export const tool: Tool = {
  name: "syscount",
  summary: "system calls, counted and timed",
  group: "kernel",
  options: [
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    { long: "tid", letter: "t", argument: "TID", kind: "int", help: "this thread only" },
    { long: "ppid", letter: "c", argument: "PID", kind: "int", help: "only children of this process" },
    { long: "interval", letter: "i", argument: "TIME", help: "show what was counted so often" },
    { long: "duration", letter: "d", argument: "TIME", help: "end after this time" },
    { long: "top", letter: "T", argument: "N", kind: "int", help: `so many lines (default ${TOP})` },
    { long: "failures", letter: "x", help: "only calls that failed" },
    { long: "errno", letter: "e", argument: "ERROR", help: "only calls with this error: EPERM or 1" },
    { long: "latency", letter: "L", help: "how long they took" },
    { long: "milliseconds", letter: "m", help: "that in milliseconds" },
    { long: "process", letter: "P", help: "by process, not by call" },
    { long: "list", letter: "l", help: "list the calls that are known, and end" },
    { long: "syscall", argument: "NAME", help: "this call only" },
    { long: "exec", argument: "COMMAND…", kind: "rest", help: "run this command and trace it only" },
  ],
  examples: [
    ["beetrace syscount", "until Ctrl-C"],
    ["beetrace syscount -i 1 -P", "each second, by process"],
    ["beetrace syscount -L -x", "calls that failed, with their time"],
    ["beetrace syscount --exec ls /", "of a command"],
  ],
  hooks: "tracepoint raw_syscalls:sys_exit; with -L raw_syscalls:sys_enter",
  plan,
};

function plan(given: Given, machine: Machine): Plan | Answer {
  const names = machine.syscalls();
  if (given.has("list")) return { answer: listing(names) };
  if (given.has("pid") && given.has("exec")) throw new ToolError("--pid and --exec exclude each other");
  const latency = given.has("latency");
  return {
    script: TOOL_SCRIPTS["syscount/syscount.bt"] + (latency ? TOOL_SCRIPTS["syscount/latency.bt"] : ""),
    config: { max_map_keys: MAP_KEYS },
    params: {
      latency,
      process: given.has("process"),
      failures: given.has("failures"),
      errno: errorNumber(given.text("errno")),
      ppid: given.int("ppid") ?? 0,
      syscall: callNumber(names, given.text("syscall")),
    },
    intro: intro(given),
    ...(given.has("exec") ? { command: given.text("exec") ?? "" } : {}),
    screen: {
      maps: ["@calls", "@comms"],
      ...pacing(given),
      blocks: (maps, { time, isLast }) => {
        const rows = rowsOf(given, names, maps("@calls"), maps("@comms"));
        const table: Block = { kind: "table", columns: columns(given), rows };
        return [
          { kind: "lines", text: `[${time}]\n` },
          table,
          { kind: "lines", text: "\n" },
          ...(isLast ? [DETACHING] : []),
        ];
      },
    },
  };
}

function intro(given: Given): string {
  const failed = given.has("failures") ? "failed " : "";
  const call = given.text("syscall");
  if (call !== undefined) return `Tracing ${failed}syscall '${call}'... Ctrl+C to quit.`;
  return `Tracing ${failed}syscalls, printing top ${given.int("top") ?? TOP}... Ctrl+C to quit.`;
}

/** Four a line, by name. */
function listing(names: readonly string[]): string {
  const sorted = names.filter((name) => name !== "").sort();
  let text = "";
  for (let at = 0; at < sorted.length; at += 4)
    text += `${sorted
      .slice(at, at + 4)
      .map((name) => name.padEnd(22))
      .join("   ")}\n`;
  return text;
}

function callNumber(names: readonly string[], name: string | undefined): number {
  if (name === undefined) return -1;
  const number = names.indexOf(name);
  if (number < 0) throw new ToolError(`there is no system call '${name}'`, "beetrace syscount -l lists them");
  return number;
}

function errorNumber(text: string | undefined): number {
  if (text === undefined) return 0;
  const number = /^-?\d+$/.test(text) ? Math.abs(Number(text)) : errnoNamed(text);
  if (number === undefined || number === 0) throw new ToolError(`--errno: there is no error '${text}'`);
  return number;
}

function columns(given: Given): readonly Column[] {
  const unit = given.has("milliseconds") ? "ms" : "us";
  return [
    given.has("process")
      ? { title: "PID    COMM", field: "pid", width: -22, text: (pid, { comm }) => `${String(pid).padEnd(6)} ${comm}` }
      : { title: "SYSCALL", field: "syscall", width: -22 },
    { title: "COUNT", field: "count", width: 8 },
    ...(given.has("latency")
      ? [{ title: `TIME (${unit})`, field: `time_${unit}`, width: 16, text: decimals(unit) }]
      : []),
  ];
}

function decimals(unit: "ms" | "us"): (value: JsonValue) => string {
  return (value) => Number(value).toFixed(unit === "ms" ? 6 : 3);
}

/** The most, by count or by time. */
function rowsOf(given: Given, names: readonly string[], calls: MapEntries, comms: MapEntries): readonly Row[] {
  const latency = given.has("latency");
  const [unit, unitNs] = given.has("milliseconds") ? ["time_ms", 1e6] : ["time_us", 1e3];
  const known = new Map(comms.entries.map(({ key, value }) => [key, value]));
  return calls.entries
    .map(({ key, value }) => {
      const { count, total } = latency ? (value as { count: number; total: number }) : { count: value, total: 0 };
      const who: Row = given.has("process")
        ? { pid: key, comm: commOf(Number(key)) ?? known.get(key) ?? "[unknown]" }
        : { syscall: names[Number(key)] || `[unknown: ${key}]` };
      return {
        order: Number(latency ? total : count),
        row: { ...who, count, ...(latency ? { [unit]: total / unitNs } : {}) },
      };
    })
    .sort((a, b) => b.order - a.order)
    .slice(0, given.int("top") ?? TOP)
    .map(({ row }) => row);
}

/** What a process is called now, if it still runs. */
function commOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trimEnd();
  } catch {
    return undefined;
  }
}
