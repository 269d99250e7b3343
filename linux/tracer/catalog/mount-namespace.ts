import { readlinkSync } from "node:fs";

/** What to put before a path of process `pid` to open it from here: `/proc/PID/root` when it is in a container, else nothing. */
export function fileRoot(pid: number, proc = "/proc"): string {
  const ours = namespaceOf("self", proc);
  const theirs = namespaceOf(String(pid), proc);
  return ours !== undefined && theirs !== undefined && ours !== theirs ? `${proc}/${pid}/root` : "";
}

function namespaceOf(process: string, proc: string): string | undefined {
  try {
    return readlinkSync(`${proc}/${process}/ns/mnt`);
  } catch {
    return undefined;
  }
}
