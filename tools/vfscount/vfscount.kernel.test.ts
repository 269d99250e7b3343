import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

const HAS_KPROBES = existsSync("/sys/bus/event_source/devices/kprobe");

/** Makes and removes a folder seven times. */
const SOURCE = `#include <sys/stat.h>
#include <unistd.h>
int main(void) {
  for (int i = 0; i < 7; i++) {
    mkdir("/dev/shm/vfscount", 0700);
    rmdir("/dev/shm/vfscount");
  }
  return 0;
}
`;

let caller: Workload;
beforeAll(() => {
  caller = compileWorkload("vfscaller", SOURCE, "-static");
});
afterAll(() => caller[Symbol.dispose]());

test.skipIf(!HAS_KPROBES)("each function that is called (needs kprobes: CONFIG_KPROBES)", async () => {
  const { lines } = await runTool("vfscount", ["--name", "vfscaller"], caller.command());
  expect(lines[0]).toBe("Tracing... Ctrl-C to end.");
  expect(lines[2]).toBe("ADDR             FUNC                          COUNT");
  for (const name of ["vfs_mkdir", "vfs_rmdir"])
    expect(lines.find((line) => line.includes(` ${name} `))).toMatch(/^[0-9a-f]{16} vfs_..dir {26}7$/);
});

test.skipIf(HAS_KPROBES)("a kernel that cannot carry it", async () => {
  const { text, code } = await runTool("vfscount", []);
  expect(text).toContain("vfscount needs kprobes or fentry, which this kernel has not");
  expect(code).toBe(1);
});
