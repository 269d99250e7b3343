import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

const HAS_KPROBES = existsSync("/sys/bus/event_source/devices/kprobe");

/** Makes a folder, whose name is not there, and looks it up below another, ten times. */
const SOURCE = `#include <sys/stat.h>
#include <unistd.h>
int main(void) {
  struct stat status;
  for (int i = 0; i < 10; i++) {
    mkdir("/dev/shm/dcsnoop-folder", 0700);
    stat("/dev/shm/dcsnoop-folder/.", &status);
    rmdir("/dev/shm/dcsnoop-folder");
  }
  return 0;
}
`;

let looker: Workload;
beforeAll(() => {
  looker = compileWorkload("namelooker", SOURCE, "-static");
});
afterAll(() => looker[Symbol.dispose]());

test.skipIf(!HAS_KPROBES)("what is not there, and all (needs kprobes: CONFIG_KPROBES)", async () => {
  const { lines } = await runTool("dcsnoop", ["--name", "namelooker"], looker.command());
  expect(lines[0]).toBe("TIME(s)     PID     COMM             T FILE");
  expect(lines.filter((line) => / namelooker {7}M dcsnoop-folder$/.test(line))).toHaveLength(10);
  const { rows } = await runTool("dcsnoop", ["-a", "--name", "namelooker", "--json"], looker.command());
  const found = (type: string, file: string) => rows.filter((row) => row.type === type && row.file === file).length;
  expect(found("M", "dcsnoop-folder")).toBe(10);
  expect(found("R", "dcsnoop-folder")).toBe(10);
  expect(found("R", "shm")).toBe(30);
});

test.skipIf(HAS_KPROBES)("a kernel that cannot carry it", async () => {
  const { text, code } = await runTool("dcsnoop", []);
  expect(text).toContain("dcsnoop needs kprobes or fentry, which this kernel has not");
  expect(code).toBe(1);
});
