import { readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import { ToolError } from "../tool.ts";

/** musl has its allocator in the program that loads others. */
const MUSL = /^ld-musl-/;

/**
 * The file whose allocator a process uses: a path as it is, or the library of this name (`c`) that it has mapped; the
 * program itself where there is none, as it is then linked into it. Throws {@link ToolError}.
 */
export function allocatorFile(pid: number, object: string): string {
  if (object.includes("/")) return object;
  const named = new RegExp(`^lib${object.replace(/[^\w-]/g, "\\$&")}[.-].*so`);
  const isIt = (path: string) => named.test(basename(path)) || (object === "c" && MUSL.test(basename(path)));
  const found = mappedFiles(pid).find(isIt);
  const seen = found ?? readlinkSync(`/proc/${pid}/exe`);
  return readlinkSync(`/proc/${pid}/ns/mnt`) === readlinkSync("/proc/self/ns/mnt") ? seen : `/proc/${pid}/root${seen}`;
}

function mappedFiles(pid: number): readonly string[] {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/maps`, "utf8");
  } catch {
    throw new ToolError(`there is no process ${pid}`);
  }
  return [...new Set(text.split("\n").map((line) => line.split(/\s+/).slice(5).join(" ")))];
}
