import { afterAll, beforeAll, expect, test } from "vitest";
import { DIRECT_IO, ownPartNs, type TestDisk, testDisk } from "../block-testing.ts";
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

test("each request, with who made it, where it goes and how much", async () => {
  const writes = io.command(disk.path, "w", "100", "8192", "16384");
  const { rows, text } = await runTool("biosnoop", ["-d", disk.name, "--json"], writes);
  expect(rows.map(({ sector }) => sector)).toEqual(Array.from({ length: 100 }, (_, i) => i * 32));
  for (const row of rows) expect(row).toMatchObject({ comm: "directio", disk: disk.name, operation: "W", bytes: 8192 });
  expect(text).toBe("");
});

test("columns as BCC has them", async () => {
  const reads = io.command(disk.path, "r", "3", "4096", "4096");
  const { lines } = await runTool("biosnoop", ["-d", disk.name, "-QP"], reads);
  expect(lines[0]).toBe("TIME(s)     COMM           PID     DISK      T SECTOR     BYTES   P QUE(ms) LAT(ms)");
  expect(lines).toHaveLength(4);
  const name = disk.name.padEnd(9);
  expect(lines[1]).toMatch(
    new RegExp(`^0\\.000000 {4}directio {7}\\d+ +${name} R 0 {9} 4096 {4}\\? +\\d+\\.\\d\\d +\\d+\\.\\d\\d$`),
  );
  expect(lines[3]).toMatch(new RegExp(`${name} R 16 {8} 4096 {4}S `));
});

test("the latency is what the program waited, but for its own part", async () => {
  const writes = io.command(disk.path, "w", "40", "1048576", "4096");
  const { rows, workload } = await runTool("biosnoop", ["-d", disk.name, "--json"], writes);
  const waited = workload.trim().split("\n").map(Number);
  expect(rows).toHaveLength(40);
  const rest = rows.map((row, i) => waited[i] - (Number(row.queued_ns) + Number(row.latency_ns))).sort((x, y) => x - y);
  expect(rest[0]).toBeGreaterThan(0);
  expect(rest[20]).toBeLessThan(ownPartNs(waited));
});

test("only what is slow, only of some tasks", async () => {
  const reads = io.command(disk.path, "r", "20", "4096", "8192");
  const count = async (...options: string[]) =>
    (await runTool("biosnoop", ["-d", disk.name, ...options, "--json"], reads)).rows.length;
  expect(await count("-m", "10000")).toBe(0);
  expect(await count("--name", "directio")).toBe(20);
  expect(await count("--name", "somebody")).toBe(0);
  expect(await count("--uid", "nobody")).toBe(0);
  expect(await count("--uid", "root")).toBe(20);
});
