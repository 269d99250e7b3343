import { afterAll, beforeAll, expect, test } from "vitest";
import { FILE_SYSTEMS, isKnown } from "../file-systems.ts";
import { canMount, compileFiler, runOnFiles, typeCounts } from "../file-testing.ts";
import { runTool, type Workload } from "../testing.ts";

let filer: Workload;
beforeAll(() => {
  filer = compileFiler();
});
afterAll(() => filer[Symbol.dispose]());

test.skipIf(!canMount("f2fs"))("every operation of a program, with its bytes and offset", async () => {
  const run = await runOnFiles("f2fsslower", ["0", "--json"], filer, "f2fs", 20);
  expect(typeCounts(run)).toEqual({ R: 20, W: 21, O: 21, S: 21 });
  const small = run.rows.filter(({ file }) => file === "small");
  expect(small[1]).toMatchObject({ comm: "filer", type: "W", bytes: 4096, offset: 8192 });
  expect(small[2]).toMatchObject({ type: "R", bytes: 1000, offset: 9216 });
  expect(run.rows.at(-2)).toMatchObject({ type: "W", bytes: 8 << 20, offset: 0, file: "large" });
});

test.skipIf(!canMount("f2fs"))("only those that take longer", async () => {
  const { lines } = await runOnFiles("f2fsslower", ["100000"], filer, "f2fs", 2);
  expect(lines).toEqual([
    "Tracing F2FS operations slower than 100000 ms",
    "TIME     COMM           PID     T BYTES   OFF_KB   LAT(ms) FILENAME",
  ]);
});

test.skipIf(isKnown(FILE_SYSTEMS.f2fs))("a kernel without F2FS", async () => {
  const { code, text } = await runTool("f2fsslower", []);
  expect(text).toBe("ERROR: the kernel has no F2FS now\nHINT: its module is loaded when the first one is mounted\n");
  expect(code).toBe(1);
});
