import type { Block } from "../blocks.ts";
import type { Column } from "../columns.ts";
import { VERBOSE } from "../options.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import type { Given, Machine, MapEntries, Plan, Row, Tool } from "../tool.ts";
import { INTERVAL_AND_COUNT, intervalMs } from "../top.ts";
import { functionHook, hookedBy, syscallNumbers } from "../vfs.ts";

/** `beetrace vfsstat` */
export const tool: Tool = {
  name: "vfsstat",
  summary: "calls of the file system layer: reads, writes, opens and others, each second",
  group: "files",
  options: [{ long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" }, VERBOSE],
  positionals: INTERVAL_AND_COUNT,
  examples: [
    ["beetrace vfsstat", "each second"],
    ["beetrace vfsstat -p 185", "of a process"],
    ["beetrace vfsstat 2 5", "five times, two seconds each"],
  ],
  hooks:
    "fentry, else kprobe vfs_{read,write,fsync_range,open,create,unlink,mkdir,rmdir}; else tracepoints " +
    "raw_syscalls:sys_{enter,exit}, by which the same calls are told apart",
  plan,
};

const CALLS = ["read", "write", "fsync", "open", "create", "unlink", "mkdir", "rmdir"] as const;

/** Those that come to these functions. */
const SYSCALLS = [
  ...["read", "pread64", "write", "pwrite64", "fsync", "fdatasync"],
  ...["open", "openat", "openat2", "creat", "mknod", "mknodat"],
  ...["unlink", "unlinkat", "mkdir", "mkdirat", "rmdir"],
];

function plan(given: Given, machine: Machine): Plan {
  const interval = intervalMs(given);
  return {
    ...hooks(machine),
    columns: columns(interval / 1000),
    screen: {
      maps: CALLS.map((name) => `@${name}`),
      intervalMs: interval,
      ...(given.has("count") ? { count: given.int("count") ?? 0 } : {}),
      blocks: (maps, { time, elapsedMs }): readonly Block[] => {
        const counts = CALLS.map((name) => [name, total(maps(`@${name}`))] as const);
        const row: Row = { time, seconds: Math.round(elapsedMs) / 1000, ...Object.fromEntries(counts) };
        return [{ kind: "rows", rows: [row] }];
      },
    },
  };
}

function hooks(machine: Machine): Pick<Plan, "script" | "params" | "notice"> {
  const functions = CALLS.map((name) => `vfs_${name === "fsync" ? "fsync_range" : name}`);
  const hook = functionHook(machine, ...functions);
  if (hook !== undefined) return { script: hookedBy(hook, TOOL_SCRIPTS["vfsstat/functions.bt"]) };
  return {
    script: TOOL_SCRIPTS["vfsstat/syscalls.bt"],
    params: syscallNumbers(machine, ...SYSCALLS),
    notice:
      "This kernel has neither kprobes nor fentry: counted are system calls that come to these functions, not calls from " +
      "within the kernel. CREATE/s has the files that open() made.",
  };
}

function total({ entries }: MapEntries): number {
  return Number(entries[0]?.value ?? 0);
}

/** As many a second, in whole numbers. */
function columns(seconds: number): readonly Column[] {
  return [
    { title: "TIME", field: "time", width: -10, text: (time) => `${time}:` },
    ...CALLS.map((name) => ({
      title: `${name.toUpperCase()}/s`,
      field: name,
      width: 8,
      text: (count: unknown) => String(Math.floor(Number(count) / seconds)),
    })),
  ];
}
