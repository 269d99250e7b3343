import { execFileSync, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { run } from "./compile-and-run.ts";
import type { RunOptions } from "./run-options.ts";

const folder = mkdtempSync(join(tmpdir(), "overhead."));
afterAll(() => rmSync(folder, { recursive: true }));

async function runQuietly(source: string, options: Partial<RunOptions>): Promise<string> {
  const [outFd, errFd] = [openSync("/dev/null", "w"), openSync(join(folder, "stderr"), "w")];
  try {
    expect(await run({ source, sourceName: "stdin", quiet: true, outFd, errFd, ...options })).toBe(0);
    return readFileSync(join(folder, "stderr"), "utf8");
  } finally {
    closeSync(outFd);
    closeSync(errFd);
  }
}

/** A program that makes exactly so many getpgid system calls, as fast as it can. */
function caller(calls: number): string {
  const path = join(folder, `calls-${calls}`);
  const source = `#include <unistd.h>\nint main(void) { for (int i = 0; i < ${calls}; i++) getpgid(0); return 0; }\n`;
  execFileSync("gcc", ["-x", "c", "-o", path, "-"], { input: source });
  return path;
}

test("what each probe cost stands in a table, with exact counts", async () => {
  const script = "begin { @b = 1; } uprobe:/lib/x86_64-linux-gnu/libc.so.6:getpgid { @c = count(); }";
  const table = await runQuietly(script, { command: caller(1234), reportsCosts: true });
  expect(table).toMatch(/^begin +1 +0 +0 +[\d,]+ +[\d.]+%$/m);
  expect(table).toMatch(/^uprobe:\S+:getpgid +1,234 +0 +0 +[\d,]+ +[\d.]+%$/m);
});

test("what the tracer itself took is told of a run of a second or more", async () => {
  const options = { keepRunning: true, reportsCosts: true };
  const script = "interval:ms:50 { @ticks = count(); }";
  expect(await runQuietly(script, { ...options, durationMs: 300 })).not.toContain("beetrace itself");
  expect(await runQuietly(script, { ...options, durationMs: 1500 })).toMatch(
    /^beetrace itself +(0\.\d+|[1-9]\.\d+)%$/m,
  );
});

test("the dearest probe is detached before the budget is passed, the others stay", async () => {
  const script = "tracepoint:syscalls:sys_enter_getpgid { @[kstack] = count(); } interval:ms:100 { @ticks = count(); }";
  const said = await runQuietly(script, { command: caller(3_000_000), maxOverhead: 0.01 });
  expect(said).toMatch(/^WARNING: tracepoint:syscalls:sys_enter_getpgid is detached: it took [\d.]+% of a CPU/);
  expect(said.match(/is detached/g)?.length).toBe(1);
});

test("or the run ends, with what it has", async () => {
  const script = "tracepoint:syscalls:sys_enter_getpgid { @[kstack] = count(); }";
  const child = spawn(caller(50_000_000));
  const ended = new Promise((resolve) => child.once("close", resolve));
  const said = await runQuietly(script, { maxOverhead: 0.01, onOverrun: "end" });
  child.kill();
  await ended;
  expect(said).toMatch(/^WARNING: tracing ends: it took [\d.]+% of a CPU, and --max-overhead allows 1\.00%\n$/);
});
