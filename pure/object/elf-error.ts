import { OutOfBoundsError } from "@beetrace/std";

/** An object file that is not what its headers say: truncated, damaged, hostile, or of a kind not read here. */
export class ElfError extends Error {
  override readonly name = "ElfError";
}

/** Runs `parse`; a read beyond the end of the bytes becomes an {@link ElfError} that names `what` was being read. */
export function readingPart<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof OutOfBoundsError) throw new ElfError(`${what}: ${error.message}`, { cause: error });
    throw error;
  }
}
