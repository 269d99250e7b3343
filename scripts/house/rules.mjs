/** The rules of the house: each gives the violations that it finds, as `path: what is wrong`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cyclic, nativeCodeHasOneDoor, packagesHoldToLayers, sourcesHoldToPackages } from "./imports.mjs";
import {
  FILE_LINES_MAX,
  FUNCTION_LINES_MAX,
  filesAreKebabCase,
  namesSaySomething,
  noTestRunsAlone,
  oversized,
  ratchet,
  undocumented,
} from "./style.mjs";

/** Where the exceptions to the rules of size and documentation stand. */
export const EXCEPTIONS = "scripts/house/exceptions.json";

const readExceptions = (root) => JSON.parse(readFileSync(join(root, EXCEPTIONS), "utf8"));

/** What is found now, in the form of the list of exceptions. */
export function currentExceptions(repository) {
  const sorted = (found) => Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    cyclic: sorted(cyclic(repository)),
    oversized: sorted(oversized(repository)),
    undocumented: sorted(undocumented(repository)),
  };
}

/** Name -> check. */
export const RULES = {
  "packages hold to the layer table": packagesHoldToLayers,
  "sources hold to their package.json": sourcesHoldToPackages,
  "native code has one door": nativeCodeHasOneDoor,
  "no import cycles": (repository) =>
    ratchet(
      cyclic(repository),
      readExceptions(repository.root).cyclic,
      (path) => `${path}: imports itself by way of others`,
    ),
  "functions and files are short": (repository) =>
    ratchet(oversized(repository), readExceptions(repository.root).oversized, (key, lines) => {
      const limit = key.includes("#") ? FUNCTION_LINES_MAX : FILE_LINES_MAX;
      return `${key}: ${lines} lines, more than ${limit}`;
    }),
  "exports have doc comments": (repository) =>
    ratchet(undocumented(repository), readExceptions(repository.root).undocumented, (key) => `${key}: no doc comment`),
  "names say something": namesSaySomething,
  "files are kebab-case": filesAreKebabCase,
  "no test runs alone": noTestRunsAlone,
};
