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

test("what follows on what went before is sequential; the first counts for nothing", async () => {
  const { rows, text } = await runTool(
    "biopattern",
    ["-d", disk.name, "--json"],
    io.command(disk.path, "w", "101", "4096", "4096"),
  );
  expect(rows).toMatchObject([
    { disk: disk.name, random_percent: 0, sequential_percent: 100, count: 100, kbytes: 400 },
  ]);
  expect(text).toBe("");
});

test("what does not is random", async () => {
  const scattered = io.command(disk.path, "r", "51", "4096", "12288");
  const { lines } = await runTool("biopattern", ["-d", disk.name], scattered);
  expect(lines[0]).toBe("TIME      DISK     %RND  %SEQ    COUNT     KBYTES");
  expect(lines[1]).toMatch(new RegExp(`^\\d\\d:\\d\\d:\\d\\d {2}${disk.name} +100     0       50        200$`));
});

test("tasks are not told apart", async () => {
  expect((await runTool("biopattern", ["--pid", "1"])).text).toContain("biopattern has no option --pid: what it shows");
});
