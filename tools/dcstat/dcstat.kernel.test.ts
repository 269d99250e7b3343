import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

const HAS_KPROBES = existsSync("/sys/bus/event_source/devices/kprobe");

/** Makes fifty folders, whose names are not there, and removes them, when they are. */
const SOURCE = `#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
int main(void) {
  char name[32];
  chdir("/dev/shm");
  for (int i = 0; i < 50; i++) {
    snprintf(name, sizeof name, "dcstat%d", i);
    mkdir(name, 0700);
    rmdir(name);
  }
  return 0;
}
`;

let looker: Workload;
beforeAll(() => {
  looker = compileWorkload("looker", SOURCE, "-static");
});
afterAll(() => looker[Symbol.dispose]());

test.skipIf(!HAS_KPROBES)("what is there and what is not (needs kprobes: CONFIG_KPROBES)", async () => {
  const { rows } = await runTool("dcstat", ["--name", "looker", "--json", "600"], looker.command());
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ slow: 100, miss: 50 });
  const { lines } = await runTool("dcstat", ["--name", "looker", "5"], looker.command());
  expect(lines[0]).toBe("TIME         REFS/s   SLOW/s   MISS/s     HIT%");
  expect(lines[1]).toMatch(/^\d\d:\d\d:\d\d: +\d+ {7}20 {7}10 +-?\d+\.\d\d$/);
});

test.skipIf(HAS_KPROBES)("a kernel that cannot carry it", async () => {
  const { text, code } = await runTool("dcstat", []);
  expect(text).toContain("dcstat needs kprobes or fentry, which this kernel has not");
  expect(code).toBe(1);
});
