import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** Executes itself n times, which ends at once, and fails to execute what is not there n times. */
const SOURCE = `#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) {
  if (argc > 2) return 0;
  for (int i = 0; i < atoi(argv[1]); i++) {
    if (fork() == 0) {
      char *missing[] = {"missing", "-a", "", "two\\nlines", NULL}, *env[] = {"A=b", NULL};
      execve("/nonexistent/file", missing, env);
      char *again[] = {"again", "say \\"hi\\"", "a b", "", "last", NULL};
      if (i % 2) syscall(SYS_execveat, AT_FDCWD, argv[0], again, env, 0);
      else execve(argv[0], again, env);
      _exit(9);
    }
    wait(NULL);
  }
  return 0;
}
`;

let executor: Workload;
beforeAll(() => {
  executor = compileWorkload("executor", SOURCE);
});
afterAll(() => executor[Symbol.dispose]());

test("every program, with its arguments and its parent", async () => {
  const { rows, text } = await runTool("execsnoop", ["-n", "^executor$", "--json"], executor.command("40"));
  const first = rows.filter(({ args }) => args === `${executor.path} 40`);
  expect(first).toHaveLength(1);
  const again = rows.filter(({ args }) => args === 'again say "hi" a b  last');
  expect(again).toHaveLength(40);
  expect(
    again.every(({ ppid, pcomm, ret, uid }) => ppid === first[0].pid && pcomm === "executor" && ret === 0 && uid === 0),
  ).toBe(true);
  expect(rows).toHaveLength(41);
  expect(text).toBe("");
});

test("those that failed, in columns and in quotes", async () => {
  const { lines } = await runTool("execsnoop", ["-xqUCM", "-n", "executor"], executor.command("7"));
  expect(lines[0]).toBe("UID   COMM             PID     PCOMM            PPID    CPU  RET ARGS");
  const failed = lines.filter((line) => line.includes('"missing"'));
  expect(failed).toHaveLength(7);
  expect(failed[0]).toMatch(/^0 {5}executor {9}\d+ +executor {9}\d+ +\d+ +-2 "missing" "-a" "" "two\\nlines"$/);
  expect(lines.filter((line) => line.endsWith(' 0 "again" "say \\"hi\\"" "a b" "" "last"'))).toHaveLength(7);
});

test("times in front", async () => {
  const { lines } = await runTool("execsnoop", ["-Tt", "-n", "executor"], executor.command("1"));
  expect(lines[0]).toBe("TIME     TIME(s) COMM             PID     PPID    RET ARGS");
  expect(lines[1]).toMatch(/^\d\d:\d\d:\d\d \d\.\d{3} {3}executor /);
});

test("by arguments, by number of arguments, by user, by parent", async () => {
  const again = async (...options: string[]) =>
    (await runTool("execsnoop", [...options, "--json"], executor.command("5"))).rows.filter(({ args }) =>
      String(args).startsWith("again"),
    );
  expect(await again("-l", "hi.*last$")).toHaveLength(5);
  expect(await again("-l", "^say")).toHaveLength(0);
  expect((await again("--max-args", "2")).map(({ args }) => args)).toEqual(Array(5).fill('again say "hi" ...'));
  expect(await again("-u", "root", "-n", "executor")).toHaveLength(5);
  expect(await again("-u", "nobody")).toHaveLength(0);
  expect(await again("-P", "1")).toHaveLength(0);
});
