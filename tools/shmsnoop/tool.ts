import type { JsonValue } from "@beetrace/output";
import { secondsColumn } from "../columns.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import type { Row, Tool } from "../tool.ts";

type Names = readonly (readonly [name: string, value: number])[];

/** include/uapi/linux/ipc.h, include/uapi/linux/shm.h. */
const SHMGET_FLAGS: Names = [
  ["IPC_CREAT", 0o1000],
  ["IPC_EXCL", 0o2000],
  ["SHM_HUGETLB", 0o4000],
  ["SHM_HUGE_2MB", 21 << 26],
  ["SHM_HUGE_1GB", 30 << 26],
  ["SHM_NORESERVE", 0o10000],
  ["SHM_EXEC", 0o100000],
];
const SHMAT_FLAGS: Names = [
  ["SHM_RDONLY", 0o10000],
  ["SHM_RND", 0o20000],
  ["SHM_REMAP", 0o40000],
  ["SHM_EXEC", 0o100000],
];
const SHMCTL_COMMANDS: Names = [
  ["IPC_RMID", 0],
  ["IPC_SET", 1],
  ["IPC_STAT", 2],
  ["IPC_INFO", 3],
  ["SHM_LOCK", 11],
  ["SHM_UNLOCK", 12],
  ["SHM_STAT", 13],
  ["SHM_INFO", 14],
  ["SHM_STAT_ANY", 15],
];

/** `beetrace shmsnoop` */
export const tool: Tool = {
  name: "shmsnoop",
  summary: "calls for System V shared memory",
  group: "memory",
  options: [
    { long: "timestamp", letter: "T", help: "seconds since the first event" },
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    { long: "tid", letter: "t", argument: "TID", kind: "int", help: "this thread only" },
    { long: "duration", letter: "d", argument: "TIME", help: "end after so many seconds" },
    { long: "name", letter: "n", argument: "TEXT", help: "only tasks whose name contains this" },
  ],
  examples: [
    ["beetrace shmsnoop", "all calls"],
    ["beetrace shmsnoop -n postgres", "of tasks named so"],
  ],
  hooks: "tracepoint syscalls:sys_{enter,exit}_{shmget,shmat,shmdt,shmctl}",
  plan: (given) => ({
    script: TOOL_SCRIPTS["shmsnoop/shmsnoop.bt"],
    toRow: namedArguments,
    columns: [
      ...(given.has("timestamp") ? [secondsColumn("TIME(s)", "ns", -13, 9)] : []),
      { title: given.has("tid") ? "TID" : "PID", field: given.has("tid") ? "tid" : "pid", width: -6 },
      { title: "COMM", field: "comm", width: -16 },
      { title: "SYS", field: "sys", width: 6 },
      { title: "RET", field: "ret", width: 16, text: hex },
      { title: "ARGs", field: "args", width: 0 },
    ],
  }),
};

/** The arguments as text, with the names of flags and commands. */
function namedArguments({ first, second, third, ...call }: Row): Row {
  return { ...call, args: argumentText(String(call.sys), first, second, third) };
}

function argumentText(call: string, first: JsonValue, second: JsonValue, third: JsonValue): string {
  switch (call) {
    case "SHMGET":
      return `key: 0x${hex(first)}, size: ${second}, shmflg: ${flagText(third, SHMGET_FLAGS)}`;
    case "SHMAT":
      return `shmid: 0x${hex(first)}, shmaddr: 0x${hex(second)}, shmflg: ${flagText(third, SHMAT_FLAGS)}`;
    case "SHMDT":
      return `shmaddr: 0x${hex(first)}`;
    default:
      return `shmid: 0x${hex(first)}, cmd: ${second} (${commandText(second)}), buf: 0x${hex(third)}`;
  }
}

/** As C's `%lx`. */
function hex(value: JsonValue): string {
  return BigInt.asUintN(64, BigInt(value as number | string)).toString(16);
}

function commandText(command: JsonValue): string {
  return SHMCTL_COMMANDS.find(([, value]) => value === command)?.[0] ?? `0x${hex(command)}`;
}

/** `0x3b6 (IPC_CREAT|0666)`: what has no name is octal, as modes are. */
function flagText(value: JsonValue, names: Names): string {
  const flags = Number(value);
  const known = names.filter(([, bit]) => (flags & bit) !== 0);
  const rest = known.reduce((left, [, bit]) => left & ~bit, flags);
  if (flags === 0) return "0x0";
  const parts = [...known.map(([name]) => name), ...(rest !== 0 ? [`0${rest.toString(8)}`] : [])];
  return `0x${hex(value)} (${parts.join("|")})`;
}
