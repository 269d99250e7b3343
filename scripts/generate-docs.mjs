/** Writes the pages of docs/ that are made from the sources. `node scripts/generate-docs.mjs` */
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

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

const { cliReference } = await load("cli/reference.ts");
writeFileSync(join(root, "docs/cli.md"), cliReference());
