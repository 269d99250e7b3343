import { afterAll, beforeAll, expect, test } from "vitest";
import { canMount, compileFiler, runOnFiles, typeCounts } from "../file-testing.ts";
import type { Workload } from "../testing.ts";

let filer: Workload;
beforeAll(() => {
  filer = compileFiler();
});
afterAll(() => filer[Symbol.dispose]());

test.skipIf(!canMount("ext4"))("every operation of a program, with its bytes and offset", async () => {
  const run = await runOnFiles("ext4slower", ["0", "--json"], filer, "ext4", 20);
  expect(typeCounts(run)).toEqual({ R: 20, W: 21, O: 21, S: 21 });
  const small = run.rows.filter(({ file }) => file === "small");
  expect(small).toHaveLength(80);
  expect(small[1]).toMatchObject({ comm: "filer", type: "W", bytes: 4096, offset: 8192 });
  expect(small[2]).toMatchObject({ type: "R", bytes: 1000, offset: 9216 });
  expect(run.rows.at(-2)).toMatchObject({ type: "W", bytes: 8 << 20, offset: 0, file: "large" });
  expect(run.rows.at(-1)).toMatchObject({ type: "S", bytes: 0, offset: 0, file: "large" });
});

test.skipIf(!canMount("ext4"))("how long a sync took, as the program has measured it", async () => {
  const run = await runOnFiles("ext4slower", ["0", "--json"], filer, "ext4", 0);
  const measured = Number(run.workload);
  const latency = Number(run.rows.at(-1)?.latency_ns);
  expect(latency).toBeLessThanOrEqual(measured);
  expect(latency).toBeGreaterThan(measured * 0.9 - 100_000);
});

test.skipIf(!canMount("ext4"))("only those that take longer, as text", async () => {
  const all = await runOnFiles("ext4slower", ["100000"], filer, "ext4", 5);
  expect(all.lines).toEqual([
    "Tracing ext4 operations slower than 100000 ms",
    "TIME     COMM           PID     T BYTES   OFF_KB   LAT(ms) FILENAME",
  ]);
  const { lines } = await runOnFiles("ext4slower", ["0"], filer, "ext4", 1);
  expect(lines[0]).toBe("Tracing ext4 operations");
  expect(lines[3]).toMatch(/^\d\d:\d\d:\d\d filer {10}\d+ +W 4096 {4}8 +\d+\.\d\d small$/);
});

test.skipIf(!canMount("ext4"))("values with commas between, under BCC's names", async () => {
  const { lines } = await runOnFiles("ext4slower", ["-j", "0"], filer, "ext4", 1);
  expect(lines[0]).toBe("ENDTIME_us,TASK,PID,TYPE,BYTES,OFFSET_b,LATENCY_us,FILE");
  expect(lines[2]).toMatch(/^\d+,filer,\d+,W,4096,8192,\d+,small$/);
});
