/** Hooks for tools that follow functions of the kernel: fentry where it is there, else kprobes, else system calls. */
import type { Machine } from "./tool.ts";

/** What a function of the kernel is hooked by. */
export type FunctionHook = "fentry" | "kprobe";

/** What carries hooks on all of these functions; undefined where nothing does. */
export function functionHook(machine: Machine, ...names: readonly string[]): FunctionHook | undefined {
  if (names.every((name) => machine.hasFentry(name))) return "fentry";
  return names.every((name) => machine.hasKprobe(name)) ? "kprobe" : undefined;
}

const PROBES = {
  fentry: { call: "fentry:vmlinux:", end: "fexit:vmlinux:" },
  kprobe: { call: "kprobe:", end: "kretprobe:" },
} as const;

/** A script that writes its probes `CALL:vfs_read` and `RETURN:vfs_read`. */
export function hookedBy(hook: FunctionHook, script: string): string {
  const { call, end } = PROBES[hook];
  return script.replace(/^CALL:/gm, call).replace(/^RETURN:/gm, end);
}

/** The numbers of system calls, for getopt() in a script; those that the architecture does not have are left out. */
export function syscallNumbers(machine: Machine, ...names: readonly string[]): Readonly<Record<string, number>> {
  const all = machine.syscalls();
  const numbers = names.map((name) => [name, all.indexOf(name)] as const);
  return Object.fromEntries(numbers.filter(([, number]) => number >= 0));
}
