import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** Each call of one file that is there and of one that is not, so many times. */
const SOURCE = `#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>
int main(int argc, char **argv) {
  static char result[4096];
  const char *paths[] = {"/etc/hostname", "/nonexistent"};
  for (int i = 0; i < atoi(argv[1]); i++)
    for (int j = 0; j < 2; j++) {
      syscall(SYS_stat, paths[j], result);
      syscall(SYS_lstat, paths[j], result);
      syscall(SYS_statfs, paths[j], result);
      syscall(SYS_newfstatat, AT_FDCWD, paths[j], result, 0);
      syscall(SYS_statx, AT_FDCWD, paths[j], 0, STATX_ALL, result);
    }
  return 0;
}
`;

let asker: Workload;
beforeAll(() => {
  asker = compileWorkload("asker", SOURCE, "-static");
});
afterAll(() => asker[Symbol.dispose]());

const NAMES = ["newstat", "newlstat", "statfs", "newfstatat", "statx"];

test("each call, with what came of it", async () => {
  const { rows, text } = await runTool("statsnoop", ["--name", "asker", "--json"], asker.command("20"));
  const count = (syscall: string, path: string, err: number, fd: number) =>
    rows.filter((row) => row.syscall === syscall && row.path === path && row.err === err && row.fd === fd).length;
  for (const name of NAMES) {
    expect(count(name, "/etc/hostname", 0, 0)).toBe(20);
    expect(count(name, "/nonexistent", 2, -1)).toBe(20);
  }
  expect(rows).toHaveLength(200);
  expect(text).toBe("");
});

test("in columns, those that failed", async () => {
  const { lines } = await runTool("statsnoop", ["-tsx", "--name", "asker"], asker.command("3"));
  expect(lines[0]).toBe("TIME(s)       PID     COMM               FD ERR SYSCALL      PATH");
  expect(lines).toHaveLength(16);
  expect(lines[1]).toMatch(/^0\.000000000 {3}\d+ +asker +-1 {3}2 newstat {6}\/nonexistent$/);
  expect((await runTool("statsnoop", ["-p", "1"], asker.command("3"))).lines).toEqual([
    "PID     COMM               FD ERR PATH",
  ]);
});
