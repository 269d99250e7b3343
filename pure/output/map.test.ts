import { describe, expect, test } from "vitest";
import { zeroValue } from "./decode.ts";
import { histBucketOf } from "./histogram.ts";
import { printMapJson } from "./map-json.ts";
import type { MapEntry, MapLayout } from "./map-layout.ts";
import { type MapPrintOptions, printMapText } from "./map-text.ts";
import { bareResolver } from "./resolver.ts";
import { sortEntries } from "./sort.ts";
import type { ValueType } from "./type.ts";
import type { Value } from "./value.ts";

const resolver = bareResolver({ stack: () => [0x10n] });
const i64: ValueType = { kind: "int", size: 8, signed: true };
const string: ValueType = { kind: "string", size: 16 };
const list = (...items: Value[]): Value => ({ kind: "list", items });
const tuple = (...types: ValueType[]): ValueType => ({
  kind: "tuple",
  size: types.length * 16,
  fields: types.map((type, index) => ({ offset: index * 16, type })),
});
const layout = (name: string, value: ValueType, key?: ValueType): MapLayout => ({ name, key, value, perCpu: false });
const entries = (...pairs: [Value, Value][]): MapEntry[] => pairs.map(([key, value]) => ({ key, value }));
const text = (map: MapLayout, of: MapEntry[], options: MapPrintOptions = {}) =>
  printMapText(map, of, options, resolver);
const json = (map: MapLayout, of: MapEntry[], options: MapPrintOptions = {}) =>
  printMapJson(map, of, options, resolver);
const average = (total: number, count: number): Value => ({ kind: "average", total, count });
const extreme = (value: number | bigint): Value => ({ kind: "extreme", value, seen: true });
const histogram = (...buckets: [number, number][]): Value => ({ kind: "histogram", buckets: new Map(buckets) });

