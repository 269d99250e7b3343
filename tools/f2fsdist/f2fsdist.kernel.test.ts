import { afterAll, beforeAll, expect, test } from "vitest";
import { FILE_SYSTEMS, isKnown } from "../file-systems.ts";
import { canMount, compileFiler, operationCounts, runOnFiles } from "../file-testing.ts";
import { runTool, type Workload } from "../testing.ts";

let filer: Workload;
beforeAll(() => {
  filer = compileFiler();
});
afterAll(() => filer[Symbol.dispose]());

test.skipIf(!canMount("f2fs"))("every operation of a program, by kind", async () => {
  const run = await runOnFiles("f2fsdist", ["--json"], filer, "f2fs", 30);
  expect(operationCounts(run)).toEqual({ read: 30, write: 31, open: 31, fsync: 31 });
});

test.skipIf(!canMount("f2fs"))("as text", async () => {
  const { lines } = await runOnFiles("f2fsdist", [], filer, "f2fs", 1);
  expect(lines.slice(0, 5)).toEqual([
    "Tracing F2FS operation latency... Hit Ctrl-C to end.",
    "",
    "",
    "operation = read",
    "     usecs               : count     distribution",
  ]);
});

test.skipIf(isKnown(FILE_SYSTEMS.f2fs))("a kernel without F2FS", async () => {
  const { code, text } = await runTool("f2fsdist", []);
  expect(text).toBe("ERROR: the kernel has no F2FS now\nHINT: its module is loaded when the first one is mounted\n");
  expect(code).toBe(1);
});
