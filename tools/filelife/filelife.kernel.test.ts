import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** Prints how many milliseconds a file lived; others are made and deleted in ways of their own. */
const SOURCE = `#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_BOOTTIME, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}
static void make(const char *name) { close(open(name, O_CREAT | O_WRONLY, 0600)); }
int main(void) {
  char folder[] = "/dev/shm/filelife-XXXXXX", path[64], name[16];
  if (chdir(mkdtemp(folder)) != 0) return 1;
  make("old");
  double since = now();
  for (int i = 0; i < 100; i++) {
    snprintf(name, sizeof name, "many%d", i);
    make(name);
    unlink(name);
  }
  mkdir("sub", 0700);
  make("same");
  make("sub/same");
  make("tmp");
  rename("tmp", "final");
  int held = creat("held", 0600);
  unlink("held");
  make("again");
  close(open("again", O_CREAT | O_WRONLY, 0600));
  make("kept");
  unlink("none");
  unlink("sub");
  snprintf(path, sizeof path, "%s/sub/same", folder);
  unlink(path);
  unlinkat(AT_FDCWD, "same", 0);
  unlink("final");
  usleep(100000);
  unlink("again");
  unlink("old");
  printf("%s %f\\n", folder, now() - since);
  fflush(stdout);
  unlinkat(AT_FDCWD, "sub", AT_REMOVEDIR);
  close(held);
  unlink("kept");
  chdir("/");
  rmdir(folder);
  return 0;
}
`;

let maker: Workload;
beforeAll(() => {
  maker = compileWorkload("maker", SOURCE, "-static");
});
afterAll(() => maker[Symbol.dispose]());

test("each file that was made and deleted, in its order, with its age", async () => {
  const { rows, workload, text } = await runTool("filelife", ["--name", "maker", "--json"], maker.command());
  const many = Array.from({ length: 100 }, (_, index) => `many${index}`);
  expect(rows.map(({ file }) => file)).toEqual([...many, "held", "same", "same", "final", "again", "old", "kept"]);
  for (const row of rows) expect(row).toMatchObject({ comm: "maker", uid: 0 });
  const lived = Number(workload.split(" ")[1]);
  const age = Number(rows.find(({ file }) => file === "old")?.age_ns) / 1e6;
  expect(Math.abs(age - lived)).toBeLessThan(0.1 * lived);
  expect(text).toBe("");
});

test("in columns, with whole paths", async () => {
  const { lines, workload } = await runTool("filelife", ["-F", "--name", "maker"], maker.command());
  const folder = workload.split(" ")[0];
  expect(lines[0]).toBe("TIME     PID     COMM             AGE(s)  FILE");
  const files = lines.map((line) => line.split(" ").at(-1));
  expect(files.filter((file) => file?.endsWith("/same"))).toEqual([`${folder}/sub/same`, `${folder}/same`]);
  const again = lines.find((line) => line.endsWith("again"));
  expect(again).toMatch(new RegExp(`^\\d\\d:\\d\\d:\\d\\d \\d+ +maker {12}0\\.[1-9]\\d {4}${folder}/again$`));
});

test("of a process", async () => {
  expect((await runTool("filelife", ["-p", "1", "--json"], maker.command())).rows).toEqual([]);
});
