import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testDisk } from "../block-testing.ts";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** What the kernel lets fail: there with CONFIG_FUNCTION_ERROR_INJECTION, and of use with CONFIG_BPF_KPROBE_OVERRIDE. */
const canFail = existsSync("/sys/kernel/debug/error_injection/list");
const { ENOMEM, EIO } = constants.errno;

/** `NAME WHAT COUNT PATH`: as a task of this name, prints the errno of each of so many attempts. */
const SOURCE = `#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>
static char block[4096] __attribute__((aligned(4096)));
int main(int argc, char **argv) {
  int count = atoi(argv[3]), ends[2], disk = open(argv[4], O_RDONLY | O_DIRECT);
  prctl(PR_SET_NAME, argv[1]);
  if (pipe(ends)) return 1;
  for (int i = 0; i < count; i++) {
    errno = 0;
    if (!strcmp(argv[2], "mount")) {
      if (!mount(i % 2 ? "odd" : "even", argv[4], "tmpfs", 0, 0)) umount2(argv[4], MNT_DETACH);
    } else if (!strcmp(argv[2], "disk"))
      pread(disk, block, sizeof block, i * sizeof block);
    else if (write(ends[1], block, sizeof block) > 0)
      read(ends[0], block, sizeof block);
    printf("%d ", errno);
  }
  return 0;
}
`;

let attempts: Workload;
beforeAll(() => {
  attempts = compileWorkload("attempts", SOURCE);
});
afterAll(() => attempts[Symbol.dispose]());

/** The errno of each attempt of tasks by these names, one after the other, while the tool runs, and what it printed. */
async function during(argv: readonly string[], names: readonly string[], what: string, count: number, path = "/mnt") {
  const runs = names.map((name) => `${attempts.path} ${name} ${what} ${count} ${path}; echo`).join("; ");
  const { rows, text, workload } = await runTool("inject", [...argv, "--json"], ["sh", "-c", runs]);
  const numbers = (line: string) => line.trim().split(" ").map(Number);
  return { rows, text, errnos: workload.trim().split("\n").map(numbers) };
}

test.skipIf(canFail)("a kernel that lets nothing fail: the option that it lacks", async () => {
  const { text, code, lines } = await runTool("inject", ["kmalloc", "SyS_mount()"]);
  expect({ text, code, lines }).toEqual({
    text: `ERROR: programs cannot make functions of this kernel fail: it was built without CONFIG_BPF_KPROBE_OVERRIDE
HINT: boot a kernel that was built with it, CONFIG_FUNCTION_ERROR_INJECTION, CONFIG_FAILSLAB and CONFIG_FAIL_PAGE_ALLOC
`,
    code: 1,
    lines: [],
  });
});

test.each([
  [[], "inject needs what is to fail, and where"],
  [["disk", "SyS_mount()"], "'disk' cannot be made to fail: kmalloc, bio or alloc_page can"],
  [["bio", "SyS_mount()", "-P", "0"], "--probability: 0 is not above 0 and up to 1"],
  [["bio", "SyS_mount()", "-P", "1.5"], "--probability: 1.5 is not above 0 and up to 1"],
])("wrong use: %s", async (argv, message) => {
  const { text, code } = await runTool("inject", argv);
  expect(text).toContain(`ERROR: ${message}\n`);
  expect(code).toBe(1);
});

const all = (count: number, errno: number) => Array.from({ length: count }, () => errno);

test.skipIf(!canFail)("as many allocations of mount() as are asked for, of one task", async () => {
  const chain = ["kmalloc", "-c", "3", "SyS_mount()", "--name", "pear"];
  const { rows, errnos } = await during(chain, ["apple", "pear"], "mount", 5);
  expect(errnos).toEqual([all(5, 0), [ENOMEM, ENOMEM, ENOMEM, 0, 0]]);
  expect(rows).toHaveLength(3);
  for (const row of rows) expect(row).toMatchObject({ comm: "pear" });
});

test.skipIf(!canFail)("a longer chain, and by an argument", async () => {
  const chain = ["kmalloc", "sget_fc() => SyS_mount()(STRCMP(dev_name, odd))", "--name", "pear"];
  const { rows, errnos } = await during(chain, ["pear"], "mount", 4);
  expect(errnos).toEqual([[0, ENOMEM, 0, ENOMEM]]);
  expect(rows).toHaveLength(2);
});

test.skipIf(!canFail)("what is not called so does not fail", async () => {
  const { rows, errnos } = await during(["kmalloc", "SyS_mount() => sget_fc()"], ["pear"], "mount", 3);
  expect({ rows, errnos }).toEqual({ rows: [], errnos: [all(3, 0)] });
});

test.skipIf(!canFail)("half of all calls", async () => {
  const { errnos } = await during(["kmalloc", "-P", "0.5", "SyS_mount()", "--name", "pear"], ["pear"], "mount", 200);
  const failed = errnos[0].filter((errno) => errno === ENOMEM).length;
  expect(errnos[0].filter((errno) => errno === 0)).toHaveLength(200 - failed);
  // Less likely to be wrong than one in 10^8: six standard deviations.
  expect(failed).toBeGreaterThan(57);
  expect(failed).toBeLessThan(143);
});

test.skipIf(!canFail)("reads of a sector of a disk", async () => {
  using disk = testDisk();
  const chain = ["bio", "(bio->bi_iter.bi_sector == 24) => SyS_pread64()", "--name", "pear"];
  const { rows, errnos } = await during(chain, ["apple", "pear"], "disk", 6, disk.path);
  expect(errnos).toEqual([all(6, 0), [0, 0, 0, EIO, 0, 0]]);
  expect(rows).toHaveLength(1);
});

test.skipIf(!canFail)("pages of a pipe", async () => {
  const chain = ["alloc_page", "-c", "2", "(order == 0) => SyS_write()", "--name", "pear"];
  const { rows, errnos } = await during(chain, ["pear"], "pipe", 4);
  expect(errnos).toEqual([[ENOMEM, ENOMEM, 0, 0]]);
  expect(rows).toHaveLength(2);
});

test.skipIf(!canFail)("a function that is not there, and the script first", async () => {
  expect((await runTool("inject", ["bio", "nosuch_function()"])).text).toContain(
    "no function nosuch_function that can",
  );
  const argv = ["inject", "bio", "-v", "--duration", "0.1", "(bio->bi_opf == 1)"];
  const stdout = execFileSync("./beetrace", argv, { encoding: "utf8", stdio: "pipe" });
  expect(stdout).toMatch(/^import "filter\.bt";\n.*override\(-5\);.*\nTIME +COMM +PID +TID\n/s);
});
