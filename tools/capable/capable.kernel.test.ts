import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** n checks of CAP_SYS_CHROOT, by two functions in turn; after that m which nobody passes who is not root. */
const SOURCE = `#include <stdlib.h>
#include <unistd.h>
__attribute__((noinline)) void rooter(void) { if (chroot("/")) exit(1); asm volatile(""); }
__attribute__((noinline)) void uproot(void) { if (chroot("/")) exit(1); asm volatile(""); }
int main(int argc, char **argv) {
  for (int i = 0; i < atoi(argv[1]); i++) {
    if (i % 2) rooter();
    else uproot();
  }
  if (argc > 2 && setuid(65534)) return 1;
  for (int i = 0; argc > 2 && i < atoi(argv[2]); i++)
    if (!chroot("/")) return 1;
  return 0;
}
`;

let gardener: Workload;
beforeAll(() => {
  gardener = compileWorkload("gardener", SOURCE, "-fno-omit-frame-pointer");
});
afterAll(() => gardener[Symbol.dispose]());

const checks = async (...options: string[]) =>
  (await runTool("capable", [...options, "--name", "gardener", "--json"], gardener.command("60"))).rows.filter(
    ({ name }) => name === "CAP_SYS_CHROOT",
  );

test("every check", async () => {
  const rows = await checks();
  expect(rows).toHaveLength(60);
  for (const row of rows) expect(row).toMatchObject({ cap: 18, uid: 0, comm: "gardener", verdict: "allow" });
});

test("who may and who may not", async () => {
  const { rows } = await runTool(
    "capable",
    ["--uid", "65534", "--name", "gardener", "--json"],
    gardener.command("3", "7"),
  );
  const denied = rows.filter(({ name, verdict }) => name === "CAP_SYS_CHROOT" && verdict === "deny");
  expect(denied).toHaveLength(7);
  expect(rows.every(({ uid }) => uid === 65534)).toBe(true);
});

test("each once, for a process, or for each stack of it", async () => {
  expect(await checks("--unique")).toHaveLength(1);
  expect(await checks("--unique", "-U")).toHaveLength(2);
  expect(await checks("-p", "1")).toHaveLength(0);
});

test("in columns, with stacks", async () => {
  const { lines } = await runTool("capable", ["-KUx", "--unique", "--name", "gardener"], gardener.command("1"));
  expect(lines[0]).toBe(
    "TIME      UID    PID    TID    COMM             CAP  NAME                 AUDIT  VERDICT INSETID",
  );
  const at = lines.findIndex((line) => line.includes("CAP_SYS_CHROOT"));
  expect(lines[at]).toMatch(/^\d\d:\d\d:\d\d {2}0 +(\d+) +\1 +gardener {9}18 {3}CAP_SYS_CHROOT +[?1] +allow {3}[?0]$/);
  const stack = lines.slice(at + 1);
  expect(stack.some((line) => /^ {8}__x64_sys_chroot\+0x[0-9a-f]+ \[kernel\]$/.test(line))).toBe(true);
  expect(stack.some((line) => /^ {8}main\+0x[0-9a-f]+ \[gardener\]$/.test(line))).toBe(true);
});
