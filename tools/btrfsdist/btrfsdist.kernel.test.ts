import { afterAll, beforeAll, expect, test } from "vitest";
import { canMount, compileFiler, operationCounts, runOnFiles } from "../file-testing.ts";
import type { Workload } from "../testing.ts";

let filer: Workload;
beforeAll(() => {
  filer = compileFiler();
});
afterAll(() => filer[Symbol.dispose]());

test.skipIf(!canMount("btrfs"))("every operation of a program, by kind", async () => {
  const run = await runOnFiles("btrfsdist", ["--json"], filer, "btrfs", 30);
  expect(operationCounts(run)).toEqual({ read: 30, write: 31, open: 31, fsync: 31 });
});

test.skipIf(!canMount("btrfs"))("as text", async () => {
  const { lines } = await runOnFiles("btrfsdist", [], filer, "btrfs", 1);
  expect(lines.slice(0, 5)).toEqual([
    "Tracing btrfs operation latency... Hit Ctrl-C to end.",
    "",
    "",
    "operation = read",
    "     usecs               : count     distribution",
  ]);
});
