import { afterAll, beforeAll, expect, test } from "vitest";
import type { Row } from "../columns.ts";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** n calls of a function, 20 ms apart; says how long each pause was. */
const SOURCE = `#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
__attribute__((noinline)) void tick(void) { asm volatile(""); }
static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}
int main(int argc, char **argv) {
  double last = 0;
  for (int i = 0; i < atoi(argv[1]); i++) {
    double time = now();
    tick();
    if (i) printf("%f ", time - last);
    last = time;
    usleep(20000);
  }
  return 0;
}
`;

let clock: Workload;
beforeAll(() => {
  clock = compileWorkload("clock", SOURCE);
});
afterAll(() => clock[Symbol.dispose]());

const total = (rows: readonly Row[]) => rows.reduce((sum, { count }) => sum + Number(count), 0);

test("one interval less than calls, each in its bucket", async () => {
  const { rows, workload } = await runTool("funcinterval", ["-m", "--json", `${clock.path}:tick`], clock.command("40"));
  expect(total(rows)).toBe(39);
  const pauses = workload.trim().split(" ").map(Number);
  // Near a border a pause may be counted on either side of it.
  for (const { min, max, count } of rows) {
    const inside = pauses.filter((ms) => ms >= Number(min) + 1 && ms < Number(max)).length;
    const around = pauses.filter((ms) => ms >= Number(min) - 1 && ms < Number(max) + 2).length;
    expect(Number(count)).toBeGreaterThanOrEqual(inside);
    expect(Number(count)).toBeLessThanOrEqual(around);
  }
});

test("a tracepoint; in text as BCC prints it", async () => {
  const { lines } = await runTool(
    "funcinterval",
    ["-u", "--name", "clock", "t:syscalls:sys_enter_clock_nanosleep"],
    clock.command("10"),
  );
  expect(lines.slice(0, 3)).toEqual([
    'Tracing tracepoint for "syscalls:sys_enter_clock_nanosleep"... Hit Ctrl-C to end.',
    "",
    "     usecs               : count     distribution",
  ]);
  const counts = lines.map((line) => Number(/: (\d+) +\|/.exec(line)?.[1] ?? 0));
  expect(counts.reduce((sum, count) => sum + count)).toBe(9);
  expect(lines.at(-1)).toBe("Detaching...");
});

test("of another process nothing; a pattern is needed", async () => {
  const { rows } = await runTool(
    "funcinterval",
    ["--uid", "nobody", "--json", `${clock.path}:tick`],
    clock.command("3"),
  );
  expect(rows).toEqual([]);
  expect((await runTool("funcinterval", [])).text).toContain("funcinterval needs a pattern");
});
