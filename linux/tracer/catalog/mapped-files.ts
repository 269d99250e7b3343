import { readdirSync, readFileSync } from "node:fs";
import { isFileMapping, parseMaps } from "@beetrace/ebpf/symbols";
import { fileRoot } from "./mount-namespace.ts";

/** The programs and libraries that a process has mapped to execute, as paths that can be opened from here, sorted. */
export function mappedFiles(pid: number, proc = "/proc"): readonly string[] {
  const root = fileRoot(pid, proc);
  const mappings = readOrEmpty(() => parseMaps(readFileSync(`${proc}/${pid}/maps`, "utf8")));
  const files = mappings.filter((mapping) => mapping.executable && isFileMapping(mapping) && !mapping.deleted);
  return [...new Set(files.map((mapping) => root + mapping.path))].sort();
}

/** The same for all processes that run now. */
export function mappedFilesOfAll(proc = "/proc"): readonly string[] {
  const pids = readOrEmpty(() => readdirSync(proc)).filter((name) => /^\d+$/.test(name));
  return [...new Set(pids.flatMap((pid) => mappedFiles(Number(pid), proc)))].sort();
}

/** A process may end while it is looked at: then it has no files. */
function readOrEmpty<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read();
  } catch {
    return [];
  }
}
