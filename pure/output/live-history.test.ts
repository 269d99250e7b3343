import { describe, expect, it } from "vitest";
import { mapHistory, SERIES_LENGTH } from "./live-history.ts";
import type { ValueType } from "./type.ts";
import type { Value } from "./value.ts";

const COMM = { kind: "string", size: 16 } as const;
const historyOf = (value: ValueType) => mapHistory({ name: "@", key: COMM, value, perCpu: false });
const scalarOf = (value: ValueType) => {
  const history = mapHistory({ name: "@", value, perCpu: false });
  return {
    history,
    look: (now: Value, elapsedMs = 1000) => history.look([{ key: null, value: now }], elapsedMs),
    row: () => history.rows[0],
  };
};

describe("what is counted", () => {
  it("has the rate since the look before", () => {
    const { look, row } = scalarOf({ kind: "count" });
    look(10, 500);
    look(40, 2000);
    look(40);
    expect(row()).toEqual({ key: null, value: 40, size: 40, perSecond: 0, series: [20, 15, 0] });
  });

  it("has no rate at the start", () => {
    const { look, row } = scalarOf({ kind: "count" });
    look(10, 0);
    expect(row()).toEqual({ key: null, value: 10, size: 10, series: [] });
    look(12);
    expect(row()).toMatchObject({ perSecond: 2, series: [2] });
  });

  it("counts from zero when it was cleared, seen or not", () => {
    const { history, look, row } = scalarOf({ kind: "count" });
    look(100);
    look(7);
    expect(row().perSecond).toBe(7);
    history.cleared();
    look(9);
    expect(row().perSecond).toBe(9);
  });

  it("is exact beyond 2^53", () => {
    const { look, row } = scalarOf({ kind: "sum", signed: false });
    look(2n ** 60n);
    look(2n ** 60n + 3n);
    expect(row().perSecond).toBe(3);
  });

  it("in a histogram is the total", () => {
    const { look, row } = scalarOf({ kind: "hist", bits: 0 });
    look({ kind: "histogram", buckets: new Map([[1, 2]]) });
    look({
      kind: "histogram",
      buckets: new Map([
        [1, 2],
        [5, 8],
      ]),
    });
    expect(row()).toMatchObject({ size: 10, perSecond: 8, series: [2, 8] });
  });
});

describe("integers", () => {
  it("are counters until they fall, and then values", () => {
    const { look, row } = scalarOf({ kind: "int", size: 8, signed: true });
    for (const value of [3, 5]) look(value);
    expect(row()).toMatchObject({ perSecond: 2, series: [3, 2] });
    look(4);
    look(9);
    expect(row().perSecond).toBeUndefined();
    expect(row().series).toEqual([3, 2, 4, 9]);
  });
});

describe("averages", () => {
  it("have a series of what came since the look before", () => {
    const { look, row } = scalarOf({ kind: "stats", signed: true });
    look({ kind: "average", count: 2, total: 20 });
    look({ kind: "average", count: 4, total: 80 });
    look({ kind: "average", count: 4, total: 80 });
    expect(row()).toMatchObject({ size: 20, perSecond: 0, series: [10, 30, Number.NaN] });
    look({ kind: "average", count: 1, total: 5 });
    expect(row().series.at(-1)).toBe(5);
  });
});

describe("keys", () => {
  it("are told apart, come and go, and are remembered for a while", () => {
    const history = historyOf({ kind: "count" });
    history.look(
      [
        { key: "a", value: 1 },
        { key: "b", value: 2 },
      ],
      1000,
    );
    history.look([{ key: "b", value: 5 }], 1000);
    history.look(
      [
        { key: "b", value: 5 },
        { key: "a", value: 4 },
      ],
      1000,
    );
    expect(history.rows.map(({ key, series }) => [key, series])).toEqual([
      ["b", [2, 3, 0]],
      ["a", [1, Number.NaN, 4]],
    ]);
    for (let look = 0; look <= SERIES_LENGTH; look++) history.look([], 1000);
    history.look([{ key: "b", value: 1 }], 1000);
    expect(history.rows[0].series).toEqual([1]);
  });

  it("of fields do not run together", () => {
    const key = (a: string, b: string): Value => ({ kind: "list", items: [a, b] });
    const history = historyOf({ kind: "count" });
    history.look(
      [
        { key: key("a,1:b", "c"), value: 1 },
        { key: key("a", "1:b,c"), value: 1 },
      ],
      1000,
    );
    history.look(
      [
        { key: key("a,1:b", "c"), value: 3 },
        { key: key("a", "1:b,c"), value: 1 },
      ],
      1000,
    );
    expect(history.rows.map(({ perSecond }) => perSecond)).toEqual([2, 0]);
  });

  it("have series of a fixed length", () => {
    const { look, row } = scalarOf({ kind: "max", signed: true });
    for (let value = 0; value < 100; value++) look({ kind: "extreme", value, seen: true });
    expect(row().series).toEqual(Array.from({ length: SERIES_LENGTH }, (_, index) => 100 - SERIES_LENGTH + index));
    expect(row().perSecond).toBeUndefined();
  });
});
