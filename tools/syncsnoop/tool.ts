import { VERBOSE } from "../options.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import type { Tool } from "../tool.ts";
import { syscallNumbers } from "../vfs.ts";

const CALLS = ["sync", "fsync", "fdatasync", "msync", "sync_file_range", "syncfs"];

/** `beetrace syncsnoop` */
export const tool: Tool = {
  name: "syncsnoop",
  summary: "calls that write files to the disk: sync, fsync and others",
  group: "files",
  options: [VERBOSE],
  examples: [
    ["beetrace syncsnoop", "all"],
    ["beetrace syncsnoop --name postgres", "by tasks of this name"],
  ],
  hooks: "tracepoint raw_syscalls:sys_enter, for sync, fsync, fdatasync, msync, sync_file_range, syncfs",
  plan: (_, machine) => {
    const numbers = syscallNumbers(machine, ...CALLS);
    const names = new Map(Object.entries(numbers).map(([name, number]) => [number, name]));
    return {
      script: TOOL_SCRIPTS["syncsnoop/syncsnoop.bt"],
      params: numbers,
      toRow: ({ call, ...row }) => ({ ...row, call: names.get(Number(call)) ?? null }),
      columns: [
        { title: "TIME(s)", field: "ns", width: -18, text: (ns) => (Number(ns) / 1e9).toFixed(9) },
        { title: "COMM", field: "comm", width: -16 },
        { title: "CALL", field: "call", width: -16 },
      ],
    };
  },
};
