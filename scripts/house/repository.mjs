/** The sources of the repository, parsed, and its packages. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { API } from "typescript/unstable/sync";

/** The folders that hold sources. */
const FOLDERS = ["pure", "linux", "tools", "cli", "tests"];
const IGNORED = new Set(["node_modules", "dist", ".cache"]);
/** Made of other files (npm run docs), and as long as these. */
const GENERATED = new Set(["tools/scripts.ts", "pure/compiler/stdlib/files.ts"]);

/**
 * @typedef {object} SourceFile
 * @property {string} path relative to the root
 * @property {boolean} isTest a test, or what only tests use
 * @property {import("typescript/unstable/ast").SourceFile} tree
 *
 * @typedef {object} Package
 * @property {string} name
 * @property {string} folder relative to the root
 * @property {ReadonlySet<string>} runtime names that its package.json installs
 * @property {ReadonlySet<string>} all the same and devDependencies
 *
 * @typedef {object} Repository
 * @property {string} root
 * @property {readonly SourceFile[]} files
 * @property {readonly Package[]} packages
 */

/**
 * Reads and parses everything under `root`. The trees are gone once `use` returns.
 *
 * @template T
 * @param {string} root
 * @param {(repository: Repository) => T} use
 * @returns {T}
 */
export function withRepository(root, use) {
  const paths = FOLDERS.flatMap((folder) => sources(join(root, folder)))
    .filter((path) => !GENERATED.has(relative(root, path)))
    .sort();
  const scratch = mkdtempSync(join(tmpdir(), "house-"));
  const config = join(scratch, "tsconfig.json");
  // Only trees are wanted: nothing is resolved, no library is loaded.
  const compilerOptions = { noResolve: true, noLib: true, noEmit: true, types: [], allowImportingTsExtensions: true };
  writeFileSync(config, JSON.stringify({ compilerOptions, files: paths }));
  const api = new API({ cwd: scratch });
  try {
    const [project] = api.updateSnapshot({ openProjects: [config] }).getProjects();
    const files = paths.map((path) => {
      const name = relative(root, path);
      return { path: name, isTest: isTest(name), tree: project.program.getSourceFile(path) };
    });
    return use({ root, files, packages: readPackages(root) });
  } finally {
    api.close();
    rmSync(scratch, { recursive: true });
  }
}

function isTest(path) {
  return /\.test\.ts$/.test(path) || /(^|\/)tests?\//.test(path);
}

function sources(folder) {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // a copy need not have all folders
  }
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return IGNORED.has(entry.name) ? [] : sources(path);
    return entry.name.endsWith(".ts") && !entry.name.endsWith(".d.ts") ? [path] : [];
  });
}

function readPackages(root) {
  const folders = ["pure", "linux"].flatMap((parent) => {
    const entries = readdirSync(join(root, parent), { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => `${parent}/${entry.name}`);
  });
  return [...folders, "tools", "cli"].map((folder) => {
    const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const runtime = Object.keys(manifest.dependencies ?? {});
    const all = new Set([...runtime, ...Object.keys(manifest.devDependencies ?? {})]);
    return { name: manifest.name, folder, runtime: new Set(runtime), all };
  });
}
