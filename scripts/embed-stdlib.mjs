/** The standard library as a module, for the compiler reads no files. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "pure/compiler/stdlib");

/** What `files.ts` has to be. */
export function standardFilesModule() {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".bt"))
    .sort();
  const texts = files.map((name) => `  "${name}": ${literal(readFileSync(join(folder, name), "utf8"))},`);
  return `/** The texts of the standard library, made of the .bt files beside it by scripts/embed-stdlib.mjs (npm run docs). */
export const STANDARD_FILES: Readonly<Record<string, string>> = {
${texts.join("\n")}
};
`;
}

/** A template literal, so that a change shows line by line. */
function literal(text) {
  return `\`${text.replace(/[\\`]|\$\{/g, "\\$&")}\``;
}
