/** Writes what is made from the sources: pages of docs/, the module of the standard library. `npm run docs` */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { standardFilesModule } from "./embed-stdlib.mjs";
import { toolListModule, toolScriptsModule } from "./embed-tools.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What a TypeScript module of the workspace exports. */
async function load(path) {
  const { outputFiles } = await build({
    entryPoints: [join(root, path)],
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    conditions: ["source"],
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

writeFileSync(join(root, "pure/compiler/stdlib/files.ts"), standardFilesModule());
writeFileSync(join(root, "tools/list.ts"), toolListModule());
writeFileSync(join(root, "tools/scripts.ts"), toolScriptsModule());
const { cliReference } = await load("cli/reference.ts");
writeFileSync(join(root, "docs/cli.md"), cliReference());
const { languageReference } = await load("pure/compiler/reference.ts");
writeFileSync(join(root, "docs/reference.md"), languageReference());
const { languagePage } = await load("tests/language/page.ts");
writeFileSync(join(root, "docs/language.md"), languagePage());
const { costLine, toolsPage } = await load("tests/tools/page.ts");
const costs = JSON.parse(readFileSync(join(root, "tests/tools/costs.json"), "utf8"));
writeFileSync(join(root, "docs/tools.md"), toolsPage(costs));
for (const [name, cost] of Object.entries(costs)) {
  const page = join(root, "tools", name, "README.md");
  writeFileSync(page, readFileSync(page, "utf8").replace(/^\*\*Cost\*\*:.*$/m, costLine(name, cost)));
}
