import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** n calls that succeed, n that fail, ten of 20 ms; children that make the same. */
const SOURCE = `#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) {
  int n = atoi(argv[1]);
  if (argc > 2 && fork() != 0) {
    wait(NULL);
    return 0;
  }
  for (int i = 0; i < n; i++) {
    getppid();
    rmdir("/nonexistent/folder");
  }
  for (int i = 0; i < 10; i++) usleep(20000);
  return 0;
}
`;

let caller: Workload;
beforeAll(() => {
  caller = compileWorkload("caller", SOURCE);
});
afterAll(() => caller[Symbol.dispose]());

const counted = async (options: readonly string[], ...argv: string[]) =>
  (await runTool("syscount", [...options, "--name", "caller", "--json"], caller.command(...argv))).rows;
const of = (rows: Awaited<ReturnType<typeof counted>>, name: string) => rows.find(({ syscall }) => syscall === name);

test("every call", async () => {
  const rows = await counted([], "5000");
  expect(of(rows, "getppid")?.count).toBe(5000);
  expect(of(rows, "rmdir")?.count).toBe(5000);
  expect(rows.map(({ count }) => Number(count))).toEqual(rows.map(({ count }) => Number(count)).sort((a, b) => b - a));
  expect(rows.length).toBeLessThanOrEqual(10);
});

test("those that failed; those with an error; one of them", async () => {
  const failed = await counted(["-x"], "300");
  expect(of(failed, "rmdir")?.count).toBe(300);
  expect(of(failed, "getppid")).toBeUndefined();
  expect(of(await counted(["-e", "ENOENT"], "300"), "rmdir")?.count).toBe(300);
  expect(of(await counted(["-e", "13"], "300"), "rmdir")).toBeUndefined();
  expect(await counted(["--syscall", "getppid"], "300")).toEqual([{ syscall: "getppid", count: 300 }]);
});

test("the time that they took", async () => {
  const slept = of(await counted(["-Lm", "-T", "3"], "100"), "clock_nanosleep");
  expect(slept?.count).toBe(10);
  expect(Number(slept?.time_ms)).toBeGreaterThan(200);
  expect(Number(slept?.time_ms)).toBeLessThan(220);
});

test("by process, in columns", async () => {
  const { lines } = await runTool("syscount", ["-P", "--name", "caller"], caller.command("1000"));
  expect(lines[0]).toBe("Tracing syscalls, printing top 10... Ctrl+C to quit.");
  expect(lines[1]).toMatch(/^\[\d\d:\d\d:\d\d\]$/);
  expect(lines[2]).toBe("PID    COMM               COUNT");
  expect(lines[3]).toMatch(/^\d+ +caller {14,18}20\d\d$/);
  expect(lines.slice(4)).toEqual(["", "Detaching..."]);
});

test("a command of its own; its children", async () => {
  const { lines, code } = await runTool("syscount", ["-L", "--syscall", "getppid", "--exec", ...caller.command("70")]);
  expect(code).toBe(0);
  expect(lines[2]).toBe("SYSCALL                   COUNT        TIME (us)");
  expect(lines[3]).toMatch(/^getppid {22}70 +\d+\.\d{3}$/);
  // The child is another process, of which the command is the parent.
  const { rows } = await runTool("syscount", [
    "--syscall",
    "getppid",
    "--json",
    "--exec",
    ...caller.command("70", "child"),
  ]);
  expect(rows).toEqual([]);
});

test("children of a process", async () => {
  expect(await counted(["--syscall", "getppid", "-c", String(process.pid)], "50")).toEqual([
    { syscall: "getppid", count: 50 },
  ]);
  expect(await counted(["--syscall", "getppid", "-c", "1"], "50")).toEqual([]);
});

test("calls that it knows", async () => {
  const { stdout } = await runTool("syscount", ["-l"]);
  expect(stdout).toContain("getppid");
  const { text, code } = await runTool("syscount", ["--syscall", "getpppid"]);
  expect(text).toContain("there is no system call 'getpppid'");
  expect(code).toBe(1);
});

test("no more of a processor than is allowed", async () => {
  // Some seconds of nothing but system calls; the tool is gone by then.
  const { lines, text, code } = await runTool("syscount", ["--max-overhead", "0.5%"], caller.command("20000000"));
  expect(text).toMatch(/^WARNING: tracing ends: it took [\d.]+% of a CPU, and --max-overhead allows 0\.50%\n$/);
  expect(lines.some((line) => /^getppid +\d+$/.test(line))).toBe(true);
  expect(code).toBe(0);
  expect((await runTool("syscount", ["--max-overhead", "2"])).text).toBe(
    "ERROR: --max-overhead: '2' is no share of a CPU\nHINT: write it as 1% or 0.01\n",
  );
});
