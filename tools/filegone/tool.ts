import { TOOL_SCRIPTS } from "../scripts.ts";
import { clockColumn } from "../times.ts";
import type { Machine, Plan, Row, Tool } from "../tool.ts";
import { functionHook, hookedBy, syscallNumbers } from "../vfs.ts";

/** `beetrace filegone` */
export const tool: Tool = {
  name: "filegone",
  summary: "files and folders that are deleted or renamed, and by whom",
  group: "files",
  options: [{ long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" }],
  examples: [
    ["beetrace filegone", "all"],
    ["beetrace filegone -p 181", "by a process"],
  ],
  hooks:
    "fentry and fexit, else kprobe and kretprobe vfs_unlink, vfs_rmdir, vfs_rename; else tracepoints " +
    "raw_syscalls:sys_{enter,exit}",
  plan: (_, machine) => ({
    ...hooks(machine),
    toRow,
    columns: [
      clockColumn(),
      { title: "PID", field: "pid", width: -7 },
      { title: "COMM", field: "comm", width: -16 },
      { title: "ACTION", field: "action", width: 6 },
      {
        title: "FILE",
        field: "file",
        width: 0,
        text: (file, { new_name }) => (new_name === null ? String(file) : `${file} > ${new_name}`),
      },
    ],
  }),
};

function hooks(machine: Machine): Pick<Plan, "script" | "params"> {
  const hook = functionHook(machine, "vfs_unlink", "vfs_rmdir", "vfs_rename");
  if (hook !== undefined) return { script: hookedBy(hook, TOOL_SCRIPTS["filegone/functions.bt"]) };
  const params = syscallNumbers(machine, "unlink", "unlinkat", "rmdir", "rename", "renameat", "renameat2");
  return { script: TOOL_SCRIPTS["filegone/syscalls.bt"], params };
}

/** Names without the slash that a path may end in. */
function toRow({ file, new_name, ...row }: Row): Row {
  const name = (text: unknown) => String(text).replace(/\/+$/, "");
  return { ...row, file: name(file), new_name: row.action === "RENAME" ? name(new_name) : null };
}
