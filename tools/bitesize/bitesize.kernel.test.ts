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

test("sizes by name of processes, as BCC shows them", async () => {
  const writes = io.command(disk.path, "w", "120", "16384", "16384");
  const { lines, text } = await runTool("bitesize", ["-d", disk.name], writes);
  expect(lines.slice(0, 4)).toEqual([
    "Tracing block I/O... Hit Ctrl-C to end.",
    "",
    "Process Name = directio",
    "     Kbytes              : count     distribution",
  ]);
  expect(lines.at(-1)).toBe(`        16 -> 31         : 120      |${"*".repeat(40)}|`);
  expect(text).toBe("");
});

test("only of some tasks, for programs", async () => {
  const reads = io.command(disk.path, "r", "30", "4096", "4096");
  const counts = async (name: string) =>
    (await runTool("bitesize", ["-c", name, "-d", disk.name, "--json"], reads)).rows.filter(({ count }) => count !== 0);
  expect(await counts("direct")).toEqual([
    { section: "Process Name = directio", unit: "Kbytes", min: 4, max: 7, count: 30 },
  ]);
  expect(await counts("nobody")).toEqual([]);
});
