import { ElfError } from "@beetrace/object";
import { NotAFileError } from "./file-source.ts";

/** Processes end and files are damaged while we look: then there is nothing. Anything else is our bug and passes. */
export function readOrUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ElfError || error instanceof NotAFileError || isSystemError(error)) return undefined;
    throw error;
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}
