import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** Reads a file so many times; the first time from the disk. */
const SOURCE = `#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
static char bytes[4096];
int main(int argc, char **argv) {
  int file = open(argv[1], O_RDONLY);
  posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
  for (int i = 0; i < atoi(argv[2]); i++) {
    lseek(file, 0, SEEK_SET);
    while (read(file, bytes, sizeof bytes) > 0);
  }
  return 0;
}
`;

const PAGES = 500;
const PATH = "/var/tmp/cachetop-test";

let reader: Workload;
beforeAll(() => {
  reader = compileWorkload("topreader", SOURCE, "-static");
  writeFileSync(PATH, Buffer.alloc(PAGES * 4096, 1));
  execFileSync("sync", [PATH]);
  execFileSync(reader.path, [PATH, "1"]);
});
afterAll(() => {
  reader[Symbol.dispose]();
  rmSync(PATH);
});

const counted = async (times: number) => {
  const options = ["--name", "topreader", "--json", "600"];
  const { rows } = await runTool("cachetop", options, reader.command(PATH, String(times)));
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ uid: 0, user: "root", comm: "topreader" });
  return rows[0];
};

test("what a process asks for", async () => {
  const [none, thrice] = [await counted(0), await counted(3)];
  expect(Number(thrice?.hits) - Number(none?.hits)).toBe(3 * PAGES);
  expect(Number(thrice?.misses) - Number(none?.misses)).toBe(PAGES);
  expect(Number(thrice?.read_hit)).toBeCloseTo((100 * Number(thrice?.hits)) / (Number(thrice?.hits) + PAGES), 1);
});

test("in columns", async () => {
  const { lines } = await runTool("cachetop", ["--name", "topreader", "600"], reader.command(PATH, "1"));
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d Buffers MB: \d+ \/ Cached MB: \d+$/);
  expect(lines[1]).toBe("PID      UID      CMD              HITS     MISSES   DIRTIES  READ_HIT%  WRITE_HIT%");
  expect(lines[2]).toMatch(/^ +\d+ root {5}topreader {13}\d{3} +\d+ +\d+ +\d+\.\d% +\d+\.\d%$/);
});
