import { expect, test } from "vitest";
import { Budget } from "./budget.ts";
import type { ProgramCost } from "./costs.ts";

const TICK_NS = 1e8;

/** What programs cost that take these shares of a processor, after some ticks. */
function costs(shares: Readonly<Record<string, number>>, ticks: number): ProgramCost[] {
  return Object.entries(shares).map(([program, part]) => ({
    program,
    probe: `kprobe:${program}`,
    hits: ticks,
    misses: 0,
    timeNs: part * ticks * TICK_NS,
  }));
}

/** The first tick at which something goes, and what. */
function firstToGo(budget: Budget, shares: Readonly<Record<string, number>>): [number, string] | undefined {
  for (let tick = 0; tick < 100; tick++) {
    const over = budget.check(costs(shares, tick), tick * TICK_NS);
    if (over) return [tick, over.program];
  }
  return undefined;
}

test("programs inside the budget stay", () => {
  expect(firstToGo(new Budget(0.01), { a: 0.004, b: 0.005 })).toBeUndefined();
});

test("the dearest goes before a second has taken more than the budget", () => {
  const [tick, program] = firstToGo(new Budget(0.01), { a: 0.01, b: 0.04 }) ?? [];
  expect(program).toBe("b");
  // One tick takes 5 ms of the 10 that a second may take: with one more the second would be over.
  expect(tick).toBe(2);
  expect(0.05 * (tick ?? 0) * TICK_NS).toBeLessThanOrEqual(0.01 * 1e9);
});

test("what went is not held against the rest", () => {
  const budget = new Budget(0.01);
  expect(firstToGo(budget, { a: 0.005, b: 0.5 })?.[1]).toBe("b");
  for (let tick = 100; tick < 150; tick++) {
    const [a] = costs({ a: 0.005 }, tick);
    const b = { program: "b", probe: "kprobe:b", hits: 1, misses: 0, timeNs: 5e8 };
    expect(budget.check([a, b], tick * TICK_NS)).toBeUndefined();
  }
});

test("it says what took how much", () => {
  const budget = new Budget(0.01);
  budget.check(costs({ a: 0.5, b: 0.25 }, 0), 0);
  expect(budget.check(costs({ a: 0.5, b: 0.25 }, 1), TICK_NS)).toEqual({
    program: "a",
    probe: "kprobe:a",
    share: 0.5,
    total: 0.75,
  });
});
