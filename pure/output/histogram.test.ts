import { describe, expect, test } from "vitest";
import {
  type HistogramType,
  histBucketCount,
  histBucketOf,
  histBucketRange,
  histogramRows,
  histogramText,
  lhistBucketCount,
  lhistBucketOf,
  lhistBucketRange,
} from "./histogram.ts";
import type { HistogramValue } from "./value.ts";

const of = (type: HistogramType, values: readonly (number | bigint)[]): HistogramValue => {
  const buckets = new Map<number, number>();
  for (const value of values) {
    const index =
      type.kind === "hist" ? histBucketOf(value, type.bits) : lhistBucketOf(value, type.min, type.max, type.step);
    buckets.set(index, (buckets.get(index) ?? 0) + 1);
  }
  return { kind: "histogram", buckets };
};
const labels = (type: HistogramType, ...values: (number | bigint)[]) =>
  values.flatMap((value) => histogramRows(type, of(type, [value])).map((row) => row.label));
const hist = (bits: number) => ({ kind: "hist", bits }) as const;

describe("hist", () => {
  test("indices without sub-bits", () => {
    expect([-1, 0, 1, 2, 3, 4, 7, 8, 1024].map((value) => histBucketOf(value, 0))).toEqual([
      0, 1, 2, 3, 3, 4, 4, 5, 12,
    ]);
  });

  test("indices with sub-bits: 225 is 0b11100001, its power 7 - 2, its sub-bits 11", () => {
    expect(histBucketOf(225, 2)).toBe(((7 - 2 + 1) << 2) + 0b11 + 1);
    expect([0, 3, 4, 7, 8, 9, 10].map((value) => histBucketOf(value, 2))).toEqual([1, 4, 5, 8, 9, 9, 10]);
  });

  test("every value falls into the range of its bucket, and ranges join up", () => {
    for (let bits = 0; bits <= 5; bits++) {
      const powers = Array.from({ length: 63 }, (_, power) => 1n << BigInt(power));
      for (const value of powers.flatMap((power) => [power - 1n, power, power + 1n, power + power / 3n])) {
        const index = histBucketOf(value, bits);
        const { from, to } = histBucketRange(bits, index);
        expect(value >= from! && value < to!, `${value} in ${from}..${to} (bits ${bits})`).toBe(true);
        expect(histBucketRange(bits, index + 1).from).toEqual(to);
      }
      expect(histBucketRange(bits, 0)).toEqual({ to: 0 });
      expect(histBucketRange(bits, 1)).toEqual({ from: 0, to: 1 });
      expect(histBucketRange(bits, histBucketCount(bits) - 1).to).toBe(1n << 63n);
    }
  });

  test("the number of buckets", () => {
    // 63 - bits powers of two of 2^bits buckets each, 2^bits single values below them, and the negatives.
    const counts = [0, 1, 2, 3, 4, 5].map((bits) => (63 - bits) * 2 ** bits + 2 ** bits + 1);
    expect([0, 1, 2, 3, 4, 5].map(histBucketCount)).toEqual(counts);
    expect(histBucketCount(0)).toBe(65);
    expect(histBucketCount(5)).toBe(1889);
  });

  test("unsigned values beyond 2^63 count as negative", () => {
    expect(histBucketOf(1n << 63n, 0)).toBe(0);
    expect(histBucketOf(0xffffffffffffffffn, 5)).toBe(0);
  });

  test("labels without sub-bits", () => {
    expect(labels(hist(0), -5, 0, 1, 2, 4, 512, 1024, 1n << 19n, 1n << 20n, 1n << 62n)).toEqual([
      "(..., 0)",
      "[0]",
      "[1]",
      "[2, 4)",
      "[4, 8)",
      "[512, 1K)",
      "[1K, 2K)",
      "[512K, 1M)",
      "[1M, 2M)",
      "[4E, 8E)",
    ]);
    expect(labels(hist(0), 1n << 30n, 1n << 40n, 1n << 50n, 1n << 60n)).toEqual([
      "[1G, 2G)",
      "[1T, 2T)",
      "[1P, 2P)",
      "[1E, 2E)",
    ]);
  });

  test("labels with sub-bits: exact up to 2^(bits+1), units by the power", () => {
    expect(labels(hist(1), 2, 3, 4, 6, 1024)).toEqual(["[2]", "[3]", "[4, 6)", "[6, 8)", "[1024, 1536)"]);
    expect(labels(hist(1), 1536, 2048)).toEqual(["[1536, 2K)", "[2K, 3K)"]);
    expect(labels(hist(2), 7, 8, 1024, 3584, 4096)).toEqual([
      "[7]",
      "[8, 10)",
      "[1024, 1280)",
      "[3584, 4K)",
      "[4K, 5K)",
    ]);
    expect(labels(hist(3), 15, 16, 8191, 8192)).toEqual(["[15]", "[16, 18)", "[7680, 8K)", "[8K, 9K)"]);
    expect(labels(hist(4), 31, 32, 16384)).toEqual(["[31]", "[32, 34)", "[16K, 17K)"]);
    expect(labels(hist(5), 63, 64, 32767, 32768)).toEqual(["[63]", "[64, 66)", "[32256, 32K)", "[32K, 33K)"]);
  });

  test("rows, with the empty ones between", () => {
    const text = histogramText(histogramRows(hist(0), of(hist(0), [0, 5])));
    expect(text.split("\n").map((line) => line.slice(0, 26))).toEqual([
      "[0]                    1 |",
      "[1]                    0 |",
      "[2, 4)                 0 |",
      "[4, 8)                 1 |",
      "",
    ]);
  });

  test("bars are cut, not rounded", () => {
    const value: HistogramValue = {
      kind: "histogram",
      buckets: new Map([
        [3, 3],
        [4, 0],
        [5, 4],
      ]),
    };
    expect(histogramText(histogramRows(hist(0), value))).toBe(
      `[2, 4)                 3 |${"@".repeat(39)}             |\n` +
        `[4, 8)                 0 |${" ".repeat(52)}|\n` +
        `[8, 16)                4 |${"@".repeat(52)}|\n`,
    );
  });

  test("wide counts push the bar, big ones are exact", () => {
    const value: HistogramValue = {
      kind: "histogram",
      buckets: new Map<number, number | bigint>([
        [1, 2n ** 60n],
        [2, 123456789],
      ]),
    };
    const rows = histogramText(histogramRows(hist(0), value)).split("\n");
    expect(rows[0]).toBe(`[0]             1152921504606846976 |${"@".repeat(52)}|`);
    expect(rows[1]).toBe(`[1]             123456789 |${" ".repeat(52)}|`);
  });

  test("a count of 2^31 and more is no empty bucket", () => {
    expect(histogramRows(hist(0), { kind: "histogram", buckets: new Map([[1, 2 ** 31]]) })).toHaveLength(1);
  });

  test("div divides counts before bars are drawn", () => {
    const value: HistogramValue = {
      kind: "histogram",
      buckets: new Map([
        [1, 25],
        [2, 9],
        [3, 99],
      ]),
    };
    const rows = histogramRows(hist(0), value, 10);
    expect(rows.map((row) => row.count)).toEqual([2, 0, 9]);
    expect(histogramText(rows).split("\n")[0]).toBe(`[0]                    2 |${"@".repeat(11).padEnd(52)}|`);
    expect(histogramText(histogramRows(hist(0), value, 1000))).toBe(
      ["[0]    ", "[1]    ", "[2, 4) "].map((label) => `${label.padEnd(16)}       0 |${" ".repeat(52)}|\n`).join(""),
    );
  });

  test("nothing counted, no rows", () => {
    expect(histogramText(histogramRows(hist(0), { kind: "histogram", buckets: new Map() }))).toBe("");
    expect(histogramRows(hist(0), { kind: "histogram", buckets: new Map([[4, 0]]) })).toEqual([]);
  });
});

