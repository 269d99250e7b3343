/** Reads and writes of files: how they are hooked, and tables of them. */
import type { JsonStats } from "@beetrace/output";
import type { Row } from "./columns.ts";
import { TOOL_SCRIPTS } from "./scripts.ts";
import { type Given, type Machine, type MapEntries, type Plan, ToolError, type ToolOption } from "./tool.ts";
import { functionHook, hookedBy, syscallNumbers } from "./vfs.ts";

/** For tools' descriptions of what they hook. */
export const FILE_IO_HOOKS = "fentry, else kprobe vfs_read, vfs_write; else tracepoint raw_syscalls:sys_enter";

/** What is said where system calls stand in for the functions. */
export const BY_SYSCALLS =
  "This kernel has neither kprobes nor fentry: read(), write(), pread() and pwrite() are followed, not what the kernel " +
  "reads and writes by itself.";

/**
 * Probes that call the script's macro `file_io(@reads or @writes, file, bytes)` with each file (`struct file *`) that is
 * read or written. The script imports open-files.bt.
 */
export function fileIoProbes(
  machine: Machine,
  { reads = true, writes = true }: { readonly reads?: boolean; readonly writes?: boolean },
): Required<Pick<Plan, "script" | "params">> & Pick<Plan, "notice"> {
  const functions = [...(reads ? ["vfs_read"] : []), ...(writes ? ["vfs_write"] : [])];
  const hook = functionHook(machine, ...functions);
  if (hook === undefined)
    return {
      script: `\n${TOOL_SCRIPTS["file-io-syscalls.bt"]}`,
      params: { ...syscallNumbers(machine, "read", "pread64", "write", "pwrite64"), reads, writes },
      notice: BY_SYSCALLS,
    };
  const probes = functions.map((name) => {
    const map = name === "vfs_read" ? "@reads" : "@writes";
    return `\nCALL:${name}\n{\n  $file = args.file;\n  file_io(${map}, $file, args.count);\n}\n`;
  });
  return { script: hookedBy(hook, probes.join("")), params: {} };
}

/** What files, folders or others read and wrote. */
export interface Transfers extends Row {
  readonly reads: number;
  readonly writes: number;
  readonly rbytes: number;
  readonly wbytes: number;
}

/** Of the maps @reads and @writes, whose values are of stats(): a row for each key, whose fields `name` gives. */
export function transfers(
  reads: MapEntries,
  writes: MapEntries,
  name: (key: MapEntries["entries"][number]["key"]) => Row,
): Transfers[] {
  const all = new Map<string, Transfers>();
  const add = ({ entries }: MapEntries, calls: "reads" | "writes", bytes: "rbytes" | "wbytes") => {
    for (const { key, value } of entries) {
      const { count, total } = value as unknown as JsonStats;
      const id = JSON.stringify(key);
      const known = all.get(id) ?? { ...name(key), reads: 0, writes: 0, rbytes: 0, wbytes: 0 };
      all.set(id, { ...known, [calls]: Number(count), [bytes]: Number(total) });
    }
  };
  add(reads, "reads", "rbytes");
  add(writes, "writes", "wbytes");
  return [...all.values()];
}

/** `-s`, by which rows are sorted. */
export const TRANSFER_SORT: ToolOption = {
  long: "sort",
  letter: "s",
  argument: "ORDER",
  help: "by all (default), reads, writes, rbytes or wbytes",
};

const ORDERS: Readonly<Record<string, (row: Transfers) => number>> = {
  all: ({ reads, writes, rbytes, wbytes }) => reads + writes + rbytes + wbytes,
  reads: ({ reads }) => reads,
  writes: ({ writes }) => writes,
  rbytes: ({ rbytes }) => rbytes,
  wbytes: ({ wbytes }) => wbytes,
};

/** The order that is asked for, the most first. Throws {@link ToolError}. */
export function transferOrder(given: Given): (a: Transfers, b: Transfers) => number {
  const name = given.text("sort") ?? "all";
  const order = ORDERS[name];
  if (order === undefined)
    throw new ToolError(`--sort: there is no order '${name}'`, `known are ${Object.keys(ORDERS).join(", ")}`);
  return (a, b) => order(b) - order(a);
}
