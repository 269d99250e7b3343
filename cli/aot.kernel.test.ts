import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const BEETRACE = fileURLToPath(new URL("../beetrace", import.meta.url));
const DIST = join(dirname(BEETRACE), "cli/dist");
const SCRIPT = `
  begin { printf("%s %s\\n", comm, getopt("greeting", "hello", "what to say")); }
  tracepoint:sched:sched_switch { @seen[args.next_pid] = count(); @p = curtask.pid; }
  interval:ms:20 { exit(); }
`;
let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "beetrace-aot-"));
  file = join(folder, "watch");
  spawnSync(BEETRACE, ["-V"]); // builds, so that no test is told of it
  expect(run(BEETRACE, "--aot", file, "-e", SCRIPT)).toEqual({ stdout: "", stderr: "", status: 0 });
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(command: string, ...argv: string[]) {
  return runIn(process.env, command, ...argv);
}

function runIn(env: NodeJS.ProcessEnv, command: string, ...argv: string[]) {
  const { stdout, stderr, status } = spawnSync(command, argv, { encoding: "utf8", env });
  return { stdout, stderr, status };
}

test("the file is a command of its own, with the options of the script", () => {
  const { stdout, stderr, status } = run(file);
  expect(stdout.split("\n")[0]).toBe("watch hello");
  expect(stdout).toMatch(/\n@seen\[\d+\]: \d+\n/);
  expect([stderr, status]).toEqual(["Attached 3 probes\n", 0]);
  expect(run(file, "-q", "--", "--greeting=bye").stdout.split("\n")[0]).toBe("watch bye");
  expect(run(file, "--", "--help").stderr).toBe("HINT: expected program options:\n--greeting: what to say\n");
  expect(run(file, "--", "--gretting=x")).toMatchObject({
    stderr: expect.stringContaining("ERROR: unexpected program command line options: --gretting\n"),
    status: 1,
  });
});

test("output goes where it is told to", () => {
  const out = join(folder, "out");
  expect(run(file, "-f", "json", "-o", out)).toEqual({ stdout: "", stderr: "", status: 0 });
  const records = readFileSync(out, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string });
  expect(records.slice(0, 2)).toEqual([
    { type: "attached_probes", count: 3, data: { probes: 3 } },
    { type: "printf", data: "watch hello\n" },
  ]);
});

test("what was decided when it was compiled is refused", () => {
  expect(run(file, "--unsafe").stderr).toMatch(/^ERROR: --unsafe had its say when the script was compiled\n/);
  expect(run(file, "7").stderr).toMatch(/^ERROR: positional parameters are compiled in: 7 is too late\n/);
  expect(run(BEETRACE, "--aot", file, "-p", "1", "-e", "begin { }").stderr).toContain("--aot excludes -p and -c");
  expect(run(BEETRACE, "--aot", file, "-e", 'begin { print(kaddr("vfs_read")); }')).toMatchObject({
    stderr: expect.stringContaining("the address of vfs_read is another one after each boot"),
    status: 1,
  });
});

test("on a kernel whose structs differ it does not run", () => {
  const other = join(folder, "other");
  copyFileSync(file, other);
  const text = readFileSync(file, "utf8");
  writeFileSync(other, text.replace(/("task_struct","pid"\],"answer":"int32 at )\d+/, "$17"));
  const { stdout, stderr, status } = run(other);
  expect([stdout, status]).toEqual(["", 1]);
  expect(stderr).toMatch(
    /^ERROR: this was compiled for another machine:\n {2}field struct task_struct pid: int32 at 7 there, int32 at \d+ here\nHINT: compile/,
  );
});

test("another version and a damaged file are told apart", () => {
  const text = readFileSync(file, "utf8");
  const damaged = join(folder, "damaged");
  copyFileSync(file, damaged);
  writeFileSync(damaged, text.replace(/"version":"[^"]*"/, '"version":"0.0.0"'));
  expect(run(damaged).stderr).toMatch(
    /^ERROR: this was compiled by beetrace 0\.0\.0, and here is .*: compile it again\n$/,
  );
  writeFileSync(damaged, text.slice(0, -100));
  expect(run(damaged)).toEqual({ stdout: "", stderr: "ERROR: the compiled script is damaged\n", status: 1 });
});

test("the runtime is found by the path, and holds no compiler", () => {
  const moved = join(folder, "moved");
  copyFileSync(file, moved);
  writeFileSync(moved, readFileSync(file, "utf8").replace(/BEETRACE_RUNTIME-'[^']*'/, "BEETRACE_RUNTIME-'/no/such'"));
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const path = `${dirname(process.execPath)}:/usr/bin:/bin`;
  expect(runIn({ PATH: path }, moved).stderr).toBe("ERROR: beetrace is not here: neither /no/such nor in PATH\n");
  symlinkSync(BEETRACE, join(bin, "beetrace"));
  expect(runIn({ PATH: `${bin}:${path}` }, moved, "-q").stdout).toMatch(/^moved hello\n/);
  expect(readFileSync(join(DIST, "runtime.cjs"), "utf8")).not.toMatch(
    /^\/\/ pure\/compiler\/(parser|check|lower|codegen|ir)\//m,
  );
});
