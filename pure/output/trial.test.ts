import { expect, test } from "vitest";
import { BenchmarkText, TestText } from "./trial.ts";

const GOOD = { name: "adds", durationNs: 999, passed: true, output: "hidden\n" };
const BAD = { name: "breaks", durationNs: 1_999_999, passed: false, output: "one\n\ntwo" };

test("tests are shown as they run, and counted at the end", () => {
  const text = new TestText(false);
  const shown = text.start(2) + text.result(GOOD) + text.result(BAD) + text.summary([GOOD, BAD]);
  expect(shown).toBe(`[==========] Running 2 tests.
[ RUN      ] adds
[       OK ] adds (999 ns)
[ RUN      ] breaks
one
two
[  FAILED  ] breaks (1 ms)
[==========] 2 tests ran.
[  PASSED  ] 1 test.
[  FAILED  ] 1 test, listed below:
[  FAILED  ] breaks
`);
});

test("durations are in the largest unit that fits", () => {
  const shown = (durationNs: number) => /\((.*)\)/.exec(new TestText(false).result({ ...GOOD, durationNs }))?.[1];
  expect([0, 1000, 1_000_000, 2_500_000_000].map(shown)).toEqual(["0 ns", "1 us", "1 ms", "2 s"]);
});

test("colour marks what passed and what failed", () => {
  const text = new TestText(true);
  expect(text.result(GOOD)).toContain("\x1b[32m[       OK ]\x1b[0m adds");
  expect(text.result(BAD)).toContain("\x1b[31m[  FAILED  ]\x1b[0m breaks");
});

test("a table of benchmarks is as wide as its longest name", () => {
  const text = new BenchmarkText(["a"]);
  expect(text.heading + text.result({ name: "a", averageNs: 12, iterations: 100000 })).toBe(
    `${"Benchmark".padEnd(41)}Time(ns)       Iterations\n${"-".repeat(66)}\n${"a".padEnd(41)}12             100000\n`,
  );
  const long = "n".repeat(50);
  expect(new BenchmarkText([long]).result({ name: long, averageNs: 1, iterations: 2 })).toBe(
    `${long} 1              2\n`,
  );
});
