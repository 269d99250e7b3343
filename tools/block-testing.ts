/** For tests of block I/O: a disk that nobody else uses, and a program that does known I/O on it. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A loop device over a file. */
export interface TestDisk extends Disposable {
  /** `loop0` */
  readonly name: string;
  /** `/dev/loop0` */
  readonly path: string;
}

/** Makes one, whose I/O goes through to the disk below: it takes its time. Not below /tmp, which may be memory. */
export function testDisk(sizeBytes = 16 << 20): TestDisk {
  const folder = mkdtempSync("/var/tmp/disk-");
  const file = join(folder, "image");
  writeFileSync(file, new Uint8Array(sizeBytes), { flush: true });
  const path = execFileSync("losetup", ["--show", "--find", "--direct-io=on", file], { encoding: "utf8" }).trim();
  return {
    name: path.replace("/dev/", ""),
    path,
    [Symbol.dispose]: () => {
      execFileSync("losetup", ["--detach", path]);
      rmSync(folder, { recursive: true });
    },
  };
}

/**
 * `DEVICE r|w COUNT BYTES STRIDE`: reads or writes so many times around the page cache, at multiples of the stride.
 * Prints the nanoseconds that each took.
 */
export const DIRECT_IO = `#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
static long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000L + t.tv_nsec;
}
int main(int argc, char **argv) {
  int fd = open(argv[1], O_RDWR | O_DIRECT);
  long count = atol(argv[3]), bytes = atol(argv[4]), stride = atol(argv[5]);
  char *buffer;
  /* A huge page: the kernel has little to do to find its memory, and makes one request of it. */
  if (fd < 0 || posix_memalign((void **)&buffer, 2 << 20, 2 << 20)) return 1;
  madvise(buffer, 2 << 20, MADV_HUGEPAGE);
  memset(buffer, 1, bytes);
  for (long i = 0; i < count; i++) {
    long start = now();
    long done = argv[2][0] == 'r' ? pread(fd, buffer, bytes, i * stride) : pwrite(fd, buffer, bytes, i * stride);
    if (done != bytes) return 1;
    printf("%ld\\n", now() - start);
  }
  return 0;
}
`;

/** The one in the middle. */
export const medianOf = (numbers: readonly number[]) => numbers.toSorted((x, y) => x - y)[numbers.length >> 1];

/**
 * What a program that waited so long for each of its requests may need beside the disk, at most: to make a request, and to
 * be woken on a processor that sleeps, which is much of the time of a fast disk. In ns.
 */
export const ownPartNs = (waited: readonly number[]) => 0.1 * medianOf(waited) + 50_000;
