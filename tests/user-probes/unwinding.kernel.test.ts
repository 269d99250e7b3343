import { execFileSync, spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { RunningProcess, root, startWorkload, untilHeld, workloads } from "../tracing/process.ts";
import { startTracer, traceText } from "../tracing/tracer.ts";

const ROUNDS = 20;
const program = `${workloads}/unwinding`;
const ENABLED = "config = { unstable_dw_ustack = enable; show_debug_info = 0 }";
/** What is below main: of the C library, and where the kernel starts a program. */
const START = ["__libc_start_call_main", "__libc_start_main", "_start"];

/** How often each stack was counted in `@name`, by the names of its frames up to main. */
function stacks(stdout: string, name: string): Record<string, number> {
  const found = [...stdout.matchAll(new RegExp(`^@${name}\\[\n([^\\]]*)\\]: (\\d+)$`, "gm"))];
  return Object.fromEntries(
    found.map(([, text, count]) => {
      const frames = text
        .trim()
        .split("\n")
        .map((line) => line.trim().replace(/\+\d+$/, ""));
      const end = frames.includes("<unwind failure>") ? -1 : frames.indexOf("main");
      if (end >= 0) expect(frames.slice(end + 1).map((frame) => frame.replace(/@.*/, ""))).toEqual(START);
      return [frames.slice(0, end < 0 ? undefined : end + 1).join(" "), Number(count)];
    }),
  );
}

/** Frames of the C library differ between its versions; those of a sort are all of one. */
function withoutLibrary(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counts).map(([frames, count]) => [frames.replace(/ (msort\S*|qsort\S*|quicksort\S*)/g, ""), count]),
  );
}

const EXPECTED = {
  "bottom chain_inner chain_middle by_chain main": ROUNDS,
  "bottom compare by_callback main": ROUNDS,
  "bottom handle __restore_rt syscall by_signal main": ROUNDS,
  "bottom by_alignment main": ROUNDS,
  "bottom through_plugin by_plugin main": ROUNDS,
};

test("a process that runs: every frame of every way, through signals, aligned stacks and libraries", async () => {
  await using workload = await startWorkload("unwinding", ROUNDS, "--hold");
  const script = `${ENABLED} uprobe:${program}:bottom { @[dw_ustack] = count(); }`;
  const stdout = await traceText(script, async () => {
    workload.write("\n");
    await untilHeld(workload);
  }, ["-p", String(workload.pid)]);
  expect(withoutLibrary(stacks(stdout, ""))).toEqual(EXPECTED);
});

test("a command: from its first instruction on, with the libraries that it is linked with", async () => {
  const script = `${ENABLED} uprobe:${program}:bottom { @[dw_ustack] = count(); }`;
  await using tracer = await startTracer(["-e", script, "-c", `${program} ${ROUNDS}`]);
  const { code, stdout } = await tracer.finish();
  expect(code).toBe(0);
  expect(withoutLibrary(stacks(stdout, ""))).toEqual(EXPECTED);
});

test("in a system call; a limit cuts the stack off, and deeper stacks are counted to it", async () => {
  const script = `${ENABLED} tracepoint:syscalls:sys_enter_getppid /pid == cpid/ {
    @whole[dw_ustack] = count(); @few[dw_ustack(3)] = count(); $stack = dw_ustack(10); printf("%d\\n", len($stack)); }`;
  await using tracer = await startTracer(["-e", script, "-c", `${program} ${ROUNDS}`]);
  const { stdout } = await tracer.finish();
  const descend = Array.from({ length: ROUNDS + 1 }, () => "descend");
  expect(stacks(stdout, "whole")).toEqual({ [["syscall", ...descend, "main"].join(" ")]: 1 });
  expect(stacks(stdout, "few")).toEqual({ "syscall descend descend": 1 });
  expect(stdout).toMatch(/^10$/m);
});

test("in an entry of the linkage table, before and after it has pushed its number", async () => {
  const lazy = `${program}-lazy`;
  const table = execFileSync("objdump", ["-d", "-j", ".plt", lazy], { encoding: "utf8" });
  const entry = Number.parseInt(table.match(/^([0-9a-f]+) <snprintf@plt>:$/m)?.[1] ?? "", 16);
  const probe = (offset: number) =>
    `uprobe:${lazy}:0x${(entry + offset).toString(16)} { @at${offset}[dw_ustack] = count(); }`;
  const script = `${ENABLED} ${[0, 6, 11].map(probe).join(" ")}`;
  await using tracer = await startTracer(["--unsafe", "-e", script, "-c", `${lazy} ${ROUNDS}`]);
  const { stdout } = await tracer.finish();
  const counts = [0, 6, 11].map((offset) =>
    Object.entries(stacks(stdout, `at${offset}`)).map(([frames, count]) => [
      frames.split(" ").slice(1).join(" "),
      count,
    ]),
  );
  // It is looked up at the first call: only then the entry is gone through to its end.
  const callers = "chain_middle by_chain main";
  expect(counts.map((of) => of.sort())).toEqual([
    [
      ["by_plugin main", 1],
      [callers, ROUNDS],
    ],
    [[callers, 1]],
    [[callers, 1]],
  ]);
});

test("samples of a timer", async () => {
  const script = `${ENABLED} profile:hz:499 /pid == cpid/ { @[dw_ustack] = count(); }`;
  await using tracer = await startTracer(["-e", script, "-c", `${workloads}/spin 1500`]);
  const { stdout } = await tracer.finish();
  let whole = 0;
  let all = 0;
  for (const [frames, count] of Object.entries(stacks(stdout, ""))) {
    all += count;
    if (/^(.* )?outer main$/.test(frames)) whole += count;
  }
  expect(whole).toBeGreaterThan(100); // a machine that is not given its time loses some
  expect(whole / all).toBeGreaterThan(0.9); // some are of the loader, before its mappings are known
});

test("--dwarf-pid: others are traced too, and their stacks end at the first frame", async () => {
  await using known = await startWorkload("unwinding", ROUNDS, "--hold");
  const script = `${ENABLED} uprobe:${workloads}/targets:arg_string { @other[dw_ustack] = count(); }
    uprobe:${program}:by_chain { @known[dw_ustack] = count(); }`;
  await using tracer = await startTracer(["--dwarf-pid", String(known.pid), "-e", script]);
  known.write("\n");
  await untilHeld(known);
  spawnSync(`${workloads}/targets`, [String(ROUNDS)]);
  const { stdout, stderr } = await tracer.stop("SIGINT");
  expect(stacks(stdout, "known")).toEqual({ "by_chain main": ROUNDS });
  expect(Object.values(stacks(stdout, "other"))).toEqual([ROUNDS]);
  expect(stdout).toContain("<unwind failure>");
  expect(stderr).toContain("WARNING: No DWARF unwind data available for this process.");
});

test("without a process to unwind it is refused", async () => {
  const tracer = await RunningProcess.start(`${root}beetrace`, ["-e", "BEGIN { print(dw_ustack); }"]);
  const { code, stderr } = await tracer.finish();
  expect(code).toBe(1);
  expect(stderr).toContain("ERROR: dw_ustack requires a target process. Use -p, -c, or --dwarf-pid to specify one.");
});
