/** What tools of block I/O have together: disks, tasks, what a request does. */
import { existsSync, readFileSync } from "node:fs";
import { TASK_OPTIONS } from "./options.ts";
import { type Given, ToolError, type ToolOption } from "./tool.ts";

/** `-d DISK` */
export const DISK_OPTION: ToolOption = {
  long: "disk",
  letter: "d",
  argument: "DISK",
  help: "this disk only, such as vda",
};

/** The number of the disk that is asked for, as the macro `on_disk` wants it. Throws {@link ToolError}. */
export function diskParams(given: Given): Readonly<Record<string, number>> {
  const name = given.text("disk");
  return name === undefined ? {} : diskNumbers(name);
}

/** The same of a disk by name (`vda`), path or number (`259:0`). Throws {@link ToolError}. */
export function diskNumbers(text: string): { readonly major: number; readonly minor: number } {
  const name = text.replace(/^\/dev\//, "");
  const folder = /^\d+:\d+$/.test(name) ? `/sys/dev/block/${name}` : `/sys/class/block/${name}`;
  if (!existsSync(folder)) throw new ToolError(`there is no disk '${name}'`, "lsblk lists those that there are");
  if (existsSync(`${folder}/partition`))
    throw new ToolError(`${name} is a partition`, "requests go to whole disks: give the disk that it is on");
  const [major, minor] = readFileSync(`${folder}/dev`, "latin1").trim().split(":").map(Number);
  return { major, minor };
}

/** Whether only the requests of some tasks are asked for. */
export function choosesTasks(given: Given): boolean {
  return TASK_OPTIONS.some((name) => given.has(name));
}

/** REQ_OP_*: include/linux/blk_types.h. */
const OPERATIONS: Readonly<Record<number, string>> = {
  0: "Read",
  1: "Write",
  2: "Flush",
  3: "Discard",
  5: "SecureErase",
  6: "ZoneReset",
  7: "ZoneAppend",
  9: "WriteZeros",
};
const OPERATION_MASK = 0xff;

/** REQ_*, in the order in which their names stand in front of the operation, the last one first. */
const FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [11, "Sync"],
  [12, "Metadata"],
  [17, "ForcedUnitAccess"],
  [13, "Priority"],
  [14, "NoMerge"],
  [15, "Idle"],
  [19, "ReadAhead"],
  [20, "Background"],
  [21, "NoWait"],
];

/** The bits of `cmd_flags` that {@link flagsText} shows. */
export const SHOWN_FLAGS = FLAGS.reduce((mask, [bit]) => mask | (1 << bit), OPERATION_MASK);

/** What a request does, in words: `Metadata-Sync-Write`. */
export function flagsText(flags: number): string {
  const words = FLAGS.filter(([bit]) => flags & (1 << bit)).map(([, name]) => name);
  return [...words.reverse(), OPERATIONS[flags & OPERATION_MASK] ?? "Unknown"].join("-");
}
