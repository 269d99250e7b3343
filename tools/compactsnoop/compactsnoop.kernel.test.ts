import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** Has all memory compacted, n times; says how long that took, in milliseconds. */
const SOURCE = `#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
int main(int argc, char **argv) {
  struct timespec from, until;
  int file = open("/proc/sys/vm/compact_memory", O_WRONLY);
  clock_gettime(CLOCK_MONOTONIC, &from);
  for (int i = 0; i < atoi(argv[1]); i++)
    if (pwrite(file, "1", 1, 0) != 1) return 1;
  clock_gettime(CLOCK_MONOTONIC, &until);
  printf("%f", (until.tv_sec - from.tv_sec) * 1e3 + (until.tv_nsec - from.tv_nsec) / 1e6);
  return 0;
}
`;

let presser: Workload;
beforeAll(() => {
  presser = compileWorkload("presser", SOURCE);
});
afterAll(() => presser[Symbol.dispose]());

/** The kernel's zones that have memory: name and marks. */
function zones() {
  const text = readFileSync("/proc/zoneinfo", "utf8");
  const number = (part: string, name: string) => Number(new RegExp(`^ +${name} +(\\d+)$`, "m").exec(part)?.[1] ?? 0);
  return text
    .split(/^Node (?=\d)/m)
    .slice(1)
    .filter((part) => number(part, "present") > 0)
    .map((part) => ({
      node: Number.parseInt(part, 10),
      zone: `ZONE_${/zone +(\w+)/.exec(part)?.[1].toUpperCase()}`,
      ...Object.fromEntries(["min", "low", "high"].map((name) => [name, number(part, name)])),
    }));
}

test("each zone, with its marks", async () => {
  const options = ["--name", "presser", "--json", "-e"];
  const { rows, workload } = await runTool("compactsnoop", options, presser.command("2"));
  expect(rows.map(({ node, zone, min, low, high }) => ({ node, zone, min, low, high }))).toEqual([
    ...zones(),
    ...zones(),
  ]);
  for (const row of rows) expect(row).toMatchObject({ order: -1, sync: true, fragmentation: -1 });
  for (const { status } of rows) expect(["complete", "contended"]).toContain(status);
  const spent = rows.reduce((sum, { latency_ns }) => sum + Number(latency_ns) / 1e6, 0);
  expect(spent).toBeGreaterThan(0);
  expect(spent).toBeLessThan(Number(workload));
});

test("of a process; in columns, with stacks", async () => {
  const { rows } = await runTool("compactsnoop", ["-p", "1", "--json"], presser.command("1"));
  expect(rows).toEqual([]);
  const { lines } = await runTool("compactsnoop", ["-TKe", "--name", "presser"], presser.command("1"));
  expect(lines[0]).toBe(
    "TIME(s)        COMM           PID    NODE ZONE         ORDER MODE    FRAGIDX  MIN      LOW      HIGH     FREE       LAT(ms)           STATUS",
  );
  expect(lines[1]).toMatch(
    /^0\.0{9} {4}presser {8}\d+ +0 {4}ZONE_\w+ +-1 {4}SYNC {4}-1\.000 {3}(?:\d+ +){4}\d+\.\d{3} +\w+$/,
  );
  expect(lines.slice(2).some((line) => /^ {8}compact_node\+0x[0-9a-f]+ \[kernel\]$/.test(line))).toBe(true);
});
