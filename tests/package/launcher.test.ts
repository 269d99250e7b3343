import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const LAUNCHER = fileURLToPath(new URL("../../beetrace", import.meta.url));
/** In place of node and npm: they write down how they were called. */
const RECORDER = `#!/bin/sh
line="\${0##*/} $1"
[ $# -gt 0 ] && shift
for word; do line="$line [$word]"; done
[ "$line" != "\${line#* -e}" ] || echo "$line" >>"$RECORD"
`;
const MINUTE_MS = 60_000;

let folder: string;
const path = (name: string) => join(folder, name);

function write(name: string, text: string, minutesAgo: number): void {
  mkdirSync(dirname(path(name)), { recursive: true });
  writeFileSync(path(name), text);
  age(name, minutesAgo);
}

function age(name: string, minutesAgo: number): void {
  const at = new Date(Date.now() - minutesAgo * MINUTE_MS);
  utimesSync(path(name), at, at);
}

/** Starts the launcher and gives what it called. */
function start(file: string, ...argv: string[]): { calls: string[]; stderr: string; status: number | null } {
  rmSync(path("record"), { force: true });
  writeFileSync(path("record"), "");
  const env = { PATH: `${path("bin")}:/usr/bin:/bin`, RECORD: path("record") };
  const { stderr, status } = spawnSync(file, argv, { env, cwd: "/", encoding: "utf8" });
  const calls = readFileSync(path("record"), "utf8").trim().replaceAll(`${folder}/`, "");
  return { calls: calls.split("\n"), stderr, status };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "beetrace-launcher-"));
  for (const name of ["bin/node", "bin/npm"]) {
    write(name, RECORDER, 0);
    chmodSync(path(name), 0o755);
  }
  copyFileSync(LAUNCHER, path("beetrace"));
  write("package.json", "", 9);
  write("package-lock.json", "", 9);
  write("node_modules/.package-lock.json", "", 8);
  write("cli/a.ts", "", 5);
  for (const name of ["beetrace", "bpftrace"]) write(`cli/dist/${name}.cjs`, "", 3);
  const check = 'if [ "$root/cli/a.ts" -nt "$root/cli/dist/sources.sh" ]; then return 0; fi\nreturn 1\n';
  write("cli/dist/sources.sh", check, 3);
});
afterEach(() => rmSync(folder, { recursive: true }));

test("what is built runs at once, with its arguments as they are", () => {
  const started = start(path("beetrace"), "-l", "a  b", "*", "");
  expect(started).toEqual({ calls: ["node cli/dist/beetrace.cjs [-l] [a  b] [*] []"], stderr: "", status: 0 });
});

test("a source newer than the build is built first, and that is said", () => {
  age("cli/a.ts", 1);
  const { calls, stderr } = start(path("beetrace"), "-V");
  expect(calls).toEqual(["node scripts/bundle.mjs", "node cli/dist/beetrace.cjs [-V]"]);
  expect(stderr).toBe("beetrace: building, as the sources are newer than what was built last\n");
});

test("the first start installs and builds", () => {
  rmSync(path("node_modules"), { recursive: true });
  rmSync(path("cli/dist"), { recursive: true });
  expect(start(path("beetrace")).calls).toEqual([
    "npm ci [--omit=dev] [--loglevel=error] [--no-audit] [--no-fund]",
    "node scripts/bundle.mjs",
    "node cli/dist/beetrace.cjs",
  ]);
});

test("new dependencies are installed when there is something to build", () => {
  age("package-lock.json", 1);
  age("cli/a.ts", 1);
  expect(start(path("beetrace")).calls[0]).toBe("npm ci [--omit=dev] [--loglevel=error] [--no-audit] [--no-fund]");
});

test("a developer's modules are not replaced unasked", () => {
  mkdirSync(path("node_modules/vitest"));
  age("package-lock.json", 1);
  age("cli/a.ts", 1);
  const { calls, stderr } = start(path("beetrace"));
  expect(calls).toEqual(["node scripts/bundle.mjs", "node cli/dist/beetrace.cjs"]);
  expect(stderr).toContain("beetrace: package-lock.json has changed: npm ci installs what it names\n");
});

test("of starts at the same time one builds", async () => {
  age("cli/a.ts", 1);
  const slow = `${RECORDER}case $line in *bundle.mjs*) sleep 0.3; touch "${path("cli/dist/sources.sh")}" ;; esac\n`;
  writeFileSync(path("bin/node"), slow);
  writeFileSync(path("record"), "");
  const env = { PATH: `${path("bin")}:/usr/bin:/bin`, RECORD: path("record") };
  const starts = [1, 2, 3].map(() => spawn(path("beetrace"), { env, stdio: "ignore" }));
  await Promise.all(starts.map((child) => new Promise((resolve) => child.on("close", resolve))));
  const builds = readFileSync(path("record"), "utf8")
    .split("\n")
    .filter((line) => line.includes("bundle.mjs"));
  expect(builds.length).toBe(1);
});

test("a build that fails runs nothing old", () => {
  age("cli/a.ts", 1);
  writeFileSync(path("bin/node"), `${RECORDER}case $line in *bundle.mjs*) exit 1 ;; esac\n`);
  const { calls, stderr, status } = start(path("beetrace"), "-V");
  expect(calls).toEqual(["node scripts/bundle.mjs"]);
  expect(stderr).toContain("ERROR: beetrace could not be built");
  expect(status).toBe(1);
});

test("a link called bpftrace starts the command under that name", () => {
  mkdirSync(path("elsewhere"));
  symlinkSync("../beetrace", path("elsewhere/bpftrace"));
  expect(start(path("elsewhere/bpftrace"), "-V").calls).toEqual(["node cli/dist/bpftrace.cjs [-V]"]);
});

test("without node it says what to do", () => {
  rmSync(path("bin/node"));
  symlinkSync("/bin/sh", path("bin/sh"));
  const { stderr, status } = spawnSync(path("beetrace"), [], { env: { PATH: path("bin") }, encoding: "utf8" });
  expect(stderr).toMatch(
    /^ERROR: beetrace needs Node.js 20.19 or newer, and there is no node in PATH .*\nHINT: Debian/,
  );
  expect(status).toBe(1);
});
