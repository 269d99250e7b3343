import { expect, test } from "vitest";
import { queueCounts, shortened, totalCounts } from "./queues.ts";

const stats = (count: number, total: number) => ({ count, average: 0, total });

test("queues with and without packets, and more than were known", () => {
  const entries = [
    { key: [1, 0], value: stats(2, 100) },
    { key: [1, 4], value: stats(1, 20000) },
    { key: [1, 5], value: stats(1, 70000) },
    { key: [3, 2], value: stats(3, 3000) },
  ];
  const queues = queueCounts({ entries }, 2);
  expect(queues.map(({ packets, bytes, sizes }) => [packets, bytes, ...sizes])).toEqual([
    [0, 0, 0, 0, 0, 0, 0],
    [4, 90100, 2, 0, 0, 0, 1],
    [0, 0, 0, 0, 0, 0, 0],
    [3, 3000, 0, 0, 3, 0, 0],
  ]);
  expect(totalCounts(queues)).toEqual({ packets: 7, bytes: 93100, sizes: [2, 0, 3, 0, 1] });
});

test("numbers", () => {
  expect(shortened(1000, true)).toBe("1000");
  expect(shortened(1137, true)).toBe("1.11K");
  expect(shortened(1024, false)).toBe("1.0K");
  expect(shortened(2.5 * 1024 ** 2, false)).toBe("2.5M");
  expect(shortened(114, false)).toBe("114.0");
  expect(shortened(10.126, false)).toBe("10.13");
});
