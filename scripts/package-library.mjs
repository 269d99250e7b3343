/**
 * Makes what `import … from "beetrace"` finds in cli/dist: library.mjs, all of it in one module, and its types. Run before
 * the package is packed; the command does not need it.
 *
 *     node scripts/package-library.mjs
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "cli/dist");
const types = join(dist, "types");
const PACKAGES = { cli: "cli", ...workspaces("pure"), ...workspaces("linux") };

execFileSync(join(root, "node_modules/.bin/tsc"), ["-b"], { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
await build({
  absWorkingDir: root,
  entryPoints: ["cli/library.ts"],
  outfile: "cli/dist/library.mjs",
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20.19",
  conditions: ["source"],
  external: ["koffi"],
  legalComments: "none",
  logLevel: "warning",
});
rmSync(types, { recursive: true, force: true });
const wanted = [join(dist, "library.d.ts")];
// An array that grows while it is gone through: what a file imports is wanted too.
for (const path of wanted) writeTypes(path);
copyFileSync(join(root, "pure/output/records.schema.json"), join(dist, "records.schema.json"));

/** Packages of a folder, by what stands after `@beetrace/`. */
function workspaces(folder) {
  return Object.fromEntries(readdirSync(join(root, folder)).map((name) => [name, `${folder}/${name}`]));
}

/** Writes the declarations of a module, with other packages named by where they lie. */
function writeTypes(path) {
  const target = placeOf(path);
  mkdirSync(dirname(target), { recursive: true });
  const text = readFileSync(path, "utf8").replace(
    /(from |import\()"(@beetrace\/[\w/-]+|\.[^"]*)"/g,
    (_, before, name) => {
      const imported = name.startsWith(".") ? join(dirname(path), name.replace(/\.ts$/, ".d.ts")) : indexOf(name);
      if (!wanted.includes(imported)) wanted.push(imported);
      return `${before}"./${relative(dirname(target), placeOf(imported)).replace(/\.d\.ts$/, ".js")}"`;
    },
  );
  writeFileSync(target, text);
}

/** `@beetrace/ebpf/symbols`: what the package's `exports` say. */
function indexOf(name) {
  const [, workspace, ...below] = name.split("/");
  const folder = join(root, PACKAGES[workspace]);
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return join(folder, exports[[".", ...below].join("/")].types);
}

/** `…/linux/tracer/dist/trace.d.ts` goes to `types/tracer/trace.d.ts`. */
function placeOf(path) {
  const [name, folder] = Object.entries(PACKAGES).find(([, folder]) => path.startsWith(join(root, folder, "dist/")));
  return join(types, name, relative(join(root, folder, "dist"), path));
}
