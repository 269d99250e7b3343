import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, type Row, runTool, type Workload } from "../testing.ts";

/** Sleeps so often for so many microseconds; writes how often it left its processor, and how long the sleeps took. */
const SOURCE = `#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
static long switches(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_nvcsw + usage.ru_nivcsw;
}
static long now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
int main(int argc, char **argv) {
  long before = switches(), slept = 0;
  for (int i = 0; i < atoi(argv[1]); i++) {
    long start = now_us();
    usleep(atoi(argv[2]));
    slept += now_us() - start;
  }
  FILE *file = fopen(argv[3], "w");
  fprintf(file, "%ld %ld", switches() - before, slept);
  fclose(file);
  return 0;
}
`;

let sleeper: Workload;
let file: string;
beforeAll(() => {
  sleeper = compileWorkload("sleeper", SOURCE);
  file = join(sleeper.path, "..", "measured");
});
afterAll(() => sleeper[Symbol.dispose]());

const measured = () => readFileSync(file, "utf8").split(" ").map(Number) as [switches: number, sleptUs: number];
const total = (rows: readonly Row[]) => rows.reduce((sum, { count }) => sum + Number(count), 0);

test("each time that a task leaves its processor", async () => {
  const { rows } = await runTool("cpudist", ["--name", "sleeper", "--json"], sleeper.command("200", "1000", file));
  const [switches] = measured();
  expect(switches).toBeGreaterThanOrEqual(200);
  // It waits before main() and leaves for the last time after it has written.
  expect(total(rows)).toBeGreaterThan(switches);
  expect(total(rows)).toBeLessThan(switches + 30);
});

test("how long tasks are away, as they measure it themselves", async () => {
  const argv = ["-O", "-e", "-L", "--name", "sleeper"];
  const { lines } = await runTool("cpudist", argv, sleeper.command("50", "20000", file));
  const [, slept] = measured();
  const [, average, sum, count] =
    /^avg = (\d+) usecs, total: (\d+) usecs, count: (\d+)$/.exec(lines.at(-2) ?? "") ?? [];
  expect(Number(sum)).toBeGreaterThan(slept * 0.9);
  expect(Number(sum)).toBeLessThan(slept * 1.1);
  expect(Number(average)).toBe(Math.floor(Number(sum) / Number(count)));
  expect(Number(count)).toBeGreaterThanOrEqual(50);
  expect(lines[0]).toBe("Tracing off-CPU time... Hit Ctrl-C to end.");
  expect(lines).toContainEqual(expect.stringMatching(/^tid = \d+/));
  expect(lines).toContain("     usecs               : count     distribution");
});

test("processes and idle processors", async () => {
  const sections = async (...options: string[]) => {
    const { rows } = await runTool("cpudist", ["-m", "--json", ...options], sleeper.command("20", "1000", file));
    return new Set(rows.map(({ section }) => section));
  };
  expect(await sections("-p", "1,2", "-P", "--name", "sleeper")).toEqual(new Set());
  expect(await sections("-P", "--name", "swapper")).toEqual(new Set());
  // On a machine that is busy all the time there are none.
  const idle = await sections("-P", "-I", "-O", "--name", "swapper");
  expect([...idle].filter((section) => section !== "pid = 0")).toEqual([]);
});
