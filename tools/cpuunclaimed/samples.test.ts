import { expect, test } from "vitest";
import { claims, groupsOf, spanNs } from "./samples.ts";

const samples = [
  { ns: 1000, cpu: 0, tasks: 3 },
  { ns: 11_020, cpu: 1, tasks: 0 },
  { ns: 1010, cpu: 1, tasks: 0 },
  { ns: 11_000, cpu: 0, tasks: 1 },
  { ns: 21_000, cpu: 0, tasks: 2 },
  { ns: 21_005, cpu: 1, tasks: 2 },
];

test("groups of samples that were taken together", () => {
  const groups = groupsOf(samples, 8000);
  expect(groups.map((group) => group.map(({ cpu, tasks }) => [cpu, tasks]))).toEqual([
    [
      [0, 3],
      [1, 0],
    ],
    [
      [0, 1],
      [1, 0],
    ],
    [
      [0, 2],
      [1, 2],
    ],
  ]);
  expect(groups.map(spanNs)).toEqual([10, 20, 5]);
  expect(groupsOf([], 8000)).toEqual([]);
});

test("as much is unclaimed as waits, and no more than is idle", () => {
  const groups = groupsOf(samples, 8000);
  expect(claims(groups, 2)).toEqual({ busy: 4 / 6, unclaimed: 1 / 6 });
  expect(claims(groups, 4)).toEqual({ busy: 4 / 12, unclaimed: 4 / 12 });
  expect(claims([], 2)).toEqual({ busy: 0, unclaimed: 0 });
});
