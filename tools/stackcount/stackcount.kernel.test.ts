import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, start, type Workload } from "../testing.ts";

/** So many times seldom() calls knot(), and twice as often often() does; a system call in each. */
const SOURCE = `#include <stdlib.h>
#include <unistd.h>
#define FUNCTION __attribute__((noinline))
FUNCTION void knot(void) { getppid(); asm volatile(""); }
FUNCTION void seldom(void) { knot(); asm volatile(""); }
FUNCTION void often(void) { knot(); asm volatile("nop"); }
int main(int argc, char **argv) {
  for (long i = 0; i < atol(argv[1]); i++) {
    seldom();
    for (volatile int twice = 2; twice--;) often();
    if (argc > 2) usleep(atol(argv[2]));
  }
  return 0;
}
`;

let knots: Workload;
beforeAll(() => {
  knots = compileWorkload("knots", SOURCE, "-fno-omit-frame-pointer");
});
afterAll(() => knots[Symbol.dispose]());

const NAMED = ["--name", "knots"];

test("each stack by itself, folded", async () => {
  const argv = ["-f", ...NAMED, `${knots.path}:knot`];
  const { lines } = await runTool("stackcount", argv, knots.command("300"));
  expect(lines).toEqual([
    expect.stringMatching(/^knots;.*;main;seldom;knot 300$/),
    expect.stringMatching(/^knots;.*;main;often;knot 600$/),
  ]);
});

test("so many frames at most, so many stacks", async () => {
  const argv = ["-f", "--perf-max-stack-depth", "1", ...NAMED, `${knots.path}:knot`];
  expect((await runTool("stackcount", argv, knots.command("300"))).lines).toEqual(["knots;knot 900"]);
  const two = await runTool(
    "stackcount",
    ["--stack-storage-size", "1", ...NAMED, `${knots.path}:knot`],
    knots.command("300"),
  );
  expect(two.text).toContain("Consider increasing --stack-storage-size");
});

test("as text, as BCC prints it", async () => {
  const { lines } = await runTool("stackcount", ["-T", ...NAMED, `${knots.path}:knot`], knots.command("7"));
  expect(lines[0]).toBe(`Tracing 1 functions for "${knots.path}:knot"... Hit Ctrl-C to end.`);
  expect(lines[1]).toBe("");
  expect(lines[2]).toMatch(/^\d\d:\d\d:\d\d$/);
  expect(lines.slice(3, 6)).toEqual(["  knot", "  seldom", "  main"]);
  expect(lines.at(-4)).toMatch(/^ {4}knots \[\d+\]$/);
  expect(lines.slice(-3)).toEqual(["    14", "", "Detaching..."]);
});

test("tracepoints: stacks of the kernel, of user space, of both", async () => {
  const counted = async (...options: string[]) => {
    const argv = [...options, "--json", ...NAMED, "t:syscalls:sys_enter_getppid"];
    return (await runTool("stackcount", argv, knots.command("100"))).rows;
  };
  const kernel = await counted("-K");
  expect(kernel.map(({ count }) => count)).toEqual([300]);
  expect(Object.keys(kernel[0])).toEqual(["kernel_stack", "count"]);
  expect(String(kernel[0].kernel_stack)).toMatch(/do_syscall_64/);
  expect((await counted("-K", "-P"))[0]).toMatchObject({ comm: "knots", count: 300 });
  const user = await counted("-U");
  expect(user.map(({ count }) => count)).toEqual([100, 200]);
  expect(user[0]).not.toHaveProperty("kernel_stack");
  expect(Object.keys((await counted())[0])).toEqual(["pid", "comm", "user_stack", "kernel_stack", "count"]);
});

test("of a process at intervals, with addresses and offsets", async () => {
  using running = start(knots.command("1000000", "1000"));
  const argv = ["-p", String(running.pid), "-U", "-sv", "-i", "1", "-D", "2", `${knots.path}:knot`];
  const { lines } = await runTool("stackcount", argv);
  expect(lines.filter((line) => /^ {2}[0-9a-f]{12} {5}often\+0x[0-9a-f]+$/.test(line))).toHaveLength(2);
  expect(lines.some((line) => line.includes(`[${running.pid}]`))).toBe(false);
  expect(lines.at(-1)).toBe("Detaching...");
});

test("as files for other programs", async () => {
  const [flame, pprof] = ["o.svg", "o.pb.gz"].map((name) => join(knots.path, "..", name));
  const argv = ["--flame", flame, "--pprof", pprof, ...NAMED, `${knots.path}:knot`];
  const { stdout, text } = await runTool("stackcount", argv, knots.command("50"));
  expect(stdout).toBe("");
  expect(text).toContain("o.svg: 150 events in 2 stacks");
  expect(readFileSync(flame, "utf8")).toContain("<title>often\n100 events");
  expect(gunzipSync(readFileSync(pprof)).includes("seldom")).toBe(true);
});

test("what cannot be", async () => {
  const refusal = async (...argv: string[]) => (await runTool("stackcount", argv)).text;
  expect(await refusal()).toContain("stackcount needs a pattern");
  for (const depth of ["0", "1025"])
    expect(await refusal("--perf-max-stack-depth", depth, "c:malloc")).toContain("a stack has 1 to 1024 frames");
  expect(await refusal("-U", "-K", "c:malloc")).toContain("exclude each other");
});
