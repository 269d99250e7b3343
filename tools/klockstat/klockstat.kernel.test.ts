import { join } from "node:path";
import { probeFeatures } from "@beetrace/ebpf";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, type Row, runTool, type Workload } from "../testing.ts";

/**
 * `pipe COUNT`: so many writes and reads of a byte. `file COUNT PATH`: a process `quick` writes a byte so often to a file
 * that another one fills with much at a time, and prints the nanoseconds that it took in all.
 */
const SOURCE = `#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#define MUCH (64 << 20)
static long now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000L + now.tv_nsec;
}
static void fills(int fd) {
  char *much = malloc(MUCH);
  memset(much, 1, MUCH);
  for (;;) if (pwrite(fd, much, MUCH, 0) < 0) exit(1);
}
int main(int argc, char **argv) {
  long count = atol(argv[2]), spent = 0;
  int ends[2];
  char byte = 0;
  if (!strcmp(argv[1], "pipe")) {
    if (pipe(ends)) return 1;
    while (count--) if (write(ends[1], &byte, 1) != 1 || read(ends[0], &byte, 1) != 1) return 1;
    return 0;
  }
  int fd = open(argv[3], O_RDWR | O_CREAT, 0600);
  pid_t filler = fork();
  if (filler == 0) fills(fd);
  prctl(PR_SET_NAME, "quick");
  sleep(1);
  while (count--) {
    usleep(1000);
    long start = now_ns();
    if (pwrite(fd, &byte, 1, 0) != 1) return 1;
    spent += now_ns() - start;
  }
  printf("%ld\\n", spent);
  kill(filler, SIGKILL);
  wait(NULL);
  unlink(argv[3]);
  return 0;
}
`;

let locker: Workload;
beforeAll(() => {
  locker = compileWorkload("locker", SOURCE);
});
afterAll(() => locker[Symbol.dispose]());

const features = probeFeatures();
const seesAll = features.has("fentry") || features.has("kprobe");
const needs = "(needs kprobes or fentry)";
const contention = (count: number) => locker.command("file", String(count), join(locker.path, "..", "file"));
const of = (rows: readonly Row[], time: string, caller: RegExp) =>
  rows.filter((row) => row.time === time && caller.test(String(row.caller)));

test("waits for a lock that another process holds, by caller", async () => {
  const { rows, workload } = await runTool("klockstat", ["--name", "quick", "--json"], contention(40));
  const writes = of(rows, "wait", /write_iter\+0x/);
  const total = writes.reduce((sum, row) => sum + Number(row.total), 0);
  expect(writes.reduce((sum, { count }) => sum + Number(count), 0)).toBeGreaterThan(0);
  expect(total).toBeLessThan(Number(workload));
  expect(total).toBeGreaterThan(Number(workload) / 5);
  for (const { average, count, max, total: all } of writes) {
    expect(average).toBe(Math.floor(Number(all) / Number(count)));
    expect(Number(max)).toBeLessThanOrEqual(Number(all));
  }
});

test("as text, as BCC prints it; frames, threads and callers", async () => {
  const { lines } = await runTool("klockstat", ["--name", "quick", "-s", "3", "-n", "1"], contention(40));
  expect(lines[0]).toBe("Tracing lock events... Hit Ctrl-C to end.");
  const titles = lines.indexOf("                                  Caller   Avg Spin  Count   Max spin Total spin");
  expect(titles).toBe(seesAll ? 2 : 3);
  expect(lines[titles + 1]).toMatch(/^ *\S+\+0x[0-9a-f]+( +\d+){4}$/);
  expect(lines[titles + 2]).toMatch(/^ *\S+\+0x[0-9a-f]+$/);
  const threads = await runTool("klockstat", ["--name", "quick", "-P", "--json"], contention(40));
  expect(threads.rows.find(({ time }) => time === "wait")).toMatchObject({ comm: "quick", tid: expect.any(Number) });
  const none = await runTool("klockstat", ["--name", "quick", "-c", "no_such_caller", "--json"], contention(2));
  expect(none.rows).toEqual([]);
});

test.skipIf(!seesAll)(`each lock that is taken, and how long it is held ${needs}`, async () => {
  const argv = ["--name", "locker", "--json", "-S", "acq_count,hld_total"];
  const { rows } = await runTool("klockstat", argv, locker.command("pipe", "300"));
  for (const time of ["wait", "hold"]) {
    const counts = of(rows, time, /pipe_write\+0x/).map(({ count }) => Number(count));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(300);
  }
});

test.skipIf(seesAll)("what this kernel cannot show is said first", async () => {
  const { lines } = await runTool("klockstat", ["-d", "100ms"]);
  expect(lines[1]).toBe("This kernel has no kprobes: only waits for locks that were not free are seen.");
  expect(lines.join("\n")).not.toContain("Hold");
});

test("what is no order, and no lock", async () => {
  const refusal = async (...argv: string[]) => (await runTool("klockstat", argv)).text;
  expect(await refusal("-S", "max")).toContain("--sort: 'max' is none of acq_max");
  expect(await refusal("-L", "a b")).toContain("neither a symbol nor an address");
  expect(await refusal("-P", "-s", "3")).toContain("exclude each other");
});
