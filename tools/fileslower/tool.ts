import { cut } from "../columns.ts";
import { BY_SYSCALLS } from "../file-io.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { sinceStartColumn } from "../times.ts";
import { type Given, type Machine, type Plan, type Tool, ToolError } from "../tool.ts";
import { milliseconds } from "../units.ts";
import { functionHook, hookedBy, syscallNumbers } from "../vfs.ts";

const MIN_MS = 10;

/** `beetrace fileslower` */
export const tool: Tool = {
  name: "fileslower",
  summary: "reads and writes of files that take long",
  group: "files",
  options: [
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    { long: "all-files", letter: "a", help: "what is no regular file too: sockets, pipes" },
  ],
  positionals: [
    { name: "min_ms", kind: "number", help: `milliseconds from which on they are shown; default ${MIN_MS}` },
  ],
  examples: [
    ["beetrace fileslower", `${MIN_MS} ms or longer`],
    ["beetrace fileslower 1", "1 ms or longer"],
    ["beetrace fileslower -p 185 0", "all of a process"],
  ],
  hooks:
    "fentry and fexit, else kprobe and kretprobe vfs_read, vfs_write; else tracepoints raw_syscalls:sys_{enter,exit}",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const least = given.int("min_ms") ?? MIN_MS;
  if (least < 0) throw new ToolError("min_ms has to be 0 or more");
  const { script, params, notice } = probes(machine);
  return {
    script: TOOL_SCRIPTS["fileslower/slow.bt"] + script,
    params: { ...params, all: given.has("all-files"), min: Math.round(least * 1e6) },
    ...(notice === undefined ? {} : { notice }),
    intro: `Tracing sync read/writes slower than ${least} ms`,
    columns: [
      sinceStartColumn(-8, 3),
      { title: "COMM", field: "comm", width: -14, text: cut(14) },
      { title: "TID", field: "tid", width: -6 },
      { title: "D", field: "operation", width: 1 },
      { title: "BYTES", field: "bytes", width: -7 },
      { title: "LAT(ms)", field: "latency_ns", width: 7, text: milliseconds(2) },
      { title: "FILENAME", field: "file", width: 0 },
    ],
  };
}

function probes(machine: Machine): Pick<Plan, "script" | "params" | "notice"> {
  const hook = functionHook(machine, "vfs_read", "vfs_write");
  if (hook !== undefined) return { script: hookedBy(hook, TOOL_SCRIPTS["fileslower/functions.bt"]) };
  const params = syscallNumbers(machine, "read", "pread64", "write", "pwrite64");
  return { script: TOOL_SCRIPTS["fileslower/syscalls.bt"], params, notice: BY_SYSCALLS };
}
