import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** n quick calls, n of 25 ms whose times it says; each has known arguments and results. */
const SOURCE = `#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#define FUNCTION __attribute__((noinline))
FUNCTION long hurry(long a, long b) { asm volatile(""); return a + b; }
FUNCTION long dawdle(long a, long b) { usleep(25000); asm volatile(""); return a * b; }
FUNCTION long stroll(long a) { long product = dawdle(a, -1); asm volatile(""); return product; }
static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}
int main(int argc, char **argv) {
  for (int i = 0; i < atoi(argv[1]); i++) {
    hurry(1, 2);
    double start = now();
    dawdle(3, 0x123456789abcd);
    printf("%f ", now() - start);
  }
  if (argc > 2) stroll(7);
  return 0;
}
`;

let idler: Workload;
beforeAll(() => {
  idler = compileWorkload("idler", SOURCE, "-fno-omit-frame-pointer");
});
afterAll(() => idler[Symbol.dispose]());

const slow = (options: readonly string[], functions: readonly string[], ...argv: string[]) =>
  runTool("funcslower", [...options, ...functions.map((name) => `${idler.path}:${name}`)], idler.command(...argv));

test("calls above the threshold, with arguments and results to the last bit", async () => {
  const { rows, workload } = await slow(["-m", "10", "-a", "2", "--json"], ["hurry", "dawdle"], "20");
  expect(rows).toHaveLength(20);
  const measured = workload.trim().split(" ").map(Number);
  rows.forEach((row, index) => {
    expect(row).toMatchObject({
      comm: "idler",
      function: `${idler.path}:dawdle`,
      arguments: ["0x3", "0x123456789abcd"],
      retval: "0x369d0369d0367",
    });
    const ms = Number(row.latency_ns) / 1e6;
    expect(ms).toBeGreaterThanOrEqual(25);
    expect(ms).toBeLessThanOrEqual(measured[index]);
  });
  expect((await slow(["-u", "0", "--json"], ["hurry", "dawdle"], "20")).rows).toHaveLength(40);
  expect((await slow(["--uid", "nobody", "--json"], ["dawdle"], "2")).rows).toEqual([]);
});

test("a call within a call; negative results", async () => {
  const { rows } = await slow(["--json", "-a", "1"], ["dawdle", "stroll"], "0", "nested");
  expect(rows.map(({ function: name, retval }) => [name, retval])).toEqual([
    [`${idler.path}:dawdle`, "0xfffffffffffffff9"],
    [`${idler.path}:stroll`, "0xfffffffffffffff9"],
  ]);
});

test("in columns, with stacks", async () => {
  const { lines } = await slow(["-U", "-t", "-a", "1"], ["dawdle"], "1");
  expect(lines.slice(0, 2)).toEqual([
    "Tracing function calls slower than 1 ms... Ctrl+C to quit.",
    "TIME       COMM           PID    LAT(ms)             RVAL FUNC ARGS",
  ]);
  expect(lines[2]).toMatch(/^0\.000000 {3}idler {10}\d+ +\d+\.\d\d {4}369d0369d0367 \S+:dawdle 0x3$/);
  expect(lines.slice(3)).toContain("    main");
});

test("folded", async () => {
  const { lines } = await slow(["-f", "-U"], ["dawdle"], "2");
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^idler;.*;main(;\[unknown\])? 1$/);
});
