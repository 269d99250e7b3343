/**
 * Checks the rules of the house (ARCHITECTURE.md).
 *
 *     node scripts/house.mjs [ROOT]                print what is wrong; status 1 if anything is
 *     node scripts/house.mjs --shrink-exceptions   take out of the list of exceptions what is none any more
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { withRepository } from "./house/repository.mjs";
import { currentExceptions, EXCEPTIONS, RULES } from "./house/rules.mjs";

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const shrink = process.argv[2] === "--shrink-exceptions";
const root = resolve(shrink ? here : (process.argv[2] ?? here));

if (shrink) withRepository(root, shrinkExceptions);
process.exitCode = withRepository(root, report);

function report(repository) {
  let count = 0;
  for (const [name, rule] of Object.entries(RULES)) {
    const violations = [...rule(repository)];
    count += violations.length;
    if (violations.length > 0) console.log(`${name}:\n${violations.map((each) => `  ${each}\n`).join("")}`);
  }
  console.log(`${repository.files.length} files, ${count} violations`);
  return count === 0 ? 0 : 1;
}

function shrinkExceptions(repository) {
  const path = join(root, EXCEPTIONS);
  const old = JSON.parse(readFileSync(path, "utf8"));
  const now = currentExceptions(repository);
  const kept = Object.fromEntries(
    Object.entries(old).map(([list, entries]) => [
      list,
      Object.fromEntries(
        Object.entries(entries).flatMap(([key, limit]) => {
          const size = now[list][key];
          return size === undefined ? [] : [[key, Math.min(size, limit)]];
        }),
      ),
    ]),
  );
  writeFileSync(path, `${JSON.stringify(kept, undefined, 2)}\n`);
}
