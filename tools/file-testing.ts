/** For tests of file systems: one that nobody else uses, and a program that does known things to its files. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compileWorkload, runTool, type ToolRun, type Workload } from "./testing.ts";

/** A file system over a file. */
export interface TestMount extends Disposable {
  /** Where it is mounted. */
  readonly path: string;
}

/** What makes each; the quietest way, whatever was there before. */
const MAKERS = {
  btrfs: ["mkfs.btrfs", "-q", "-f"],
  ext4: ["mkfs.ext4", "-q", "-F"],
  f2fs: ["mkfs.f2fs", "-q", "-f"],
  xfs: ["mkfs.xfs", "-q", "-f"],
} as const;

/** Of which one can be made for a test. */
export type TestFileSystem = keyof typeof MAKERS;

/** The least that XFS is made of; files have holes. */
const SIZE = 320 << 20;

/** Whether one of these can be made here: the kernel has it, and the program that makes it is there. */
export function canMount(type: TestFileSystem): boolean {
  if (!readFileSync("/proc/filesystems", "latin1").split("\n").includes(`\t${type}`)) return false;
  try {
    execFileSync("which", [MAKERS[type][0]], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Makes and mounts one. Not below /tmp, which may be memory. */
export function testMount(type: TestFileSystem): TestMount {
  const folder = mkdtempSync("/var/tmp/mount-");
  const image = join(folder, "image");
  const path = join(folder, "mounted");
  writeFileSync(image, "");
  truncateSync(image, SIZE);
  mkdirSync(path);
  const [maker, ...options] = MAKERS[type];
  execFileSync(maker, [...options, image], { stdio: "ignore" });
  execFileSync("mount", ["-t", type, "-o", "loop", image, path]);
  return {
    path,
    [Symbol.dispose]: () => {
      execFileSync("umount", [path]);
      rmSync(folder, { recursive: true });
    },
  };
}

/**
 * `FOLDER COUNT`: so many times opens a file, writes 4096 bytes at 8192, reads 1000 of them, syncs, asks for
 * its size; then once opens
 * another, writes 8 MiB and syncs. Prints the nanoseconds that this last sync took. Uses no library, whose file would
 * count as well.
 */
const SOURCE = `#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
static long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000L + t.tv_nsec;
}
static char buffer[8 << 20];
int main(int argc, char **argv) {
  memset(buffer, 1, sizeof buffer);
  if (chdir(argv[1])) return 1;
  for (int i = 0; i < atoi(argv[2]); i++) {
    int fd = open("small", O_CREAT | O_RDWR, 0600);
    if (pwrite(fd, buffer, 4096, 8192) != 4096 || pread(fd, buffer, 1000, 9216) != 1000 || fsync(fd)) return 1;
    struct stat about;
    if (fstat(fd, &about) || about.st_size != 12288) return 1;
    close(fd);
  }
  open("small", O_PATH);
  open("missing", O_RDONLY);
  int fd = open("large", O_CREAT | O_RDWR, 0600);
  if (write(fd, buffer, sizeof buffer) != sizeof buffer) return 1;
  long start = now();
  if (fdatasync(fd)) return 1;
  printf("%ld\\n", now() - start);
  return 0;
}
`;

/** Compiles that program. */
export function compileFiler(): Workload {
  return compileWorkload("filer", SOURCE, "-static");
}

/** Runs a tool while the program works in a new file system of this kind, and only on what the program does. */
export async function runOnFiles(
  tool: string,
  argv: readonly string[],
  filer: Workload,
  type: TestFileSystem,
  count: number,
): Promise<ToolRun> {
  using mount = testMount(type);
  return await runTool(tool, ["--name", filer.name, ...argv], filer.command(mount.path, String(count)));
}

/** How many values each histogram of operations holds. */
export function operationCounts({ rows }: ToolRun): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { section, count } of rows) {
    const operation = String(section).replace("operation = ", "");
    counts[operation] = (counts[operation] ?? 0) + Number(count);
  }
  return counts;
}

/** How many rows there are of each type. */
export function typeCounts({ rows }: ToolRun): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { type } of rows) counts[String(type)] = (counts[String(type)] ?? 0) + 1;
  return counts;
}
