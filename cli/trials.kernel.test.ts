import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const BEETRACE = fileURLToPath(new URL("../beetrace", import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "beetrace-trials-"));
  spawnSync(BEETRACE, ["-V"]); // builds, so that no test is told of it
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(command: string, ...argv: string[]) {
  const { stdout, stderr, status } = spawnSync(command, argv, { encoding: "utf8" });
  return { stdout, stderr, status };
}

describe("tests", () => {
  const SCRIPT = `
    test:good { @x = 5; if (@x != 5) { return 1; } printf("not shown"); }
    test:returns { for ($i : 0..9) { if ($i == 4) { return 7; } } }
    test:exits { exit(3); }
    test:complains { errorf("wrong"); }
    test:leaves_a_loop { for ($i : 0..9) { if ($i == 4) { return; } } }
    kprobe:nothing_of_that_name { }
  `;
  const FAILED = ["returns", "exits", "complains"];

  test("fail by what they return, their exit code or an error", () => {
    const { stdout, status } = run(BEETRACE, "--test", "-e", SCRIPT);
    const lines = stdout.split("\n");
    expect(lines[0]).toBe("[==========] Running 5 tests.");
    expect(lines.filter((line) => line.startsWith("[       OK ]")).map((line) => line.split(" ").at(-3))).toEqual([
      "good",
      "leaves_a_loop",
    ]);
    expect(lines.slice(-FAILED.length - 1)).toEqual([...FAILED.map((name) => `[  FAILED  ] ${name}`), ""]);
    expect(stdout).toContain("ERROR: wrong\n[  FAILED  ] complains (");
    expect(stdout).not.toContain("not shown");
    expect(status).toBe(1);
    expect(run(BEETRACE, "--mode", "test", "-e", "test:fine { }").status).toBe(0);
  });

  test("have a record each with -f json", () => {
    const { stdout } = run(BEETRACE, "--test", "-f", "json", "-e", 'test:bad { printf("said"); return 1; }');
    expect(JSON.parse(stdout)).toEqual({
      type: "test_result",
      data: { bad: { duration: expect.any(Number), passed: false, output: "said" } },
    });
  });

  test("are not run unasked, and their names are their own", () => {
    expect(run(BEETRACE, "-q", "-e", 'test:a { printf("t"); } begin { printf("b"); }').stdout).toBe("b\n\n");
    expect(run(BEETRACE, "-e", "test:a { }")).toEqual({
      stdout: "",
      stderr: "ERROR: No probes attached; use --test to run test probes.\n",
      status: 1,
    });
    expect(run(BEETRACE, "--bench", "-e", "test:a { }").stderr).toBe("ERROR: The script has no bench probes.\n");
    expect(run(BEETRACE, "--test", "-e", "test:a { } test:a { }").stderr).toContain("test:a is there already");
  });
});

describe("benchmarks", () => {
  test("are repeated until they have run for a millisecond", () => {
    const { stdout, stderr, status } = run(
      BEETRACE,
      "--bench",
      "-e",
      "bench:adds { @++; } bench:skipped { return 1; }",
    );
    const [, , row, end] = stdout.split("\n");
    const [name, ns, iterations] = row.split(/ +/);
    expect([name, end, stderr, status]).toEqual(["adds", "", "", 0]);
    expect(Number(ns) * Number(iterations)).toBeGreaterThanOrEqual(1_000_000);
  });

  test("that fail are named", () => {
    const { stderr, status } = run(BEETRACE, "--bench", "-f", "json", "-e", "bench:bad { exit(1); }");
    expect([stderr, status]).toEqual(["ERROR: Benchmark 'bad' failed.\n", 1]);
  });
});

describe("--emit-elf", () => {
  const PIN = "/sys/fs/bpf/beetrace-emit-elf-test";
  afterAll(() => rmSync(PIN, { recursive: true, force: true }));

  test("writes what libbpf loads, and lets the script run", () => {
    const object = join(folder, "x.o");
    const script =
      "begin { @x++; @h = hist(3); @p = kptr((struct task_struct *)(uint64)curtask).pid; for ($i : 0..3) { @y[$i] = 1; } } tracepoint:sched:sched_switch { @z[args.next_pid] = nsecs; } interval:ms:10 { exit(); }";
    const { stdout, status } = run(BEETRACE, "-q", "--emit-elf", object, "-e", script);
    expect([stdout.includes("@x: 1"), status]).toEqual([true, 0]);
    expect(existsSync("/usr/sbin/bpftool"), "bpftool is needed for this").toBe(true);
    const loaded = run("/usr/sbin/bpftool", "prog", "loadall", object, PIN);
    expect(loaded).toMatchObject({ stderr: "", status: 0 });
    expect(run("ls", PIN).stdout.split("\n")).toEqual([
      expect.stringMatching(/^begin_/),
      expect.stringMatching(/^interval_10_/),
      expect.stringMatching(/^tracepoint_sched_switch_/),
      "",
    ]);
    expect(run("/usr/sbin/bpftool", "btf", "dump", "file", object).stdout).toContain("DATASEC '.maps'");
  });
});

test("-d and --emit-llvm do not stop a run", () => {
  const { stdout, stderr, status } = run(
    BEETRACE,
    "-q",
    "-d",
    "ast",
    "--emit-llvm",
    "x",
    "--verify-llvm-ir",
    "-e",
    'begin { print("ran"); }',
  );
  expect(stdout.startsWith("-- ast --\n")).toBe(true);
  expect(stdout).toContain("\nran\n");
  expect(stderr).toBe(
    "WARNING: --emit-llvm writes nothing: there is no LLVM here\nHINT: -d ir prints what comes nearest\n",
  );
  expect(status).toBe(0);
});

test("--traceable-functions is the whole list of kernel functions", () => {
  const { stderr, status } = run(BEETRACE, "--traceable-functions", "/dev/null", "-e", "kprobe:vfs_read { }");
  expect(stderr).toContain("No matches for kprobe vfs_read");
  expect(status).toBe(1);
  expect(run(BEETRACE, "--traceable-functions", "/no/such", "-e", "kprobe:vfs_read { }").stderr).toContain(
    "Could not read functions from /no/such.",
  );
});

test("--probe-filter leaves begin and end alone", () => {
  const script = 'begin { print("b"); } interval:ms:1 { print("no"); } interval:ms:2 { exit(); } end { print("e"); }';
  expect(run(BEETRACE, "-q", "--probe-filter", ":2$", "-e", script).stdout).toBe("b\ne\n\n\n");
  expect(run(BEETRACE, "--probe-filter", "[x", "-e", script).stderr).toContain(
    "ERROR: Invalid --probe-filter regex '[x': ",
  );
});
