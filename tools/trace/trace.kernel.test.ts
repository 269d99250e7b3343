import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** n calls of functions with known arguments and results, and n system calls that fail. */
const SOURCE = `#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#define FUNCTION __attribute__((noinline))
struct pear { int weight; const char *colour; };
FUNCTION long weigh(struct pear *pear, int times, char unit) { asm volatile(""); return -(long)pear->weight * times; }
FUNCTION const char *paint(const char *colour) { asm volatile(""); return colour + 1; }
FUNCTION void eat(struct pear *pear) { paint(pear->colour); asm volatile(""); }
int main(int argc, char **argv) {
  struct pear pear = {7, "green, a \\"little\\""};
  const char *volatile path = "/nonexistent/pear";
  // A probe cannot read what is not in memory yet.
  if (path[0] != '/' || pear.colour[0] != 'g') return 1;
  for (int i = 0; i < atoi(argv[1]); i++) {
    weigh(&pear, i, 'g');
    eat(&pear);
    open(path, O_RDONLY);
  }
  return 0;
}
`;

let eater: Workload;
beforeAll(() => {
  eater = compileWorkload("eater", SOURCE, "-fno-omit-frame-pointer");
});
afterAll(() => eater[Symbol.dispose]());

const traced = async (...argv: string[]) =>
  runTool("trace", ["--name", "eater", "--json", ...argv], eater.command("50"));
const messages = async (...argv: string[]) => (await traced(...argv)).rows.map(({ message }) => message);

test("arguments, in the forms of C", async () => {
  const lines = await messages(`${eater.path}:weigh "%d|%5d|%-3d|%lx|%c|100%%", arg2, arg2, arg2, arg2, arg3`);
  expect(lines).toHaveLength(50);
  expect(lines[31]).toBe("31|   31|31 |1f|g|100%");
});

test("strings, and how much of them", async () => {
  expect((await messages(`p:${eater.path}:paint "%s", arg1`))[0]).toBe('green, a "little"');
  expect((await messages("-Z", "6", `${eater.path}:paint "%s", arg1`))[0]).toBe("green");
});

test("results, with their signs", async () => {
  const lines = await messages(`r:${eater.path}:weigh "%d %ld", retval, retval`, "-M", "3");
  expect(lines).toEqual(["0 0", "-7 -7", "-14 -14"]);
  expect((await messages(`r:${eater.path}:paint "%s", retval`))[0]).toBe('reen, a "little"');
});

test("predicates, with names of parameters, characters and strings", async () => {
  const weigh = `${eater.path}:weigh(void *pear, int times, char unit)`;
  expect(await messages(`${weigh} (times >= 47 && unit == 'g') "%d", times`)).toEqual(["47", "48", "49"]);
  expect(await messages(`${eater.path}:paint (STRCMP("green,", arg1)) "x"`)).toHaveLength(50);
  expect(await messages(`${eater.path}:paint (STRCMP("red", arg1)) "x"`)).toHaveLength(0);
  expect(await messages(`${eater.path}:paint ($uid == 0 && $pid == $tgid)`)).toHaveLength(50);
});

test("system calls by the names of their functions", async () => {
  const call = "__x64_sys_openat(int dfd, const char __user *path, int flags)";
  const opened = await messages(`${call} (STRCMP("/nonexistent", path)) "%s %d", path, dfd`);
  expect(opened).toEqual(Array(50).fill("/nonexistent/pear -100"));
  expect(await messages('r::__x64_sys_openat (retval < 0) "%d", retval', "--msg-filter=-2")).toHaveLength(50);
});

test("several probes, one after the other", async () => {
  const { rows } = await traced(
    `${eater.path}:eat`,
    `${eater.path}:paint`,
    "t:syscalls:sys_enter_openat (args->flags == 0)",
  );
  const own = rows.filter(({ func }) => func !== "sys_enter_openat");
  expect(own.slice(0, 4).map(({ func }) => func)).toEqual(["eat", "paint", "eat", "paint"]);
  expect(own).toHaveLength(100);
});

test("in columns, with stacks", async () => {
  const { lines } = await runTool(
    "trace",
    ["-TCU", "-M", "1", "--name", "eater", `${eater.path}:paint "hi"`],
    eater.command("5"),
  );
  expect(lines[0]).toBe("TIME     CPU PID     TID     COMM            FUNC             -");
  expect(lines[1]).toMatch(/^\d\d:\d\d:\d\d \d {3}(\d+) +\1 +eater {11}paint {12}hi$/);
  expect(lines[2]).toMatch(/^ {8}paint(\+0x[0-9a-f]+)? \[eater\]$/);
  // Its caller's frame is not there yet when a function begins; the one around it is.
  expect(lines[3]).toMatch(/^ {8}main\+0x[0-9a-f]+ \[eater\]$/);
  expect(lines.at(-1)).toBe("");
});

test("lines that are the same, counted", async () => {
  const argv = [
    "-A",
    "-M",
    "50",
    "--name",
    "eater",
    `${eater.path}:weigh (arg2 < 40) "half %d", (int)arg2 / 20`,
    `${eater.path}:eat "whole"`,
  ];
  const { stdout } = await runTool("trace", argv, eater.command("30"));
  const counted = [...stdout.matchAll(/ (half \d|whole)\n-->COUNT (\d+)\n\n/g)].map(
    ([, text, count]) => `${text} ${count}`,
  );
  expect(counted).toEqual(["whole 25", "half 0 20", "half 1 5"]);
});

test("what cannot be", async () => {
  const refusal = async (...argv: string[]) => (await runTool("trace", argv)).text;
  expect(await refusal('c:malloc "%d"')).toContain("0 values for the conversions");
  expect(await refusal('c:malloc "%f", arg1')).toContain("there is no conversion %f");
  expect(await refusal("c:malloc (arg1 > 5")).toContain("the predicate has no end");
  expect(await refusal("q:c:malloc")).toContain("a probe is of type p, r, t or u, not 'q'");
  expect(await refusal("-A", "c:malloc")).toContain("--aggregate needs --max-events");
});
