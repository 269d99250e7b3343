import { type ChildProcess, spawn } from "node:child_process";
import type { Sys } from "../sys/sys.ts";

/**
 * Leaves the closing of file descriptors, and the waiting that it takes, to a process that does nothing else. They are
 * closed here afterwards, at no cost. Gives whether that worked; if not, they are still open here.
 */
export async function handOver(sys: Sys, fds: readonly number[]): Promise<boolean> {
  const heir = await startHeir(fds);
  if (heir === undefined) return false;
  for (const fd of fds) sys.close(fd);
  heir.stdin?.destroy();
  return true;
}

/** A process that lives until its standard input ends, so surely longer than the descriptors are open here. */
function startHeir(fds: readonly number[]): Promise<ChildProcess | undefined> {
  return new Promise((resolve) => {
    const child = spawn("cat", { stdio: ["pipe", "ignore", "ignore", ...fds], detached: true });
    child.once("error", () => resolve(undefined));
    child.once("spawn", () => resolve(child));
    child.unref();
  });
}
