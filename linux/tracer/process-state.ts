import { readFileSync } from "node:fs";

/** A process as /proc shows it. */
export interface ProcessState {
  /** R, S, D, T, Z, …: see man 5 proc. */
  readonly state: string;
  /** When it started, in clock ticks since boot: tells it from a later one with its number. */
  readonly startTicks: string;
}

/** The state of a process, or `undefined` when there is none of that number. */
export function processState(pid: number): ProcessState | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return undefined;
  }
}

/** Parses /proc/PID/stat: the name in parentheses may hold anything, parentheses too. */
export function parseStat(text: string): ProcessState | undefined {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state] = fields;
  const startTicks = fields[19];
  return state === undefined || startTicks === undefined ? undefined : { state, startTicks };
}

/** Whether the process that was seen in that state still runs. */
export function isAlive(pid: number, seen: ProcessState): boolean {
  const now = processState(pid);
  return now !== undefined && now.startTicks === seen.startTicks && now.state !== "Z" && now.state !== "X";
}
