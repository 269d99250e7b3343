import { VERBOSE } from "../options.ts";
import { pathJoiner } from "../paths.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { clockColumn } from "../times.ts";
import type { Given, Machine, Plan, Tool } from "../tool.ts";
import { functionHook, hookedBy, syscallNumbers } from "../vfs.ts";

/** `beetrace filelife` */
export const tool: Tool = {
  name: "filelife",
  summary: "files that are made and deleted: how long they lived",
  group: "files",
  options: [
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "what this process makes and deletes only" },
    { long: "full-path", letter: "F", help: "the whole path" },
    VERBOSE,
  ],
  examples: [
    ["beetrace filelife", "all files that are deleted and were made meanwhile"],
    ["beetrace filelife -F", "with their paths"],
    ["beetrace filelife -p 181", "of a process"],
  ],
  hooks:
    "fentry, else kprobe vfs_create, vfs_open, vfs_unlink and fexit, else kretprobe vfs_unlink; else tracepoints " +
    "raw_syscalls:sys_{enter,exit}, for open, unlink and rename",
  plan,
};

const SYSCALLS = [
  ...["open", "openat", "openat2", "creat"],
  ...["unlink", "unlinkat", "rename", "renameat", "renameat2"],
];

function plan(given: Given, machine: Machine): Plan {
  const { script, params } = hooks(machine);
  return {
    script,
    params: { ...params, "full-path": given.has("full-path") },
    toRow: pathJoiner("file"),
    columns: [
      clockColumn(),
      { title: "PID", field: "pid", width: -7 },
      { title: "COMM", field: "comm", width: -16 },
      { title: "AGE(s)", field: "age_ns", width: -7, text: (ns) => (Number(ns) / 1e9).toFixed(2) },
      { title: "FILE", field: "file", width: 0 },
    ],
  };
}

function hooks(machine: Machine): Pick<Plan, "script" | "params"> {
  const hook = functionHook(machine, "vfs_create", "vfs_open", "vfs_unlink");
  if (hook !== undefined) return { script: hookedBy(hook, TOOL_SCRIPTS["filelife/functions.bt"]) };
  return { script: TOOL_SCRIPTS["filelife/syscalls.bt"], params: syscallNumbers(machine, ...SYSCALLS) };
}
