import { ObjectError } from "@beetrace/bytecode";
import { CatalogError } from "@beetrace/compiler/target";
import { SyscallError, UnsupportedError } from "@beetrace/ebpf";
import { complain, writeError } from "./console.ts";
import { FileError } from "./script-source.ts";
import { ReaderGone } from "./standard-output.ts";

/** Wrong use, or something on this machine that the user can see to. */
export const EXIT_USER = 1;
/** A mistake of ours. */
export const EXIT_BUG = 2;
/** The kernel refused. */
export const EXIT_KERNEL = 255;

/** Says what went wrong, and gives the exit status for it. */
export function explainFailure(error: unknown): number {
  if (error instanceof ReaderGone) return 0;
  if (error instanceof FileError || error instanceof ObjectError) {
    complain(error.message);
    return EXIT_USER;
  }
  if (error instanceof CatalogError) {
    complain(error.message, error.hint);
    return EXIT_USER;
  }
  if (error instanceof SyscallError || error instanceof UnsupportedError) {
    complain(error.message, error instanceof SyscallError ? error.hint : undefined);
    return EXIT_KERNEL;
  }
  complain("this is a mistake in beetrace; please report it with the lines below");
  writeError(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT_BUG;
}
