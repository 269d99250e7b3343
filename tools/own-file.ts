/** Files that a tool writes beside its output. */
import { closeSync, openSync, writeFileSync } from "node:fs";
import { errnoText } from "@beetrace/std";
import { ToolError } from "./tool.ts";

/** The path that stands for the output. */
export const OUTPUT = "-";

/** Throws {@link ToolError} where a file cannot be written: better before the run than after it. */
export function checkWritable(path: string): void {
  if (path !== OUTPUT) attempt(path, () => closeSync(openSync(path, "a")));
}

/** Writes it whole; text as UTF-8. Throws {@link ToolError}. */
export function writeOwnFile(path: string, content: string | Uint8Array): void {
  attempt(path, () => writeFileSync(path, content));
}

function attempt(path: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    if (!(cause instanceof Error && "errno" in cause && typeof cause.errno === "number")) throw cause;
    throw new ToolError(`failed to write file '${path}': ${errnoText(-cause.errno)}`);
  }
}
