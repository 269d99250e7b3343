import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** Reads three times from a pipe with a name, which is written to later, and prints how many milliseconds each took; and
 * from a file, which is fast. */
const SOURCE = `#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_BOOTTIME, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}
int main(void) {
  char bytes[256], name[] = "/dev/shm/fileslower-test";
  char pipe_name[] = "/dev/shm/fileslower-pipe";
  mkfifo(pipe_name, 0600);
  int pipe = open(pipe_name, O_RDWR), file = open(name, O_CREAT | O_RDWR, 0600);
  unlink(name);
  unlink(pipe_name);
  if (fork() == 0) {
    for (int i = 0; i < 3; i++) {
      usleep(60000);
      write(pipe, bytes, 100);
    }
    return 0;
  }
  for (int i = 0; i < 10; i++) write(file, bytes, 200);
  for (int i = 0; i < 3; i++) {
    double since = now();
    read(pipe, bytes, 100);
    printf("%f\\n", now() - since);
  }
  for (int i = 0; i < 5; i++) pread(file, bytes, 50, 0);
  wait(0);
  return 0;
}
`;

let waiter: Workload;
beforeAll(() => {
  waiter = compileWorkload("waiter", SOURCE, "-static");
});
afterAll(() => waiter[Symbol.dispose]());

test("what took long, in milliseconds", async () => {
  const { rows, workload } = await runTool("fileslower", ["-a", "--name", "waiter", "--json", "20"], waiter.command());
  const waited = workload.trim().split("\n").map(Number);
  expect(rows).toHaveLength(3);
  rows.forEach((row, index) => {
    expect(row).toMatchObject({ comm: "waiter", operation: "R", bytes: 100 });
    const ms = Number(row.latency_ns) / 1e6;
    expect(Math.abs(ms - (waited[index] ?? 0))).toBeLessThan(0.1 * ms);
  });
});

test("all of regular files, in columns", async () => {
  const { lines } = await runTool("fileslower", ["--name", "waiter", "0"], waiter.command());
  expect(lines[0]).toBe("Tracing sync read/writes slower than 0 ms");
  expect(lines[1]).toBe("TIME(s)  COMM           TID    D BYTES   LAT(ms) FILENAME");
  const files = lines.filter((line) => line.endsWith(" fileslower-test"));
  expect(files.filter((line) => / W 200 +\d+\.\d\d /.test(line))).toHaveLength(10);
  expect(files.filter((line) => / R 50 +\d+\.\d\d /.test(line))).toHaveLength(5);
  expect(lines).toHaveLength(17);
  expect((await runTool("fileslower", ["-p", "1", "--json", "0"], waiter.command())).rows).toEqual([]);
});
