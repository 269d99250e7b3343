import { readFileSync } from "node:fs";
import { getSystemErrorMap } from "node:util";
import type { ScriptLocation } from "./invocation.ts";

/** A script's text and what diagnostics call it. */
export interface ScriptSource {
  readonly name: string;
  readonly text: string;
}

/** A file could not be read or written. */
export class FileError extends Error {
  override readonly name = "FileError";
}

/** Reads a script. Throws {@link FileError}. */
export function readScript(location: ScriptLocation): ScriptSource {
  switch (location.kind) {
    case "text":
      return { name: "stdin", text: location.text };
    case "stdin":
      return { name: "stdin", text: readText(0, "standard input") };
    case "file":
      return { name: location.path, text: readText(location.path, location.path) };
  }
}

function readText(file: string | number, name: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw fileError("open", name, cause);
  }
}

/** The error for a failed call on a file, worded as C programs do. Anything else is thrown as it is. */
export function fileError(verb: string, path: string, cause: unknown): FileError {
  if (!(cause instanceof Error && "errno" in cause && typeof cause.errno === "number")) throw cause;
  const reason = getSystemErrorMap().get(cause.errno)?.[1] ?? cause.message;
  const sentence = reason.charAt(0).toUpperCase() + reason.slice(1);
  return new FileError(`failed to ${verb} file '${path}': ${sentence}`, { cause });
}
