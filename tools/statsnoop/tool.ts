import { secondsColumn } from "../columns.ts";
import { VERBOSE } from "../options.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import type { Given, Machine, Plan, Tool } from "../tool.ts";
import { syscallNumbers } from "../vfs.ts";

/** By the names of the kernel's functions, as this tool has always shown them. */
const NAMES: Readonly<Record<string, string>> = {
  stat: "newstat",
  lstat: "newlstat",
  statfs: "statfs",
  statx: "statx",
  newfstatat: "newfstatat",
};

/** `beetrace statsnoop` */
export const tool: Tool = {
  name: "statsnoop",
  summary: "files whose status is asked for",
  group: "files",
  options: [
    { long: "timestamp", letter: "t", help: "seconds since the first event" },
    { long: "sysname", letter: "s", help: "which system call it was" },
    { long: "failed", letter: "x", help: "only calls that failed" },
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    VERBOSE,
  ],
  examples: [
    ["beetrace statsnoop", "all"],
    ["beetrace statsnoop -x", "only those of files that are not there, or not to be seen"],
    ["beetrace statsnoop -st", "with the call's name and the time"],
  ],
  hooks: "tracepoints raw_syscalls:sys_{enter,exit}, for stat, lstat, statx, newfstatat, statfs",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const numbers = syscallNumbers(machine, ...Object.keys(NAMES));
  const names = new Map(Object.entries(numbers).map(([name, number]) => [number, NAMES[name] ?? name]));
  return {
    script: TOOL_SCRIPTS["statsnoop/statsnoop.bt"],
    params: { ...numbers, failed: given.has("failed") },
    toRow: ({ syscall, ...row }) => ({ ...row, syscall: names.get(Number(syscall)) ?? null }),
    columns: [
      ...(given.has("timestamp") ? [secondsColumn("TIME(s)", "ns", -13, 9)] : []),
      { title: "PID", field: "pid", width: -7 },
      { title: "COMM", field: "comm", width: -16 },
      { title: "FD", field: "fd", width: 4 },
      { title: "ERR", field: "err", width: 3 },
      ...(given.has("sysname") ? [{ title: "SYSCALL", field: "syscall", width: -12 }] : []),
      { title: "PATH", field: "path", width: 0 },
    ],
  };
}
