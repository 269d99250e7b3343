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

const requests = (kind: "r" | "w", count: number) => io.command(disk.path, kind, String(count), "4096", "4096");
const total = (rows: readonly Row[]) => rows.reduce((sum, { count }) => sum + Number(count), 0);

test("each request once, under its maker and where it was made", async () => {
  const { rows } = await runTool("biostacks", ["-d", disk.name, "--json"], requests("w", 100));
  const made = rows.filter(({ comm }) => comm === "directio");
  expect(total(made)).toBe(100);
  expect(new Set(made.map(({ disk: name }) => name))).toEqual(new Set([disk.name]));
  expect(String(made[0].kernel_stack)).toMatch(/blk_mq_submit_bio.*,vfs_write/);
  expect(made[0].unit).toBe("usecs");
});

test("as text, of some tasks", async () => {
  const argv = ["-d", `/dev/${disk.name}`, "-m", "--name", "directio"];
  const { lines } = await runTool("biostacks", argv, requests("r", 20));
  expect(lines[0]).toBe("Tracing block I/O with init stacks. Hit Ctrl-C to end.");
  expect(lines[1]).toMatch(new RegExp(`^directio {7}\\d+ +${disk.name} *$`));
  expect(lines).toContain("vfs_read");
  expect(lines).toContain("     msecs               : count     distribution");
  const counts = lines.filter((line) => line.includes("->")).map((line) => Number(line.split(":")[1].split("|")[0]));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(20);
});

test("nothing of other tasks", async () => {
  const { rows } = await runTool("biostacks", ["-d", disk.name, "--name", "nobody", "--json"], requests("r", 5));
  expect(rows).toEqual([]);
});
