import { basename } from "node:path";
import { mappedFiles, programOf, seenFromHere } from "../process-files.ts";

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
  return found === undefined ? programOf(pid) : seenFromHere(pid, found);
}
