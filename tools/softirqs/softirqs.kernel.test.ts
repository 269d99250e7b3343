import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { type Row, runTool } from "../testing.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tool-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The kernel's own count of timer interrupts. */
function timers(path: string): number {
  const line =
    readFileSync(path, "latin1")
      .split("\n")
      .find((each) => /^ *TIMER:/.test(each)) ?? "";
  return line
    .trim()
    .split(/\s+/)
    .slice(1)
    .reduce((sum, count) => sum + Number(count), 0);
}

/** Runs the tool for a second; also what the kernel has counted meanwhile, and from before until after. */
async function bracketed(...argv: string[]) {
  const [from, until] = ["from", "until"].map((name) => join(folder, name));
  const before = timers("/proc/softirqs");
  const script = `cat /proc/softirqs > ${from}; sleep 1; cat /proc/softirqs > ${until}`;
  const run = await runTool("softirqs", argv, ["sh", "-c", script]);
  return { ...run, inner: timers(until) - timers(from), outer: timers("/proc/softirqs") - before };
}

test("as many as the kernel counts", async () => {
  const { rows, inner, outer } = await bracketed("-C", "--json");
  const count = Number(rows.find(({ softirq }) => softirq === "timer")?.count);
  expect(count).toBeGreaterThanOrEqual(inner);
  expect(count).toBeLessThanOrEqual(outer);
  expect(inner).toBeGreaterThan(10);
});

test("a histogram of their times has them all", async () => {
  const { rows, inner, outer } = await bracketed("-dN", "--json");
  const timer = rows.filter(({ section }: Row) => section === "softirq = timer");
  const count = timer.reduce((sum, row) => sum + Number(row.count), 0);
  expect(count).toBeGreaterThanOrEqual(inner);
  expect(count).toBeLessThanOrEqual(outer);
});

test("as BCC prints it", async () => {
  const { lines } = await runTool("softirqs", ["-T", "1", "1"]);
  expect(lines[0]).toBe("Tracing soft irq event time... Hit Ctrl-C to end.");
  expect(lines[1]).toBe("");
  expect(lines[2]).toMatch(/^\d\d:\d\d:\d\d$/);
  expect(lines[3]).toBe("SOFTIRQ          TOTAL_usecs");
  expect(lines.slice(4)).toContainEqual(expect.stringMatching(/^timer {12}[ \d]{11}$/));
  expect((await runTool("softirqs", ["-c", "1000", "--json", "1", "1"])).rows).toEqual([]);
  expect((await runTool("softirqs", ["--pid", "1"])).text).toContain("has no option --pid");
  expect((await runTool("softirqs", ["-C", "-d"])).text).toContain("--events has no times");
});
