import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** Each call a number of times that no other has; in a folder of its own. */
const SOURCE = `#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
int main(void) {
  char folder[] = "/dev/shm/vfsstat-XXXXXX", bytes[64] = {0}, name[16];
  if (chdir(mkdtemp(folder)) != 0) return 1;
  int file = open("file", O_RDWR | O_CREAT, 0600), name_only = open("file", O_PATH), pipes[2];
  pipe(pipes);
  for (int i = 0; i < 40; i++) write(file, bytes, sizeof bytes);
  for (int i = 0; i < 5; i++) pwrite(file, bytes, sizeof bytes, 0);
  for (int i = 0; i < 30; i++) pread(file, bytes, sizeof bytes, 0);
  for (int i = 0; i < 3; i++) read(file, bytes, sizeof bytes);
  read(pipes[1], bytes, 1);
  // These do not come as far.
  read(99, bytes, 1);
  read(-1, bytes, 1);
  read(name_only, bytes, 1);
  pread(pipes[0], bytes, 1, 0);
  pread(file, bytes, 1, -1);
  for (int i = 0; i < 6; i++) fdatasync(file);
  fsync(file);
  for (int i = 0; i < 20; i++) close(open("file", O_RDONLY));
  open("none", O_RDONLY);
  for (int i = 0; i < 9; i++) {
    snprintf(name, sizeof name, "made%d", i);
    mknod(name, S_IFREG | 0600, 0);
  }
  mknod("fifo", S_IFIFO | 0600, 0);
  for (int i = 0; i < 9; i++) {
    snprintf(name, sizeof name, "made%d", i);
    if (i % 2) unlink(name); else unlinkat(AT_FDCWD, name, 0);
  }
  unlink("none");
  for (int i = 0; i < 4; i++) {
    mkdir("folder", 0700);
    mkdir("folder", 0700);
    close(open("folder/in", O_CREAT | O_WRONLY, 0600));
    rmdir("folder");
    unlink("folder/in");
    if (i % 2) rmdir("folder"); else unlinkat(AT_FDCWD, "folder", AT_REMOVEDIR);
  }
  unlink("file");
  unlink("fifo");
  chdir("/");
  rmdir(folder);
  return 0;
}
`;

let caller: Workload;
beforeAll(() => {
  caller = compileWorkload("caller", SOURCE, "-static");
});
afterAll(() => caller[Symbol.dispose]());

test("each call, by its kind", async () => {
  const { rows, text } = await runTool("vfsstat", ["--name", "caller", "--json", "600"], caller.command());
  const isExact = text === "";
  expect(text).toMatch(/^(NOTE: This kernel has neither kprobes nor fentry: .*\n)?$/);
  expect(rows).toEqual([
    {
      time: expect.stringMatching(/^\d\d:\d\d:\d\d$/),
      seconds: expect.any(Number),
      read: 34,
      write: 45,
      fsync: 7,
      open: 26,
      // Files that open() makes do not pass vfs_create.
      create: isExact ? 9 : 14,
      unlink: 15,
      mkdir: 5,
      rmdir: 9,
    },
  ]);
});

test("in columns, a second's rate", async () => {
  const { lines } = await runTool("vfsstat", ["--name", "caller", "5"], caller.command());
  expect(lines[0]).toBe("TIME         READ/s  WRITE/s  FSYNC/s   OPEN/s CREATE/s UNLINK/s  MKDIR/s  RMDIR/s");
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatch(/^\d\d:\d\d:\d\d: {9}6 {8}9 {8}1 {8}5 {8}\d {8}3 {8}1 {8}1$/);
});

test("of a process, so many times", async () => {
  const { rows, code } = await runTool("vfsstat", ["-p", "1", "--json", "0.2", "2"]);
  expect(code).toBe(0);
  expect(rows).toHaveLength(2);
  expect((await runTool("vfsstat", ["0"])).text).toContain("the interval has to be more than 0");
});
