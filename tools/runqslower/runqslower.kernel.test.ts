import { readFileSync, rmSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** Processes that run all the time; each writes how long it waited, by the scheduler's own account. */
const SOURCE = `#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
static long long waited(void) {
  long long ran, waits = 0;
  FILE *file = fopen("/proc/self/schedstat", "r");
  fscanf(file, "%lld %lld", &ran, &waits);
  fclose(file);
  return waits;
}
int main(int argc, char **argv) {
  for (int i = 0; i < atoi(argv[1]); i++)
    if (fork() == 0) {
      time_t end = time(0) + 3;
      while (time(0) < end);
      FILE *file = fopen(argv[2], "a");
      fprintf(file, "%d %lld\\n", getpid(), waited());
      fclose(file);
      return 0;
    }
  while (wait(0) > 0);
  return 0;
}
`;

let crowd: Workload;
let file: string;
beforeAll(() => {
  crowd = compileWorkload("crowd", SOURCE, "-w");
  file = join(crowd.path, "..", "waited");
});
afterAll(() => crowd[Symbol.dispose]());

const traced = (...argv: string[]) => {
  rmSync(file, { force: true });
  return runTool("runqslower", argv, crowd.command(String(cpus().length * 2), file));
};

test("the waits of each task add up to what the scheduler has counted", async () => {
  const { rows } = await traced("0", "--name", "crowd", "--json");
  const lines = readFileSync(file, "utf8").trim().split("\n");
  expect(lines).toHaveLength(cpus().length * 2);
  for (const line of lines) {
    const [pid, ns] = line.split(" ").map(Number);
    const waits = rows.filter((row) => row.tid === pid);
    const sum = waits.reduce((us, { latency_us }) => us + Number(latency_us), 0);
    expect(sum).toBeGreaterThan((ns / 1000) * 0.9);
    expect(sum).toBeLessThan((ns / 1000) * 1.1);
  }
});

test("only long ones, as BCC prints them", async () => {
  const { lines } = await traced("1000", "-P", "--name", "crowd");
  expect(lines[0]).toBe("Tracing run queue latency higher than 1000 us");
  expect(lines[1]).toBe("TIME     COMM             TID           LAT(us) PREV COMM        PREV TID");
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines.slice(2)) {
    const [, us] = /^\d\d:\d\d:\d\d crowd {12}\d+ +(\d+) .{16} \d+$/.exec(line) ?? [];
    expect(Number(us), line).toBeGreaterThan(1000);
  }
});

test("of a process, of a user", async () => {
  expect((await traced("-p", "1", "0", "--json")).rows.filter(({ pid }) => pid !== 1)).toEqual([]);
  expect((await traced("--uid", "nobody", "0", "--json", "--name", "crowd")).rows).toEqual([]);
  expect((await traced("-p", "1", "-t", "1")).text).toContain("--pid and --tid exclude each other");
});
