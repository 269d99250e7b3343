import { expect, test } from "vitest";
import { middleOfStep, percentiles, timeText } from "./percentiles.ts";

test("the least time that so many are not above", () => {
  const times = [
    { seconds: 1, count: 50 },
    { seconds: 2, count: 49 },
    { seconds: 3, count: 1 },
  ];
  expect(percentiles(times, [1, 50, 50.5, 99, 99.5, 100])).toEqual([1, 1, 2, 2, 3, 3]);
  expect(percentiles([{ seconds: 7, count: 3 }], [0, 1, 100])).toEqual([7, 7, 7]);
  expect(percentiles([], [50, 100])).toEqual([0, 0]);
});

test("steps of three widths", () => {
  const seconds = [0, 99, 101, 199, 201, 299].map(middleOfStep);
  expect(seconds).toEqual([0.000005, 0.000995, 0.0015, 0.0995, 0.15, 9.95]);
});

test("times as text", () => {
  expect([0, 0.000005, 0.000995, 0.0015, 0.0105, 0.15, 9.95].map(timeText)).toEqual([
    "-",
    "5us",
    "995us",
    "1.5ms",
    "11ms",
    "150ms",
    "9.9s",
  ]);
});
