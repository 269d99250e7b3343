import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** Calls whose arguments, results and times are known. */
const SOURCE = `#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#define FUNCTION __attribute__((noinline))
FUNCTION int brew(const char *kind, int grams, long unit) { asm volatile(""); return grams % 3 - 1; }
FUNCTION int steep(int ms) { usleep(ms * 1000); return ms; }
int main(int argc, char **argv) {
  static const char *const kinds[] = {"oolong", "sencha"};
  // A probe cannot read what is not in memory yet.
  for (int i = 0; i < 2; i++) if (((const char *volatile *)kinds)[i][0] == 'x') return 1;
  for (int i = 0; i < atoi(argv[1]); i++) brew(kinds[i % 4 == 0], i % 10, 1);
  for (int i = 0; i < 12; i++) steep(i % 3 == 0 ? 20 : 2);
  return 0;
}
`;

let brewer: Workload;
beforeAll(() => {
  brewer = compileWorkload("brewer", SOURCE);
});
afterAll(() => brewer[Symbol.dispose]());

const collected = async (...argv: string[]) =>
  (await runTool("argdist", ["-i", "60", "--name", "brewer", "--json", ...argv], brewer.command("400"))).rows;
const events = async (...argv: string[]) =>
  Object.fromEntries((await collected(...argv)).map(({ event, count }) => [event, count]));

test("how often: arguments, several of them, strings", async () => {
  const brew = `p:${brewer.path}:brew(char *kind, int grams)`;
  expect(await events("-C", `${brew}:char*:kind`)).toEqual({ "kind = oolong": 300, "kind = sencha": 100 });
  expect(await events("-C", `${brew}:char *,int:kind,grams:grams == 4`)).toEqual({
    "kind = oolong, grams = 4": 20,
    "kind = sencha, grams = 4": 20,
  });
  expect(await events("-z", "4", "-C", `${brew}:char*:kind`)).toEqual({ "kind = ool": 300, "kind = sen": 100 });
});

test("how often: calls, results, processes", async () => {
  expect(await events("-C", `p:${brewer.path}:brew()`)).toEqual({ "total calls": 400 });
  expect(await events("-C", `r:${brewer.path}:brew()`)).toEqual({
    "retval = -1": 160,
    "retval = 0": 120,
    "retval = 1": 120,
  });
  expect(await events("-C", `r:${brewer.path}:brew():char*:$COMM:(int)$retval < 0`)).toEqual({ "$COMM = brewer": 160 });
  expect(await events("-C", `p:${brewer.path}:brew(void *k, int g):int:g`, "-T", "1")).toEqual({
    "g = 9": 40,
  });
});

test("values of the beginning at the end, and the time between", async () => {
  const steep = `r:${brewer.path}:steep(int ms)`;
  expect(await events("-C", `${steep}:int,int:$entry(ms),$retval:$latency > 10000000`)).toEqual({
    "ms = 20, $retval = 20": 4,
  });
  const rows = await collected("-H", `${steep}:u64:$latency/1000000#ms`);
  expect(rows.reduce((sum, { count }) => sum + Number(count), 0)).toBe(12);
  // On a busy machine a nap of 2 ms takes longer, and one of 20 too.
  expect(rows.filter(({ min }) => Number(min) < 16).reduce((sum, { count }) => sum + Number(count), 0)).toBe(8);
  expect(rows[0]).toMatchObject({ unit: "ms", min: 2, max: 3 });
});

test("tracepoints", async () => {
  expect(await events("-C", "t:sched:sched_process_exit():char*:args->comm")).toEqual({ "args->comm = brewer": 1 });
});

test("as text, one after the other", async () => {
  const brew = `p:${brewer.path}:brew(char *kind, int grams):int:grams`;
  const argv = ["-i", "60", "--name", "brewer", "-H", brew, "-C", `${brew}:grams > 7#many`];
  const { lines } = await runTool("argdist", argv, brewer.command("100"));
  expect(lines[0]).toMatch(/^\[\d\d:\d\d:\d\d\]$/);
  expect(lines.slice(1, 5)).toEqual(["many", "\tCOUNT      EVENT", "\t10         grams = 8", "\t10         grams = 9"]);
  expect(lines[5]).toBe("     grams               : count     distribution");
  expect(lines.at(-1)).toMatch(/^ {9}8 -> 15 {9}: 20 {7}\|\*{20} {20}\|$/);
});

test("each interval by itself, or all so far", async () => {
  const counts = async (...argv: string[]) =>
    (
      await runTool("argdist", ["-i", "0.3", "-n", "2", "--json", ...argv, "-C", "t:raw_syscalls:sys_enter()"])
    ).rows.map(({ count }) => Number(count));
  const [first, second] = await counts("-c");
  expect(second).toBeGreaterThan(first);
  expect(await counts()).toHaveLength(2);
});

test("what cannot be", async () => {
  const refusal = async (...argv: string[]) => (await runTool("argdist", argv)).text;
  expect(await refusal()).toContain("argdist needs a specifier");
  expect(await refusal("-C", "p:c:malloc")).toContain("'p:c:malloc' is no specifier");
  expect(await refusal("-H", "p:c:malloc()")).toContain("a histogram is of one expression");
  expect(await refusal("-C", "p:c:malloc(int a):int,int:a")).toContain("1 expressions and 2 types");
  expect(await refusal("-C", "p:c:malloc():u64:$latency")).toContain("of probes of type r");
  expect(await refusal("-C", "r:c:malloc():u64:$entry(a)")).toContain("the signature has no such parameter");
});
