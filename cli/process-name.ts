import { writeFileSync } from "node:fs";
import { basename } from "node:path";

/** The names that the command may be started under. */
export type CommandName = "beetrace" | "bpftrace";

/** The name that the command was started under: that of the script that node was given. */
export function commandName(scriptPath: string | undefined): CommandName {
  return /^bpftrace(\.cjs)?$/.test(basename(scriptPath ?? "")) ? "bpftrace" : "beetrace";
}

/**
 * Makes `ps` and a script's `comm` show the command rather than node: first the command line, which also sets the
 * main thread's name, then that name alone (15 bytes at most; man 5 proc, /proc/pid/comm).
 */
export function nameProcess(name: string, argv: readonly string[]): void {
  process.title = [name, ...argv].join(" ");
  try {
    writeFileSync("/proc/self/comm", name);
  } catch {} // without /proc only the name is missing
}
