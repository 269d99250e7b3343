import { afterAll, beforeAll, expect, test } from "vitest";
import { canMount, compileFiler, runOnFiles, typeCounts } from "../file-testing.ts";
import { runTool, type Workload } from "../testing.ts";

let filer: Workload;
beforeAll(() => {
  filer = compileFiler();
});
afterAll(() => filer[Symbol.dispose]());

test.skipIf(!canMount("ext4"))("every operation of a program", async () => {
  const run = await runOnFiles("fsslower", ["-t", "ext4", "-m", "0", "--json"], filer, "ext4", 10);
  expect(typeCounts(run)).toEqual({ R: 10, W: 11, O: 11, F: 11 });
});

test.skipIf(!canMount("ext4"))("as text, for a time", async () => {
  const { lines, code } = await runTool("fsslower", ["-t", "ext4", "-d", "0.1", "-m", "100000"]);
  expect(lines).toEqual([
    "Tracing ext4 operations slower than 100000 ms",
    "TIME     COMM             PID     T BYTES   OFF_KB   LAT(ms) FILENAME",
  ]);
  expect(code).toBe(0);
});