describe("lhist", () => {
  const type = { kind: "lhist", min: 0, max: 10, step: 5 } as const;

  test("indices", () => {
    expect([-1, 0, 4, 5, 9, 10, 11, 1n << 62n].map((value) => lhistBucketOf(value, 0, 10, 5))).toEqual([
      0, 1, 1, 2, 2, 3, 3, 3,
    ]);
    expect(lhistBucketOf(99, 100, 200, 10)).toBe(0);
    expect(lhistBucketOf(100, 100, 200, 10)).toBe(1);
    expect(lhistBucketCount(0, 10, 5)).toBe(4);
    expect(lhistBucketCount(0, 1000, 1)).toBe(1002);
  });

  test("ranges; the top one is open", () => {
    expect([0, 1, 2, 3].map((index) => lhistBucketRange(0, 10, 5, index))).toEqual([
      { to: 0 },
      { from: 0, to: 5 },
      { from: 5, to: 10 },
      { from: 10 },
    ]);
    expect(lhistBucketRange(0, 10, 3, lhistBucketOf(10, 0, 10, 3))).toEqual({ from: 9 });
  });

  test("labels", () => {
    expect(labels(type, -1, 4, 9, 10)).toEqual(["(..., 0)", "[0, 5)", "[5, 10)", "[10, ...)"]);
    expect(labels({ kind: "lhist", min: 0, max: 10, step: 1 }, 3)).toEqual(["[3]"]);
    const kilo = { kind: "lhist", min: 0, max: 4194304, step: 524288 } as const;
    expect(labels(kilo, 0, 524288, 1048576, 5000000)).toEqual(["[0, 512K)", "[512K, 1M)", "[1M, 1536K)", "[4M, ...)"]);
    expect(labels({ kind: "lhist", min: 100, max: 5220, step: 1024 }, 101)).toEqual(["[100, 1124)"]);
  });

  test("only the overflow", () => {
    expect(histogramText(histogramRows(type, of(type, [10])))).toBe(`[10, ...)              1 |${"@".repeat(52)}|\n`);
  });

  test("div has no effect", () => {
    expect(histogramRows(type, of(type, [1, 1, 1]), 3).map((row) => row.count)).toEqual([3]);
  });
});
