import { afterAll, beforeAll, expect, test } from "vitest";
import { canMount, compileFiler, operationCounts, runOnFiles } from "../file-testing.ts";
import type { Workload } from "../testing.ts";

let filer: Workload;
beforeAll(() => {
  filer = compileFiler();
});
afterAll(() => filer[Symbol.dispose]());

test.skipIf(!canMount("xfs"))("every operation of a program, by kind", async () => {
  const run = await runOnFiles("xfsdist", ["--json"], filer, "xfs", 30);
  expect(operationCounts(run)).toEqual({ read: 30, write: 31, open: 31, fsync: 31 });
});

test.skipIf(!canMount("xfs"))("as text", async () => {
  const { lines } = await runOnFiles("xfsdist", [], filer, "xfs", 1);
  expect(lines.slice(0, 5)).toEqual([
    "Tracing XFS operation latency... Hit Ctrl-C to end.",
    "",
    "",
    "operation = read",
    "     usecs               : count     distribution",
  ]);
});
