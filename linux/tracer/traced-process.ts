import type { Child } from "./child.ts";
import { isAlive, processState } from "./process-state.ts";

/** The process of `-p` does not exist. */
export class NoSuchProcessError extends Error {
  override readonly name = "NoSuchProcessError";
  constructor(pid: number) {
    super(`there is no process with PID ${pid}`);
  }
}

/** The process that a run is about: that of `-p`, or the child of `-c`. */
export interface TracedProcess {
  readonly pid: number;
  isAlive(): boolean;
  /** Where that is known at once. */
  readonly ended?: Promise<void>;
}

/** Looks the process up, so that another one with its number is not taken for it later. */
export function findTraced(pid: number | undefined, child: Child | undefined): TracedProcess | undefined {
  if (child !== undefined) return { pid: child.pid, isAlive: () => !child.hasEnded, ended: child.ended };
  if (pid === undefined) return undefined;
  const seen = processState(pid);
  if (seen === undefined) throw new NoSuchProcessError(pid);
  return { pid, isAlive: () => isAlive(pid, seen) };
}
