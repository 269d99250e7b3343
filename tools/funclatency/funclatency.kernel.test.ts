import { afterAll, beforeAll, expect, test } from "vitest";
import type { Row } from "../columns.ts";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** n naps of 2 ms, n of 10 ms; one function within another. */
const SOURCE = `#include <stdlib.h>
#include <unistd.h>
#define FUNCTION __attribute__((noinline))
FUNCTION void nap_short(void) { usleep(2000); asm volatile(""); }
FUNCTION void nap_long(void) { usleep(10000); asm volatile(""); }
FUNCTION void dream_outer(void);
FUNCTION void dream_inner(void) { usleep(1000); asm volatile(""); }
FUNCTION void dream_outer(void) { usleep(20000); dream_inner(); asm volatile(""); }
int main(int argc, char **argv) {
  for (int i = 0; i < atoi(argv[1]); i++) {
    nap_short();
    nap_long();
    dream_outer();
  }
  return 0;
}
`;

let napper: Workload;
beforeAll(() => {
  napper = compileWorkload("napper", SOURCE);
});
afterAll(() => napper[Symbol.dispose]());

const timed = async (options: readonly string[], pattern: string, count: number) =>
  runTool("funclatency", [...options, `${napper.path}:${pattern}`], napper.command(String(count)));
const total = (rows: readonly Row[]) => rows.reduce((sum, { count }) => sum + Number(count), 0);
/** The middle of the bucket that holds the most. */
const typical = (rows: readonly Row[]) => rows.toSorted((a, b) => Number(b.count) - Number(a.count))[0];

test("a function, each call once", async () => {
  const { rows } = await timed(["-u", "--json"], "nap_long", 40);
  expect(total(rows)).toBe(40);
  expect(typical(rows)).toMatchObject({ unit: "usecs", min: 8192, max: 16383 });
});

test("the average, in the unit that is asked for", async () => {
  const { lines } = await timed(["-m"], "nap_long", 20);
  expect(lines[0]).toBe(`Tracing 1 functions for "${napper.path}:nap_long"... Hit Ctrl-C to end.`);
  expect(lines.find((line) => line.startsWith("Function ="))).toMatch(/^Function = nap_long \[\d+\]$/);
  expect(lines).toContain("     msecs               : count     distribution");
  const [, average, sum, count] =
    /^avg = (\d+) msecs, total: (\d+) msecs, count: (\d+)$/.exec(lines.at(-3) ?? "") ?? [];
  expect(Number(average)).toBe(10);
  expect(Number(sum)).toBeGreaterThanOrEqual(200);
  expect(Number(sum)).toBeLessThan(230);
  expect(Number(count)).toBe(20);
  expect(lines.at(-1)).toBe("Detaching...");
});

test("several functions, by pattern and by expression", async () => {
  const { rows } = await timed(["-u", "--json", "-F"], "nap_*", 15);
  const sections = [...new Set(rows.map(({ section }) => String(section)))].map((text) =>
    text.replace(/ \[\d+\]$/, ""),
  );
  expect(sections.sort()).toEqual(["Function = nap_long", "Function = nap_short"]);
  expect(total(rows)).toBe(30);
  expect(total((await timed(["-r", "--json"], "nap_(long|none)", 15)).rows)).toBe(15);
  expect((await timed(["--json", "--uid", "nobody"], "nap_*", 3)).rows).toEqual([]);
});

test("calls within calls: the inner one, or as many as are asked for", async () => {
  const inner = await timed(["-u", "--json"], "dream_*", 10);
  expect(total(inner.rows)).toBe(10);
  expect(typical(inner.rows)).toMatchObject({ min: 1024, max: 2047 });
  const both = await timed(["-u", "--json", "-l", "2"], "dream_*", 10);
  expect(total(both.rows)).toBe(20);
  const outer = both.rows.filter(({ section }) => String(section).includes("dream_outer"));
  expect(typical(outer)).toMatchObject({ min: 16384, max: 32767 });
});
