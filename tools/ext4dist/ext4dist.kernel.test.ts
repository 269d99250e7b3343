import { afterAll, beforeAll, expect, test } from "vitest";
import { canMount, compileFiler, operationCounts, runOnFiles } from "../file-testing.ts";
import type { Workload } from "../testing.ts";

let filer: Workload;
beforeAll(() => {
  filer = compileFiler();
});
afterAll(() => filer[Symbol.dispose]());

test.skipIf(!canMount("ext4"))("every operation of a program, by kind", async () => {
  const run = await runOnFiles("ext4dist", ["--json"], filer, "ext4", 50);
  expect(operationCounts(run)).toEqual({ read: 50, write: 51, open: 51, fsync: 51 });
  expect(run.rows[0]).toMatchObject({ section: "operation = read", unit: "usecs" });
});

test.skipIf(!canMount("ext4"))("the longest sync is where the program's clock has it", async () => {
  const run = await runOnFiles("ext4dist", ["--json"], filer, "ext4", 1);
  const longest = Number(run.workload) / 1000;
  const buckets = run.rows.filter(({ section, count }) => section === "operation = fsync" && Number(count) > 0);
  expect(Number(buckets.at(-1)?.min)).toBeLessThanOrEqual(longest);
  expect(Number(buckets.at(-1)?.max)).toBeGreaterThan(longest * 0.9 - 100);
});

test.skipIf(!canMount("ext4"))("histograms as text, of an interval, in milliseconds", async () => {
  const { lines } = await runOnFiles("ext4dist", ["-m", "60"], filer, "ext4", 5);
  expect(lines[0]).toBe("Tracing ext4 operation latency... Hit Ctrl-C to end.");
  expect(lines[2]).toMatch(/^\d\d:\d\d:\d\d:$/);
  expect(lines.filter((line) => line.startsWith("operation = "))).toEqual([
    "operation = read",
    "operation = write",
    "operation = open",
    "operation = fsync",
  ]);
  expect(lines).toContain("     msecs               : count     distribution");
});

test.skipIf(!canMount("ext4"))("no time, another process", async () => {
  const { lines } = await runOnFiles("ext4dist", ["-T", "-p", "1", "60"], filer, "ext4", 5);
  expect(lines).toEqual(["Tracing ext4 operation latency... Hit Ctrl-C to end.", ""]);
});
