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

const waits = (workload: string) =>
  workload
    .trim()
    .split("\n")
    .map((ns) => Number(ns) / 1e9)
    .sort((a, b) => a - b);
type Percentiles = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Half the width of the step that a time is in. */
const half = (seconds: number) => (seconds < 0.001 ? 0.000005 : seconds < 0.1 ? 0.0005 : 0.05);

test("percentiles of writes, little less than what the program waits", async () => {
  const writes = io.command(disk.path, "w", "40", "1048576", "4096");
  const { rows, workload } = await runTool("biolatpcts", [disk.name, "-i", "60", "-j", "-p", "50", "100"], writes);
  const { read, write, discard, flush } = rows[0] as unknown as Percentiles;
  const waited = waits(workload);
  expect(write["50"]).toBeLessThanOrEqual(waited[19] + half(write["50"]));
  expect(write["100"]).toBeLessThanOrEqual(waited[39] + half(write["100"]));
  expect(write["50"]).toBeGreaterThan(0.5 * waited[19] - half(write["50"]));
  expect(write["100"]).toBeGreaterThanOrEqual(write["50"]);
  const none = { 50: 0, 100: 0 };
  expect({ read, discard, flush }).toEqual({ read: none, discard: none, flush: none });
});

test("the table, of a device by its number, since the request is there", async () => {
  const { lines } = await runTool(
    "biolatpcts",
    [`7:${disk.name.replace("loop", "")}`, "-i", "60", "-w", "after-rq-alloc", "-p", "50,99.9"],
    io.command(disk.path, "r", "50", "4096", "8192"),
  );
  expect(lines[0]).toBe("");
  expect(lines[1]).toMatch(/^7:\d+ {2,}p50 p99\.9$/);
  expect(lines[2]).toMatch(/^read {4} +\d[\d.]*[um]?s +\d[\d.]*[um]?s$/);
  expect(lines.slice(3)).toEqual(["write       -     -", "discard     -     -", "flush       -     -"]);
});

test("wrong use", async () => {
  const text = async (...argv: string[]) => (await runTool("biolatpcts", argv)).text;
  expect(await text()).toBe("ERROR: biolatpcts needs one device\nHINT: beetrace biolatpcts vda\n");
  expect(await text("nodisk")).toBe("ERROR: there is no disk 'nodisk'\nHINT: lsblk lists those that there are\n");
  expect(await text(disk.name, "-p", "101")).toBe("ERROR: --pcts: '101' is not a percentage\n");
});
