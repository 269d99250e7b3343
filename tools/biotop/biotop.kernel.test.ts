import { afterAll, beforeAll, expect, test } from "vitest";
import { DIRECT_IO, type TestDisk, testDisk } from "../block-testing.ts";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

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

test("the I/O of a process, over all intervals", async () => {
  const writes = io.command(disk.path, "w", "500", "8192", "8192");
  const { rows, workload, text } = await runTool("biotop", ["-d", disk.name, "--json", "0.2"], writes);
  const sum = (field: string) => rows.reduce((total, row) => total + Number(row[field]), 0);
  for (const row of rows) expect(row).toMatchObject({ comm: "directio", operation: "W", major: 7, disk: disk.name });
  expect(sum("io")).toBe(500);
  expect(sum("bytes")).toBe(500 * 8192);
  const waited = workload
    .trim()
    .split("\n")
    .reduce((total, ns) => total + Number(ns), 0);
  expect(sum("ns")).toBeLessThan(waited);
  expect(sum("ns")).toBeGreaterThan(0.01 * waited);
  expect(text).toBe("");
});

test("the table as BCC has it", async () => {
  const reads = io.command(disk.path, "r", "20", "4096", "4096");
  const { lines } = await runTool("biotop", ["-C", "-d", disk.name, "60"], reads);
  expect(lines[0]).toBe("Tracing... Output every 60 secs. Hit Ctrl-C to end");
  expect(lines[2]).toMatch(/^\d\d:\d\d:\d\d loadavg: [\d.]+ [\d.]+ [\d.]+ \d+\/\d+ \d+$/);
  expect(lines[4]).toBe("PID     COMM             D MAJ MIN DISK       I/O  Kbytes  AVGms");
  expect(lines[5]).toMatch(new RegExp(`^\\d+ +directio {9}R 7   \\d+ +${disk.name} +20      80 +\\d+\\.\\d\\d$`));
});

test("only of a process, in the order that is asked for", async () => {
  const writes = io.command(disk.path, "w", "20", "4096", "4096");
  expect((await runTool("biotop", ["-p", "1", "-d", disk.name, "--json"], writes)).rows).toEqual([]);
  expect((await runTool("biotop", ["-s", "weight"])).text).toContain("--sort: 'weight' is no order");
});
