import { cpus } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** n processes that run all the time, for 1.2 s, all on processor 0. */
const SOURCE = `#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}
int main(int argc, char **argv) {
  cpu_set_t first;
  CPU_ZERO(&first);
  CPU_SET(0, &first);
  sched_setaffinity(0, sizeof first, &first);
  for (int i = 0; i < atoi(argv[1]); i++)
    if (fork() == 0) {
      double end = now() + 1.2;
      while (now() < end);
      _exit(0);
    }
  while (wait(NULL) > 0);
  return 0;
}
`;

let crowd: Workload;
beforeAll(() => {
  crowd = compileWorkload("pinned", SOURCE);
});
afterAll(() => crowd[Symbol.dispose]());

test("samples: a column for each processor, 99 rows a second", async () => {
  const { lines } = await runTool("cpuunclaimed", ["-j"], crowd.command("4"));
  const names = cpus().map((_, cpu) => `CPU${cpu}`);
  expect(lines[0]).toBe(["TIMESTAMP_ns", ...names].join(","));
  const rows = lines.slice(1).map((line) => line.split(",").map(Number));
  expect(rows.length).toBeGreaterThan(60);
  const steps = rows.slice(1).map(([ns], index) => ns - rows[index][0]);
  const middle = (numbers: number[]) => numbers.sort((a, b) => a - b)[numbers.length >> 1];
  expect(middle(steps) / 1e6).toBeGreaterThan(9);
  expect(middle(steps) / 1e6).toBeLessThan(11.5);
  expect(middle(rows.map(([, first]) => first))).toBeGreaterThanOrEqual(4);
});

test("summaries, as BCC prints them", async () => {
  const { lines } = await runTool("cpuunclaimed", ["-T", "0.4", "2"]);
  expect(lines[0]).toBe("Sampling run queues... Output every 0.4 seconds. Hit Ctrl-C to end.");
  expect(lines).toHaveLength(3);
  for (const line of lines.slice(1))
    expect(line).toMatch(/^\d\d:\d\d:\d\d %CPU [ \d]{3}\.\d\d%, unclaimed idle \d+\.\d\d%$/);
});

test("how far apart samples were taken; no interval with samples", async () => {
  const { lines } = await runTool("cpuunclaimed", ["-J", "--duration", "0.5"]);
  const names = ["CPU", "OFFSET_ns_CPU"].flatMap((name) => cpus().map((_, cpu) => `${name}${cpu}`));
  expect(lines[0]).toBe(["TIMESTAMP_ns", ...names].join(","));
  expect(lines.length).toBeGreaterThan(20);
  expect((await runTool("cpuunclaimed", ["-j", "1"])).text).toContain("have no interval");
});
