/** The files that a process runs, by paths that hold in its container too. */
import { readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { ToolError } from "./tool.ts";

/** Files and other things that a process has mapped, as it names them. Throws {@link ToolError}. */
export function mappedFiles(pid: number): readonly string[] {
  return ofProcess(pid, () => {
    const lines = readFileSync(`/proc/${pid}/maps`, "utf8").split("\n");
    return [...new Set(lines.map((line) => line.split(/\s+/).slice(5).join(" ")))];
  });
}

/** The program of a process, as we see its file. Throws {@link ToolError}. */
export function programOf(pid: number): string {
  return ofProcess(pid, () => seenFromHere(pid, readlinkSync(`/proc/${pid}/exe`)));
}

/** The path by which we see a file that a process names so. Throws {@link ToolError}. */
export function seenFromHere(pid: number, path: string): string {
  return ofProcess(pid, () => {
    const isOurs = readlinkSync(`/proc/${pid}/ns/mnt`) === readlinkSync("/proc/self/ns/mnt");
    return isOurs ? path : join(`/proc/${pid}/root`, path);
  });
}

function ofProcess<T>(pid: number, read: () => T): T {
  try {
    return read();
  } catch {
    throw new ToolError(`there is no process ${pid}`);
  }
}
