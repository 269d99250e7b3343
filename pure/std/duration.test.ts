import { expect, test } from "vitest";
import { parseDuration } from "./duration.ts";

test.each([
  ["1ns", 1n],
  ["20us", 20_000n],
  ["500ms", 500_000_000n],
  ["10s", 10_000_000_000n],
  ["2m", 120_000_000_000n],
  ["1h", 3_600_000_000_000n],
  ["3d", 259_200_000_000_000n],
])("%s is %d nanoseconds", (text, ns) => expect(parseDuration(text)).toBe(ns));

test.each(["", "10", "s", "1.5s", "-1s", " 1s", "1s ", "1min", "1sec", "0x1s"])("%j is none", (text) =>
  expect(parseDuration(text)).toBeUndefined(),
);
