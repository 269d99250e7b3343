import { afterAll, beforeAll, expect, test } from "vitest";
import { DIRECT_IO, medianOf, ownPartNs, type TestDisk, testDisk } from "../block-testing.ts";
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

const writes = (count: number) => io.command(disk.path, "w", String(count), "4096", "8192");
const reads = (count: number) => io.command(disk.path, "r", String(count), "4096", "8192");

/** The sum of the counts of a histogram. */
const total = (lines: readonly string[]) =>
  lines.reduce((sum, line) => sum + Number(/^ *\d+ -> \d+ +: (\d+) +\|/.exec(line)?.[1] ?? 0), 0);

test("every request to a disk, as BCC shows it", async () => {
  const { lines, text } = await runTool("biolatency", ["-d", disk.name, "-e"], writes(300));
  expect(lines.slice(0, 3)).toEqual([
    "Tracing block device I/O... Hit Ctrl-C to end.",
    "",
    "     usecs               : count     distribution",
  ]);
  expect(lines[3]).toMatch(/^ {9}0 -> 1 {10}: \d+ +\|[* ]{40}\|$/);
  expect(total(lines)).toBe(300);
  expect(lines.at(-1)).toMatch(/^avg = \d+ usecs, total: \d+ usecs, count: 300$/);
  expect(text).toBe("");
});

test("the time that the program waits is little more than what is measured", async () => {
  const writes = io.command(disk.path, "w", "40", "1048576", "4096");
  const { lines, workload } = await runTool("biolatency", ["-d", disk.name, "-eQ"], writes);
  const waited = workload.trim().split("\n").map(Number);
  const [, total] = /total: (\d+) usecs, count: 40$/.exec(lines.at(-1) ?? "") ?? [];
  const sum = (list: readonly number[]) => list.reduce((all, each) => all + each, 0);
  expect(Number(total) * 1000).toBeLessThan(sum(waited));
  // On a busy machine a program waits for a processor as well, now and then for long.
  const most = medianOf(waited);
  const least = sum(waited.map((ns) => Math.min(ns, most))) - waited.length * ownPartNs(waited);
  expect(Number(total) * 1000).toBeGreaterThan(least);
});

test("by disk, by kind, by process", async () => {
  const sections = async (option: string) =>
    (await runTool("biolatency", [option, "--name", io.name, "--json"], reads(70))).rows;
  for (const [option, section] of [
    ["-D", `disk = ${disk.name}`],
    ["-F", "flags = Sync-Read"],
    ["-p", /^pid = \d+ directio$/],
  ] as const) {
    const rows = (await sections(option)).filter((row) => String(row.section).match(section));
    expect(rows.reduce((sum, { count }) => sum + Number(count), 0)).toBe(70);
  }
});

test("only of some tasks, with the time in queues, in milliseconds, at intervals", async () => {
  const { lines } = await runTool("biolatency", ["-mQT", "--name", io.name, "-d", disk.name, "0.2"], writes(40));
  expect(lines.filter((line) => line === "     msecs               : count     distribution").length).toBeGreaterThan(
    0,
  );
  expect(lines.filter((line) => /^\d\d:\d\d:\d\d$/.test(line)).length).toBeGreaterThan(0);
  expect(total(lines)).toBe(40);
  expect(total((await runTool("biolatency", ["--name", "nobody", "-d", disk.name], writes(40))).lines)).toBe(0);
  expect(total((await runTool("biolatency", ["--pid", "1", "-d", disk.name], writes(40))).lines)).toBe(0);
});

test("what cannot be", async () => {
  expect((await runTool("biolatency", ["-DF"])).text).toContain("--disks and --flags exclude each other");
  expect((await runTool("biolatency", ["-d", "nodisk"])).text).toContain("there is no disk 'nodisk'");
});
