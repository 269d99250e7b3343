import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { runTool } from "../testing.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tool-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The kernel's own count of timer interrupts, of one processor. */
function timers(path: string, cpu: number): number {
  const line = /^ *TIMER:(.*)$/m.exec(readFileSync(path, "latin1"))?.[1] ?? "";
  return Number(line.trim().split(/\s+/)[cpu]);
}

/** Runs the tool for a second; also what the kernel has counted meanwhile, and from before until after. */
async function bracketed(cpu: number, ...argv: string[]) {
  const [from, until] = ["from", "until"].map((name) => join(folder, name));
  const before = timers("/proc/softirqs", cpu);
  const script = `cat /proc/softirqs > ${from}; sleep 1; cat /proc/softirqs > ${until}`;
  const run = await runTool("softirqslower", [...argv, "-c", String(cpu)], ["sh", "-c", script]);
  return { ...run, inner: timers(until, cpu) - timers(from, cpu), outer: timers("/proc/softirqs", cpu) - before };
}

test("of 0 us and more: as many as the kernel counts, of each how long it waited and ran", async () => {
  const { rows, inner, outer } = await bracketed(0, "0", "--json");
  const timer = rows.filter(({ softirq }) => softirq === "timer");
  const ran = timer.filter(({ stage }) => stage === "run");
  const waited = timer.filter(({ stage }) => stage === "raise");
  expect(ran.length).toBeGreaterThanOrEqual(inner);
  expect(ran.length).toBeLessThanOrEqual(outer);
  // One that is raised anew as it begins has no wait of its own.
  expect(waited.length).toBeGreaterThan(inner * 0.7);
  expect(waited.length).toBeLessThanOrEqual(outer);
  expect(inner).toBeGreaterThan(5);
  for (const { cpu, latency_ns } of rows) {
    expect(cpu).toBe(0);
    expect(Number(latency_ns)).toBeLessThan(1e9);
  }
});

test("in columns, those that are slow enough", async () => {
  const { lines } = await bracketed(0, "5");
  expect(lines[0]).toBe("Tracing softirq latency higher than 5 us... Hit Ctrl-C to end.");
  expect(lines[1]).toBe("TIME     STAGE                SOFTIRQ  LAT(us)        CPU    COMM");
  expect(lines.length).toBeGreaterThan(2);
  for (const line of lines.slice(2)) {
    const [, us] =
      /^\d\d:\d\d:\d\d (?:irq\(hard\) to softirq|softirq runtime {5}) [a-z_]+ +(\d+) +0 {6}\S/.exec(line) ?? [];
    expect(Number(us), line).toBeGreaterThanOrEqual(5);
  }
});
