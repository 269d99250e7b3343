import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** Reads a file over and over, so many bytes at once; the first time from the disk, if it is told to. */
const SOURCE = `#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
static char bytes[1 << 20];
int main(int argc, char **argv) {
  int file = open(argv[1], O_RDONLY);
  if (argc > 4) posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
  for (int i = 0; i < atoi(argv[2]); i++) {
    lseek(file, 0, SEEK_SET);
    while (read(file, bytes, atoi(argv[3])) > 0);
  }
  return 0;
}
`;

const PAGES = 1000;
const ON_DISK = "/var/tmp/cachestat-test";
const IN_MEMORY = "/dev/shm/cachestat-test";

let reader: Workload;
beforeAll(() => {
  reader = compileWorkload("pagereader", SOURCE, "-static");
  for (const path of [ON_DISK, IN_MEMORY]) writeFileSync(path, Buffer.alloc(PAGES * 4096, 1));
  execFileSync("sync", [ON_DISK]);
  // What is read of disks only once: the program, names of files.
  for (const path of [ON_DISK, IN_MEMORY]) execFileSync(reader.path, [path, "1", "4096"]);
});
afterAll(() => {
  reader[Symbol.dispose]();
  for (const path of [ON_DISK, IN_MEMORY]) rmSync(path);
});

const counted = async (...argv: string[]) => {
  const { rows, text } = await runTool("cachestat", ["--name", "pagereader", "--json", "600"], reader.command(...argv));
  expect(rows).toHaveLength(1);
  return { hits: Number(rows[0]?.hits), misses: Number(rows[0]?.misses), isExact: text === "" };
};

test("pages that are there, and those that are not", async () => {
  const { isExact, ...none } = await counted(IN_MEMORY, "0", "4096");
  // Functions see files in memory, and those alone are sure to be there in a guest.
  const path = isExact ? IN_MEMORY : ON_DISK;
  const thrice = await counted(path, "3", "4096");
  expect(thrice.hits - none.hits).toBe(3 * PAGES);
  if (isExact) return;
  const fromDisk = await counted(path, "3", "4096", "cold");
  expect(fromDisk.misses - none.misses).toBe(PAGES);
  // A page that is still on its way from the disk is asked for again.
  expect(fromDisk.hits - none.hits).toBeGreaterThanOrEqual(2 * PAGES);
  expect(fromDisk.hits - none.hits).toBeLessThanOrEqual(2 * PAGES + PAGES / 20);
  const large = await counted(path, "5", "1000000");
  expect(large.hits - none.hits).toBe(5 * PAGES);
  const small = await counted(path, "1", "512");
  expect(small.hits - none.hits).toBe(PAGES);
});

test("in columns", async () => {
  const { lines, code } = await runTool("cachestat", ["-T", "0.2", "2"]);
  expect(code).toBe(0);
  expect(lines[0]).toBe("TIME         HITS   MISSES  DIRTIES HITRATIO   BUFFERS_MB  CACHED_MB");
  expect(lines).toHaveLength(3);
  expect(lines[2]).toMatch(/^\d\d:\d\d:\d\d( +\d+){3} +\d+\.\d\d%( +\d+){2}$/);
  const buffers = Number(/^Buffers: +(\d+)/m.exec(readFileSync("/proc/meminfo", "latin1"))?.[1]) / 1024;
  expect(Math.abs(Number(lines[2]?.split(/ +/).at(-2)) - buffers)).toBeLessThan(0.2 * buffers + 2);
});

test("until it is stopped", async () => {
  const { lines } = await runTool("cachestat", ["600"], ["true"]);
  expect(lines).toHaveLength(3);
  expect(lines[2]).toBe("Detaching...");
});
