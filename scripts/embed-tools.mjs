/** The tools as modules: a list of their folders, and the texts of their scripts, for a bundle reads no files. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "tools");

function toolNames() {
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, "tool.ts")))
    .sort();
}

/** `gethostlatency` stays, `tcp-top` becomes `tcpTop`. */
function identifier(name) {
  return name.replace(/[-_](\w)/g, (_, letter) => letter.toUpperCase());
}

/** What `tools/list.ts` has to be. */
export function toolListModule() {
  const names = toolNames();
  const imports = names.map((name) => `import { tool as ${identifier(name)} } from "./${name}/tool.ts";`);
  return `/* Made of the folders beside it by scripts/embed-tools.mjs (npm run docs). */
${imports.join("\n")}
import type { Tool } from "./tool.ts";

/** All tools, in the order of their names. */
export const TOOLS: readonly Tool[] = [
${names.map((name) => `  ${identifier(name)},`).join("\n")}
];
`;
}

/** What `tools/scripts.ts` has to be. */
export function toolScriptsModule() {
  const files = ["", ...toolNames()].flatMap((name) =>
    readdirSync(join(folder, name))
      .filter((file) => file.endsWith(".bt"))
      .sort()
      .map((file) => join(name, file)),
  );
  const texts = files.map((file) => `  "${file}": ${literal(readFileSync(join(folder, file), "utf8"))},`);
  return `/* The texts of the tools' scripts, made of the .bt files below by scripts/embed-tools.mjs (npm run docs). */
/** By path below tools/. */
export const TOOL_SCRIPTS: Readonly<Record<string, string>> = {
${texts.join("\n")}
};
`;
}

function literal(text) {
  return `\`${text.replace(/[\\`]|\$\{/g, "\\$&")}\``;
}
