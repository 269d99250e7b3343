import { afterAll, beforeAll, expect, test } from "vitest";
import { DIRECT_IO, type TestDisk, testDisk } from "../block-testing.ts";
import { compileWorkload, type Row, runTool, type Workload } from "../testing.ts";

let disk: TestDisk;
let io: Workload;
beforeAll(() => {
  disk = testDisk();
  io = compileWorkload("directio", DIRECT_IO);
});
afterAll(() => {
  io[Symbol.dispose]();
  disk[Symbol.dispose]();
});

/** A loop device has a workqueue of its own name, and one piece of work for each request. */
const reads = (count: number) => io.command(disk.path, "r", String(count), "4096", "4096");
const total = (rows: readonly Row[]) => rows.reduce((sum, { count }) => sum + Number(count), 0);

test("each piece of work once, by workqueue", async () => {
  const { rows } = await runTool("wqlat", ["-W", "--json"], reads(100));
  const own = rows.filter(({ section }) => section === `wqname = ${disk.name}`);
  expect(total(own)).toBe(100);
  expect(total(rows)).toBeGreaterThanOrEqual(100);
  expect(own[0].unit).toBe("usecs");
});

test("of one workqueue, as text", async () => {
  const { lines } = await runTool("wqlat", ["-NT", "-w", disk.name], reads(50));
  expect(lines[0]).toBe("Tracing work queue request latency time... Hit Ctrl-C to end.");
  expect(lines[1]).toBe("");
  expect(lines[2]).toMatch(/^\d\d:\d\d:\d\d$/);
  expect(lines[3]).toBe("     nsecs               : count     distribution");
  const counts = lines.slice(4).map((line) => Number(line.split(":")[1].split("|")[0]));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(50);
});

test("of none, and by a name that is none", async () => {
  const { lines } = await runTool("wqlat", ["-w", "nosuchqueue"], reads(5));
  expect(lines).toHaveLength(2);
  expect((await runTool("wqlat", ["-w", "x".repeat(32)])).text).toContain("less than 32 characters");
});
