import { execFileSync } from "node:child_process";
import { totalmem } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** Reads a disk into the cache, then takes nearly all memory, so that the cache has to go. Says how often that stalled. */
const SOURCE = `#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static long of(const char *path, const char *prefix) {
  char line[256];
  long sum = 0;
  FILE *file = fopen(path, "r");
  while (fgets(line, sizeof line, file))
    if (!strncmp(line, prefix, strlen(prefix))) sum += atol(strchr(line, ' ') + 1);
  fclose(file);
  return sum;
}
int main(int argc, char **argv) {
  static char block[1 << 20];
  int disk = open(argv[1], O_RDONLY);
  long before = of("/proc/vmstat", "allocstall_");
  for (int i = 0; i < 300 && read(disk, block, sizeof block) > 0; i++);
  long mib = of("/proc/meminfo", "MemAvailable:") / 1024 - 60;
  for (long i = 0; i < mib; i++) memset(malloc(1 << 20), 1, 1 << 20);
  printf("%ld %ld", of("/proc/vmstat", "allocstall_") - before, of("/proc/meminfo", "MemTotal:"));
  return 0;
}
`;

/** A machine with much memory cannot be brought to it, nor should it. */
const isLarge = totalmem() > 2 ** 31;

let squeezer: Workload;
beforeAll(() => {
  squeezer = compileWorkload("squeezer", SOURCE);
});
afterAll(() => squeezer[Symbol.dispose]());

/** A disk of zeros: its cache can be freed. */
function makeDisk(): string {
  execFileSync("modprobe", ["null_blk"]);
  return "/dev/nullb0";
}

test.skipIf(isLarge)("as often as the kernel counts", async () => {
  const { rows, workload } = await runTool("drsnoop", ["--json", "-e"], squeezer.command(makeDisk()));
  const [stalls, total] = workload.split(" ").map(Number);
  expect(stalls).toBeGreaterThan(0);
  expect(rows).toHaveLength(stalls);
  const own = rows.filter(({ comm }) => comm === "squeezer");
  expect(own.length).toBeGreaterThan(0);
  for (const { latency_ns, free_kb } of own) {
    expect(Number(latency_ns)).toBeGreaterThan(0);
    expect(Number(free_kb)).toBeLessThan(total / 4);
  }
});

test("the header, as BCC prints it", async () => {
  const { lines } = await runTool("drsnoop", ["-TU", "-t", "1", "-d", "0.2"]);
  expect(lines).toEqual(["TIME(s)       UID   COMM           TID     LAT(ms) PAGES"]);
});
