/**
 * Makes cli/dist/beetrace.cjs, the whole command in one file. `node scripts/bundle.mjs`
 *
 * One CommonJS file because it starts fastest: `BEGIN { exit(); }` took 9 ms less processor time than the same bundle as
 * an ES module; minifying it gained nothing. The kernel is reached through koffi, whose binary stays a package.
 */
import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { build } from "esbuild";

const root = resolve(import.meta.dirname, "..");
const dist = resolve(root, "cli/dist");
/** What decides how sources become the bundle, beside the sources. */
const BUILD_FILES = ["scripts/bundle.mjs", "package-lock.json"];

/** In syntax that old versions understand as well: they are to say what they lack rather than fail at a brace. */
const BANNER = `#!/usr/bin/env node
"use strict";
(function () {
  var version = process.versions.node.split(".").map(Number);
  if (version[0] > 20 || (version[0] === 20 && version[1] >= 19)) return;
  console.error("ERROR: beetrace needs Node.js 20.19 or newer; this is " + process.version + " (" + process.execPath + ")");
  console.error("HINT: Debian 13 has it (apt install nodejs); for others see https://nodejs.org/en/download");
  process.exit(1);
})();
var bundleUrl = require("node:url").pathToFileURL(__filename).href;`;

const startedAt = new Date();
const { outputFiles, metafile } = await build({
  absWorkingDir: root,
  entryPoints: ["cli/beetrace.ts"],
  outfile: "cli/dist/beetrace.cjs",
  bundle: true,
  write: false,
  metafile: true,
  platform: "node",
  format: "cjs",
  target: "node20.19",
  conditions: ["source"],
  external: ["koffi"],
  define: { "import.meta.url": "bundleUrl" },
  banner: { js: BANNER },
  legalComments: "none",
  logLevel: "warning",
}).catch(() => process.exit(1)); // esbuild has said why

mkdirSync(dist, { recursive: true });
replace("beetrace.cjs", outputFiles[0].contents, 0o755);
linkTo("bpftrace.cjs", "beetrace.cjs");
replace("sources.sh", freshnessCheck(Object.keys(metafile.inputs)), 0o644, startedAt);

/**
 * Shell text that succeeds if a source is newer than this file: it is sourced by ./beetrace, which thereby sees any edit,
 * pull or checkout within half a millisecond and without starting a process.
 */
function freshnessCheck(inputs) {
  const files = [...inputs.filter((path) => !path.startsWith("node_modules/")), ...BUILD_FILES];
  const words = files.map((path) => relative(root, resolve(root, path))).sort();
  return `for file in ${words.join(" ")}; do
  if [ "$root/$file" -nt "$root/cli/dist/sources.sh" ]; then return 0; fi
done
return 1
`;
}

/** Another start of the command may be reading the old file: it is replaced as a whole. */
function replace(name, contents, mode, changedAt) {
  const temporary = resolve(dist, `${name}.${process.pid}`);
  writeFileSync(temporary, contents, { mode });
  if (changedAt !== undefined) utimesSync(temporary, changedAt, changedAt);
  renameSync(temporary, resolve(dist, name));
}

function linkTo(name, target) {
  const temporary = resolve(dist, `${name}.${process.pid}`);
  rmSync(temporary, { force: true });
  symlinkSync(target, temporary);
  renameSync(temporary, resolve(dist, name));
}