describe("text", () => {
  test("scalar and keyed maps, the anonymous map", () => {
    expect(text(layout("@x", i64), entries([null, 2]))).toBe("@x: 2\n");
    expect(text(layout("@", i64), entries([null, -2]))).toBe("@: -2\n");
    expect(text(layout("@", i64, string), entries(["a", 1]))).toBe("@[a]: 1\n");
    expect(text(layout("@x", i64, i64), [])).toBe("");
    expect(text(layout("@x", i64), entries([null, zeroValue(i64)]))).toBe("@x: 0\n");
  });

  test("a tuple key loses its own parentheses, and so does a string that has some", () => {
    expect(text(layout("@", i64, tuple(i64, string)), entries([list(1, "hi"), 3]))).toBe("@[1, hi]: 3\n");
    expect(text(layout("@", i64, tuple(i64, tuple(i64, i64))), entries([list(1, list(2, 3)), 4]))).toBe(
      "@[1, (2, 3)]: 4\n",
    );
    expect(text(layout("@", i64, string), entries(["(x)", 1]))).toBe("@[x]: 1\n");
    expect(text(layout("@", i64, string), entries(["(", 1]))).toBe("@[(]: 1\n");
  });

  test("a stack as key", () => {
    const stack: ValueType = { kind: "kstack", map: "m", mode: "bpftrace", limit: 9 };
    const key: Value = { kind: "stack", id: 1, pid: 0 };
    expect(text(layout("@", { kind: "count" }, stack), entries([key, 7]))).toBe("@[\n        0x10\n]: 7\n");
    expect(text(layout("@", { kind: "count" }, tuple(stack, stack)), entries([list(key, key), 7]))).toBe(
      "@[\n        0x10\n, \n        0x10\n]: 7\n",
    );
  });

  test("integers are ordered by value, strings by key", () => {
    expect(text(layout("@", i64, string), entries(["x", 3], ["y", 1], ["z", 2]))).toBe("@[y]: 1\n@[z]: 2\n@[x]: 3\n");
    expect(text(layout("@", string, string), entries(["b", "1"], ["a", "2"]))).toBe("@[a]: 2\n@[b]: 1\n");
  });

  test("top and div", () => {
    const counts = entries(["a", 10], ["b", 40], ["c", 20], ["d", 30]);
    const map = layout("@", { kind: "count" }, string);
    expect(text(map, counts, { top: 2 })).toBe("@[d]: 30\n@[b]: 40\n");
    expect(text(map, counts, { top: 2, div: 7 })).toBe("@[d]: 4\n@[b]: 5\n");
    expect(text(map, counts, { top: 4 }).split("\n")).toHaveLength(5);
    expect(text(map, counts, { top: 9 }).split("\n")).toHaveLength(5);
    expect(text(map, counts, { top: 0, div: 0 }).split("\n")).toHaveLength(5);
    expect(text(layout("@", i64), entries([null, -7]), { div: 2 })).toBe("@: -3\n");
    expect(text(layout("@", i64), entries([null, 18446744073709551615n]), { div: 10 })).toBe(
      "@: 1844674407370955161\n",
    );
    expect(text(layout("@", tuple(i64, string)), entries([null, list(9, "s")]), { div: 2 })).toBe("@: (4, s)\n");
    expect(text(layout("@", { kind: "max", signed: true }), entries([null, extreme(-9)]), { div: 2 })).toBe("@: -4\n");
  });

  test("averages and stats", () => {
    const avg = layout("@", { kind: "avg", signed: false }, string);
    const of = entries(["a", average(10, 1)], ["d", average(40, 1)], ["c", average(60, 2)], ["b", average(20, 1)]);
    expect(text(avg, of, { top: 2, div: 10 })).toBe("@[c]: 3\n@[d]: 4\n");
    expect(text(layout("@", { kind: "avg", signed: true }), entries([null, average(25, 2)]))).toBe("@: 12\n");
    const stats = layout("@", { kind: "stats", signed: true });
    expect(text(stats, entries([null, average(25, 2)]))).toBe("@: { .count = 2, .average = 12, .total = 25 }\n");
    expect(text(stats, entries([null, average(25, 2)]), { div: 4 })).toBe(
      "@: { .count = 2, .average = 3, .total = 25 }\n",
    );
  });

  test("histograms: a block each, and an empty line; ordered by total", () => {
    const row = (label: string, count: number, bar: number) =>
      `${label.padEnd(16)}${String(count).padStart(8)} |${"@".repeat(bar).padEnd(52)}|\n`;
    expect(text(layout("@h", { kind: "hist", bits: 0 }), entries([null, histogram([3, 2])]))).toBe(
      `@h:\n${row("[2, 4)", 2, 52)}\n`,
    );
    const keyed = layout("@h", { kind: "hist", bits: 0 }, string);
    expect(text(keyed, entries(["a", histogram([1, 5])], ["b", histogram([2, 1], [3, 1])]))).toBe(
      `@h[b]:\n${row("[1]", 1, 52)}${row("[2, 4)", 1, 52)}\n@h[a]:\n${row("[0]", 5, 52)}\n`,
    );
    expect(text(keyed, entries(["a", histogram([1, 5])], ["b", histogram([2, 1])]), { top: 1 })).toBe(
      `@h[a]:\n${row("[0]", 5, 52)}\n`,
    );
    expect(text(layout("@h", { kind: "hist", bits: 0 }), entries([null, histogram()]))).toBe("@h:\n\n");
  });
});

describe("order", () => {
  const keys = (map: MapLayout, of: MapEntry[]) => sortEntries(map, of).map((entry) => entry.key);

  test("minima and maxima compare as unsigned", () => {
    const map = layout("@", { kind: "min", signed: true }, string);
    expect(keys(map, entries(["a", extreme(-1)], ["b", extreme(5)], ["c", extreme(-9)]))).toEqual(["b", "c", "a"]);
  });

  test("sums compare as signed", () => {
    const map = layout("@", { kind: "sum", signed: true }, string);
    expect(keys(map, entries(["a", -1], ["b", 5], ["c", -9]))).toEqual(["c", "a", "b"]);
  });

  test("integer keys compare as signed, whatever they were declared", () => {
    const map = layout("@", string, { kind: "int", size: 8, signed: false });
    expect(keys(map, entries([1, ""], [2n ** 63n, ""], [2n ** 63n - 1n, ""], [0, ""]))).toEqual([
      2n ** 63n,
      0,
      1,
      2n ** 63n - 1n,
    ]);
    const narrow = layout("@", string, { kind: "int", size: 1, signed: false });
    expect(keys(narrow, entries([1, ""], [200, ""]))).toEqual([200, 1]);
  });

  test("tuples compare field by field, strings by bytes", () => {
    const map = layout("@", string, tuple(string, i64));
    const of = entries(
      [list("b", 1), ""],
      [list("a", 2), ""],
      [list("a", -1), ""],
      [list("B", 9), ""],
      [list("\xff", 0), ""],
    );
    expect(keys(map, of)).toEqual([list("B", 9), list("a", -1), list("a", 2), list("b", 1), list("\xff", 0)]);
  });

  test("equal values are ordered by key", () => {
    const map = layout("@", { kind: "count" }, string);
    expect(keys(map, entries(["c", 1], ["a", 1], ["b", 1]))).toEqual(["a", "b", "c"]);
  });

  test("numbers and bigints compare by value", () => {
    const map = layout("@", { kind: "count" }, string);
    expect(keys(map, entries(["a", 2n ** 60n], ["b", 5], ["c", 2n ** 61n]))).toEqual(["b", "a", "c"]);
  });
});

