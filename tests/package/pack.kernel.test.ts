import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const CLI = fileURLToPath(new URL("../../cli", import.meta.url));
const { version } = JSON.parse(readFileSync(join(CLI, "package.json"), "utf8")) as { version: string };
/** koffi carries its binary for this machine (2.3 MB) and its headers; the command, the library and the runtime take 4 MB. */
const INSTALLED_KIB_MAX = 12 * 1024;

let folder: string;
let archive: string;
let prefix: string;

function run(command: string, ...argv: string[]): { stdout: string; stderr: string; status: number | null } {
  return spawnSync(command, argv, { cwd: "/", encoding: "utf8" });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "beetrace-pack-"));
  prefix = join(folder, "prefix");
  const stdio = ["ignore", "ignore", "inherit"] as const;
  execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: CLI, stdio: [...stdio] });
  archive = join(folder, `beetrace-${version}.tgz`);
  const install = ["install", "--global", "--prefix", prefix, "--prefer-offline", "--no-audit", "--no-fund", archive];
  execFileSync("npm", install, { cwd: folder, stdio: [...stdio] });
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the package holds the command and what goes with it, nothing else", () => {
  const { stdout } = run("tar", "tzf", archive);
  const files = stdout.trim().split("\n");
  expect(files.filter((name) => !/^package\/dist\/types\/.*\.d\.ts$/.test(name)).sort()).toEqual([
    "package/LICENSE",
    "package/README.md",
    "package/dist/beetrace.cjs",
    "package/dist/command.cjs",
    "package/dist/library.mjs",
    "package/dist/precompiled.cjs",
    "package/dist/records.schema.json",
    "package/dist/runtime.cjs",
    "package/package.json",
  ]);
  expect(files).toContain("package/dist/types/cli/library.d.ts");
});

test("an install is small, and brings koffi only", () => {
  const modules = join(prefix, "lib/node_modules/beetrace/node_modules");
  expect(
    readdirSync(modules)
      .filter((name) => !name.startsWith("."))
      .sort(),
  ).toEqual(["@koromix", "koffi"]);
  expect(Number.parseInt(run("du", "-sk", prefix).stdout, 10)).toBeLessThan(INSTALLED_KIB_MAX);
});

test("the installed command runs a script, and keeps V8's code cache of it", () => {
  const beetrace = join(prefix, "bin/beetrace");
  const script = 'BEGIN { printf("%s %d\\n", comm, $1); @x[1] = 2; exit(); }';
  expect(run(beetrace, "-V").status).toBe(0);
  expect(caches()).toEqual([expect.stringContaining(`${process.version}-${process.arch}-first.cache`)]);
  for (const turn of ["with -V's", "with its own"]) {
    const { stdout, stderr, status } = run(beetrace, "-e", script, "7");
    expect([turn, stdout, stderr, status]).toEqual([turn, "beetrace 7\n\n\n@x[1]: 2\n", "Attached 1 probe\n", 0]);
  }
  // Its first run kept V8's code cache for the second.
  expect(caches()).toEqual([expect.stringContaining(`${process.version}-${process.arch}.cache`)]);
});

function caches(): string[] {
  return readdirSync(join(prefix, "lib/node_modules/beetrace/dist")).filter((name) => name.endsWith(".cache"));
}

test("it goes by the name of a link to it", () => {
  symlinkSync("beetrace", join(prefix, "bin/bpftrace"));
  expect(run(join(prefix, "bin/beetrace"), "-V").stdout).toBe(`beetrace v${version}\n`);
  expect(run(join(prefix, "bin/bpftrace"), "-V").stdout).toMatch(/^bpftrace v0\.\d+\.\d+\n$/);
});

const PROGRAM = `import { type OutputRecord, ScriptError, trace } from "beetrace";
const seen: OutputRecord["type"][] = [];
try {
  for await (const record of trace('begin { printf("%d", 42); @x = 1; }')) {
    seen.push(record.type);
    if (record.type === "printf") console.log(record.data);
  }
  console.log(seen.join());
} catch (error) {
  console.log(error instanceof ScriptError, (error as { code?: string }).code);
}
`;

test("a program imports it, with types, and errors it can branch on", () => {
  const modules = join(prefix, "lib/node_modules");
  const tools = fileURLToPath(new URL("../../node_modules", import.meta.url));
  symlinkSync(modules, join(folder, "node_modules"));
  writeFileSync(join(folder, "program.mts"), PROGRAM);
  const options = ["--strict", "--module", "nodenext", "--target", "es2023", "--lib", "esnext"];
  options.push("--types", "node", "--typeRoots", join(tools, "@types"));
  const compiled = run(join(tools, ".bin/tsc"), ...options, join(folder, "program.mts"));
  expect([compiled.stdout, compiled.status]).toEqual(["", 0]);
  expect(run(process.execPath, join(folder, "program.mjs")).stdout).toBe("42\nattached_probes,printf,map\n");
  chmodSync(folder, 0o755);
  const nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all"];
  expect(run("setpriv", ...nobody, process.execPath, join(folder, "program.mjs")).stdout).toBe("false EPERM\n");
});
