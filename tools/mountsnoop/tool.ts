import type { Column } from "../columns.ts";
import { VERBOSE } from "../options.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { clockColumn } from "../times.ts";
import type { Given, Machine, Plan, Row, Tool } from "../tool.ts";
import { syscallNumbers } from "../vfs.ts";
import { callFields, callText, type MountCall, resultText } from "./calls.ts";

/** `beetrace mountsnoop` */
export const tool: Tool = {
  name: "mountsnoop",
  summary: "file systems that are mounted and unmounted",
  group: "files",
  options: [
    { long: "parent_process", letter: "P", help: "the parent's name and number" },
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    { long: "timestamp", letter: "t", help: "the time of day" },
    { long: "detailed", letter: "d", help: "a line for each field" },
    VERBOSE,
  ],
  examples: [
    ["beetrace mountsnoop", "all"],
    ["beetrace mountsnoop -P", "with who has started the one that mounts"],
    ["beetrace mountsnoop -d", "a line for each field"],
  ],
  hooks: "tracepoints raw_syscalls:sys_{enter,exit}, for mount, umount, fsopen, fsconfig, fsmount, move_mount",
  plan,
};

const CALLS = ["mount", "umount2", "fsopen", "fsconfig", "fsmount", "move_mount"];

function plan(given: Given, machine: Machine): Plan {
  const numbers = syscallNumbers(machine, ...CALLS);
  const names = new Map(Object.entries(numbers).map(([name, number]) => [number, name.replace("2", "")]));
  return {
    script: TOOL_SCRIPTS["mountsnoop/mountsnoop.bt"],
    params: numbers,
    toRow: (record) => toRow(record, names),
    ...(given.has("detailed") ? detailed(given) : { columns: columns(given) }),
  };
}

function toRow({ call, ret, numbers, texts, ...row }: Row, names: ReadonlyMap<number, string>): Row {
  const made = { call: names.get(Number(call)), ret, numbers, texts } as unknown as MountCall;
  return { ...row, op: made.call, ret: made.ret, arguments: callFields(made), call: callText(made) };
}

function columns(given: Given): readonly Column[] {
  return [
    ...(given.has("timestamp") ? [clockColumn()] : []),
    { title: "COMM", field: "comm", width: -16 },
    { title: "PID", field: "pid", width: -7 },
    { title: "TID", field: "tid", width: -7 },
    ...(given.has("parent_process")
      ? [
          { title: "PCOMM", field: "pcomm", width: -16 },
          { title: "PPID", field: "ppid", width: -7 },
        ]
      : []),
    { title: "MNT_NS", field: "mnt_ns", width: -11 },
    { title: "CALL", field: "call", width: 0 },
  ];
}

/** A blank line, or the time, and under it the fields. */
function detailed(given: Given): Pick<Plan, "columns" | "below"> {
  const time = { ...clockColumn(0), title: "" };
  const indent = given.has("timestamp") ? "    " : "";
  return {
    columns: given.has("timestamp") ? [time] : [],
    below: (row) =>
      fieldLines(row)
        .map((line) => indent + line)
        .join(""),
  };
}

function fieldLines(row: Row): readonly string[] {
  const own = Object.entries(row.arguments as Row).map(([name, value]) => [name.toUpperCase(), String(value)]);
  const all = [
    ["PID", String(row.pid)],
    ["TID", String(row.tid)],
    ["COMM", String(row.comm)],
    ["OP", String(row.op).toUpperCase()],
    ["RET", resultText(Number(row.ret))],
    ["LAT", `${Math.floor(Number(row.latency_ns) / 1000)}us`],
    ["MNT_NS", String(row.mnt_ns)],
    ...own,
  ];
  const width = Math.max(...all.map(([name = ""]) => name.length)) + 2;
  return all.map(([name, value]) => `${`${name}:`.padEnd(width)}${value}`.trimEnd()).map((line) => `${line}\n`);
}
