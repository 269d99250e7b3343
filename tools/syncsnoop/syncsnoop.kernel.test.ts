import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** Each call a number of times that no other has, of a file in memory. */
const SOURCE = `#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
int main(void) {
  char name[] = "/dev/shm/syncsnoop-test";
  int file = open(name, O_CREAT | O_RDWR, 0600);
  unlink(name);
  ftruncate(file, 4096);
  void *page = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  for (int i = 0; i < 3; i++) fsync(file);
  for (int i = 0; i < 4; i++) fdatasync(file);
  for (int i = 0; i < 5; i++) msync(page, 4096, MS_SYNC);
  for (int i = 0; i < 6; i++) sync_file_range(file, 0, 4096, SYNC_FILE_RANGE_WRITE);
  for (int i = 0; i < 7; i++) syncfs(file);
  sync();
  return 0;
}
`;

let syncer: Workload;
beforeAll(() => {
  syncer = compileWorkload("syncer", SOURCE, "-static");
});
afterAll(() => syncer[Symbol.dispose]());

test("each call", async () => {
  const { rows } = await runTool("syncsnoop", ["--name", "syncer", "--json"], syncer.command());
  const calls = { fsync: 3, fdatasync: 4, msync: 5, sync_file_range: 6, syncfs: 7, sync: 1 };
  expect(rows.map(({ call }) => call)).toEqual(Object.entries(calls).flatMap(([name, n]) => Array(n).fill(name)));
});

test("in columns", async () => {
  const { lines } = await runTool("syncsnoop", ["--name", "syncer"], syncer.command());
  expect(lines[0]).toBe("TIME(s)            COMM             CALL");
  expect(lines).toHaveLength(27);
  expect(lines[1]).toMatch(/^\d+\.\d{9} +syncer {11}fsync$/);
});
