import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { countLines, histogramTotal, mapValues } from "../tracing/output.ts";
import { runToEnd } from "../tracing/process.ts";
import { trace, traceWorkload } from "../tracing/tracer.ts";

const OPENS = 200;

test.each([
  ["13.bt", ""],
  ["13-", " = 3"],
])("%s: a line for each of 200 opens", async (script, result) => {
  const { stdout, comm } = await traceWorkload(script, ["opens", OPENS, "/etc/hostname"]);
  expect(countLines(stdout, new RegExp(`^${comm} /etc/hostname${result}$`))).toBe(OPENS);
  expect(countLines(stdout, new RegExp(`^${comm} `))).toBe(OPENS);
});

test.each(["14.bt", "14-"])("%s: 200 opens give 200", async (script) => {
  const { stdout, comm } = await traceWorkload(script, ["opens", OPENS, "/etc/hostname"]);
  expect(mapValues(stdout, "@").get(comm)).toBe(OPENS);
});

test.each(["15.bt", "15-"])("%s: the sum of the bytes that were read", async (script) => {
  const { stdout, comm } = await traceWorkload(script, ["reads", 300, 4321]);
  expect(mapValues(stdout, "@bytes").get(comm)).toBe(300 * 4321);
});

test.each(["08.bt", "08-"])("%s: each system call of each program", async (script) => {
  const { stdout, comm } = await traceWorkload(script, ["syscalls", 1234]);
  const counts = mapValues(stdout, "@syscalls");
  const of = (call: string) => counts.get(`${comm}, tracepoint:syscalls:sys_enter_${call}`);
  expect({ getppid: of("getppid"), exit: of("exit_group") }).toEqual({ getppid: 1234, exit: 1 });
});

test.each(["12.bt", "12-"])("%s: each system call of a process", async (script) => {
  const { stdout } = await traceWorkload(script, ["syscalls", 1234], { onlyIt: true });
  const counts = mapValues(stdout, "@syscalls");
  const of = (call: string) => counts.get(`tracepoint:syscalls:sys_enter_${call}`);
  expect({ getppid: of("getppid"), exit: of("exit_group") }).toEqual({ getppid: 1234, exit: 1 });
});

test.each([
  ["09.bt", "@latency"],
  ["09-", "@latency_us"],
])("%s: as many durations as reads", async (script, histogram) => {
  const { stdout } = await traceWorkload(script, ["reads", 300], { onlyIt: true });
  expect(histogramTotal(stdout, histogram)).toBe(300);
});

/** A program that is called nginx and stays 50 ms in one system call, three times. */
async function sleepAsNginx(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sleeps."));
  copyFileSync("/bin/sleep", join(folder, "nginx"));
  for (let i = 0; i < 3; i++) await runToEnd(join(folder, "nginx"), ["0.05"]);
  rmSync(folder, { recursive: true });
}

test("27.bt: says why it never prints, and does not", async () => {
  const { stdout, stderr } = await trace("27.bt", sleepAsNginx);
  expect(stderr).toMatch(/27\.bt:4:\d+-\d+: WARNING: @start never has this key here/);
  expect(stderr).toContain("HINT: leave `probe` out of the key to share it between probes");
  expect(stdout).not.toContain("Slow syscall");
});

test("27-: the slow system calls, and only those", async () => {
  const { stdout, stderr } = await trace("27-", sleepAsNginx);
  expect(stderr).not.toContain("WARNING");
  const slow = [...stdout.matchAll(/^Slow syscall: (\S+) (\d+) ms$/gm)];
  expect(slow.map((match) => match[1])).toEqual(Array(3).fill("tracepoint:syscalls:sys_exit_clock_nanosleep"));
  for (const [, , ms] of slow) expect(Number(ms)).toBeGreaterThanOrEqual(50);
});