describe("json", () => {
  test("plain maps", () => {
    expect(json(layout("@x", i64), entries([null, 1]))).toBe('{"type": "map", "data": {"@x": 1}}\n');
    expect(json(layout("@y", i64, tuple(i64, string)), entries([list(1, "a b"), 2]))).toBe(
      '{"type": "map", "data": {"@y": {"1,ab": 2}}}\n',
    );
    expect(json(layout("@", { kind: "pointer" }), entries([null, 50]))).toBe('{"type": "map", "data": {"@": 50}}\n');
    expect(json(layout("@x", i64, i64), [])).toBe("");
  });

  test("entries keep the order of the values, also with keys that look like numbers", () => {
    expect(json(layout("@", i64, i64), entries([1, 30], [10, 10], [2, 20]))).toBe(
      '{"type": "map", "data": {"@": {"10": 10, "2": 20, "1": 30}}}\n',
    );
  });

  test("stats and averages", () => {
    expect(json(layout("@", { kind: "avg", signed: true }), entries([null, average(4, 1)]))).toBe(
      '{"type": "stats", "data": {"@": 4}}\n',
    );
    expect(json(layout("@", { kind: "stats", signed: true }, string), entries(["curl", average(12, 2)]))).toBe(
      '{"type": "stats", "data": {"@": {"curl": {"count": 2, "average": 6, "total": 12}}}}\n',
    );
    expect(
      json(layout("@", { kind: "avg", signed: false }, string), entries(["a", average(10, 1)], ["b", average(20, 1)]), {
        top: 1,
        div: 10,
      }),
    ).toBe('{"type": "stats", "data": {"@": {"b": 2}}}\n');
  });

  test("histograms: inclusive bounds, none below and above", () => {
    const hist: ValueType = { kind: "hist", bits: 0 };
    expect(json(layout("@", hist), entries([null, histogram([4, 1])]))).toBe(
      '{"type": "hist", "data": {"@": [{"min": 4, "max": 7, "count": 1}]}}\n',
    );
    expect(json(layout("@", hist, string), entries(["k", histogram([0, 1], [1, 2])]))).toBe(
      '{"type": "hist", "data": {"@": {"k": [{"max": -1, "count": 1},{"min": 0, "max": 0, "count": 2}]}}}\n',
    );
    const lhist: ValueType = { kind: "lhist", min: 0, max: 10, step: 5 };
    expect(json(layout("@l", lhist), entries([null, histogram([0, 1], [3, 2])]))).toBe(
      '{"type": "hist", "data": {"@l": [{"max": -1, "count": 1},{"min": 0, "max": 4, "count": 0},{"min": 5, "max": 9, "count": 0},{"min": 10, "count": 2}]}}\n',
    );
    expect(json(layout("@", hist), entries([null, histogram()]))).toBe('{"type": "hist", "data": {"@": []}}\n');
  });

  test("bounds that a double cannot hold are strings", () => {
    const line = json(
      layout("@", { kind: "hist", bits: 0 }),
      entries([null, histogram([histBucketOf(2n ** 55n, 0), 1])]),
    );
    expect(line).toBe(
      '{"type": "hist", "data": {"@": [{"min": 36028797018963968, "max": "72057594037927935", "count": 1}]}}\n',
    );
  });
});
