import { afterAll, beforeAll, expect, test } from "vitest";
import { canMount, compileFiler, operationCounts, runOnFiles } from "../file-testing.ts";
import { runTool, type Workload } from "../testing.ts";

let filer: Workload;
beforeAll(() => {
  filer = compileFiler();
});
afterAll(() => filer[Symbol.dispose]());

test.skipIf(!canMount("xfs"))("of the file system that is asked for, and of no other", async () => {
  const run = await runOnFiles("fsdist", ["-t", "xfs", "--json"], filer, "xfs", 10);
  expect(operationCounts(run)).toEqual({ read: 10, write: 11, open: 11, fsync: 11 });
  const other = await runOnFiles("fsdist", ["-t", "ext4", "--json"], filer, "xfs", 10);
  expect(operationCounts(other)).toEqual({});
});

test.skipIf(!canMount("ext4"))("attributes as well, where functions can be traced", async () => {
  const run = await runOnFiles("fsdist", ["-t", "ext4", "--json"], filer, "ext4", 10);
  const attributes = run.text === "" ? { getattr: 10 } : {};
  expect(operationCounts(run)).toEqual({ read: 10, write: 11, open: 11, fsync: 11, ...attributes });
});

test("one that is not there", async () => {
  const unknown = await runTool("fsdist", ["-t", "fat"]);
  expect(unknown.text).toBe(
    "ERROR: there is no file system 'fat' here\nHINT: known are btrfs, ext4, f2fs, nfs, xfs, zfs\n",
  );
  const none = await runTool("fsdist", []);
  expect(none.text).toBe("ERROR: -t is needed: which file system\nHINT: known are btrfs, ext4, f2fs, nfs, xfs, zfs\n");
});
