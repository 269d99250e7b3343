import { readlinkSync, writeSync } from "node:fs";

const RED = "\x1b[31m";
const YELLOW = "\x1b[33m";
const RESET = "\x1b[0m";

/**
 * Whether messages are coloured: `BPFTRACE_COLOR` is `always`, `never` or `auto`, which asks for both standard output
 * and standard error to be terminals, and `NO_COLOR` (no-color.org) not to be set.
 */
export function useColor(setting: string | undefined = process.env.BPFTRACE_COLOR): boolean {
  if (setting === "always" || setting === "never") return setting === "always";
  return !process.env.NO_COLOR && isTerminal(1) && isTerminal(2);
}

/** Whether a descriptor is one. Asked of /proc, since loading node:tty takes 5 ms. */
export function isTerminal(fd: number): boolean {
  try {
    return /^\/dev\/(pts\/|tty|console)/.test(readlinkSync(`/proc/self/fd/${fd}`));
  } catch {
    return false;
  }
}

/** `ERROR: …` on standard error, then a `HINT: …` for each hint. */
export function complain(message: string, ...hints: readonly (string | undefined)[]): void {
  say(RED, "ERROR", message, hints);
}

/** `WARNING: …` on standard error, then a `HINT: …` for each hint. */
export function warn(message: string, ...hints: readonly (string | undefined)[]): void {
  say(YELLOW, "WARNING", message, hints);
}

function say(color: string, label: string, message: string, hints: readonly (string | undefined)[]): void {
  const line = `${label}: ${message}`;
  const lines = [useColor() ? `${color}${line}${RESET}` : line];
  for (const hint of hints) if (hint !== undefined) lines.push(`HINT: ${hint}`);
  writeError(`${lines.join("\n")}\n`);
}

/** Writes a message to standard error. */
export function writeError(text: string): void {
  write(2, text);
}

/** Writes a short text to standard output. What is long goes through `printLines`. */
export function writeOutput(text: string): void {
  write(1, text);
}

/** That nobody reads a message is no reason to stop. */
function write(fd: number, text: string): void {
  try {
    writeSync(fd, text);
  } catch {}
}
