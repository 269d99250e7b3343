import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import type { ImportedFile, ReadImport } from "@beetrace/compiler";
import { errnoText } from "@beetrace/std";

/** What can be imported; of a directory, the files that have one of these ends. */
const EXTENSIONS: ReadonlySet<string> = new Set([".bt", ".h"]);
const WRITABLE_BY_ALL = 0o002;

/**
 * The files that `import "path"` names: a script, a header, or all of them in a directory. The path counts from the
 * directory of the importing file, for a script without a file from the current one.
 */
export const readImport: ReadImport = (path, from) => {
  const folder = from === "stdin" ? process.cwd() : dirname(resolve(from));
  const full = resolve(folder, path);
  try {
    if (!statSync(full).isDirectory()) return readOne(full);
    const names = readdirSync(full).filter((name) => EXTENSIONS.has(extname(name)));
    const files = names.sort().map((name) => readOne(join(full, name)));
    return (
      files.find((each) => typeof each === "string") ?? files.flatMap((each) => (typeof each === "string" ? [] : each))
    );
  } catch (error) {
    if (!(error instanceof Error && "errno" in error && typeof error.errno === "number")) throw error;
    return errnoText(-error.errno);
  }
};

function readOne(path: string): readonly ImportedFile[] | string {
  if (path.endsWith(".c"))
    return "C programs need a compiler; functions can be written in the script's own language (fn)";
  if (!EXTENSIONS.has(extname(path))) return "only .bt and .h files, and directories of them, can be imported";
  // Whoever may write there decides what runs as root here.
  if (statSync(dirname(path)).mode & WRITABLE_BY_ALL) return `${dirname(path)} is writable by everyone`;
  return [{ name: path, text: readFileSync(path, "utf8") }];
}
