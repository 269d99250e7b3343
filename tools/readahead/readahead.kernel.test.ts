import { execFileSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

const HAS_KPROBES = existsSync("/sys/bus/event_source/devices/kprobe");

/** Reads so many pages of a file from the disk, and prints how many of it are in memory then. */
const SOURCE = `#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#define PAGES 1000
int main(int argc, char **argv) {
  static char bytes[4096];
  unsigned char resident[PAGES];
  int file = open(argv[1], O_RDONLY), all = 0;
  posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
  void *mapped = mmap(0, PAGES * 4096, PROT_READ, MAP_SHARED, file, 0);
  for (int i = 0; i < atoi(argv[2]); i++) {
    if (i == 20) usleep(100000);
    read(file, bytes, sizeof bytes);
  }
  // Until what is on its way has come.
  usleep(200000);
  mincore(mapped, PAGES * 4096, resident);
  for (int i = 0; i < PAGES; i++) all += resident[i] & 1;
  printf("%d\\n", all);
  return 0;
}
`;

const PATH = "/var/tmp/readahead-test";

let reader: Workload;
beforeAll(() => {
  reader = compileWorkload("aheadreader", SOURCE, "-static");
  writeFileSync(PATH, Buffer.alloc(1000 * 4096, 1));
  execFileSync("sync", [PATH]);
  execFileSync(reader.path, [PATH, "1"]);
});
afterAll(() => {
  reader[Symbol.dispose]();
  rmSync(PATH);
});

// In guests files are in memory, or the host's, which are read ahead in ways of their own.
test.skipIf(HAS_KPROBES).each([1000, 300, 50])("%i pages that are asked for, and the rest", async (count) => {
  const options = ["--name", "aheadreader", "--json"];
  const { rows, workload } = await runTool("readahead", options, reader.command(PATH, String(count)));
  const resident = Number(workload);
  expect(rows[0]).toEqual({ pages: resident, used: count, unused: resident - count });
  const buckets = rows.slice(1);
  expect(buckets.reduce((sum, row) => sum + Number(row.count), 0)).toBe(count);
  // Some waited while the reader slept.
  expect(buckets.some(({ min, count: pages }) => Number(min) >= 64 && Number(pages) > 0)).toBe(true);
});

test("as text", async () => {
  const { lines } = await runTool("readahead", ["--name", "aheadreader"], reader.command(PATH, "1000"));
  expect(lines[0]).toBe("Tracing... Hit Ctrl-C to end.");
  expect(lines[2]).toMatch(/^Read-ahead unused pages: \d+$/);
  expect(lines[3]).toBe("Histogram of read-ahead used page age (ms):");
  if (!HAS_KPROBES) expect(lines[5]).toBe("     age (ms)            : count     distribution");
});
