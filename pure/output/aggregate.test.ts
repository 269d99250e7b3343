import { describe, expect, test } from "vitest";
import { mergeCpus } from "./aggregate.ts";
import type { ValueType } from "./type.ts";
import type { Value } from "./value.ts";

const average = (total: number, count: number): Value => ({ kind: "average", total, count });
const extreme = (value: number | bigint): Value => ({ kind: "extreme", value, seen: true });

describe("merging CPUs", () => {
  test("counts and sums wrap at 64 bits", () => {
    expect(mergeCpus({ kind: "count" }, [1, 2, 3])).toBe(6);
    expect(mergeCpus({ kind: "count" }, [2n ** 64n - 1n, 2])).toBe(1);
    expect(mergeCpus({ kind: "sum", signed: true }, [-10, -20])).toBe(-30);
    expect(mergeCpus({ kind: "sum", signed: true }, [2n ** 63n - 1n, 1])).toBe(-(2n ** 63n));
    expect(mergeCpus({ kind: "sum", signed: false }, [2 ** 53 - 1, 2 ** 53 - 1])).toBe(18014398509481982n);
    expect(mergeCpus({ kind: "int", size: 1, signed: true }, [100, 100])).toBe(-56);
  });

  test("a zero that was seen differs from none", () => {
    const unseen: Value = { kind: "extreme", value: 0, seen: false };
    expect(mergeCpus({ kind: "min", signed: true }, [unseen, extreme(7), extreme(9)])).toEqual(extreme(7));
    expect(mergeCpus({ kind: "max", signed: true }, [unseen, extreme(-7), extreme(-9)])).toEqual(extreme(-7));
    expect(mergeCpus({ kind: "min", signed: true }, [unseen, extreme(0), extreme(9)])).toEqual(extreme(0));
    expect(mergeCpus({ kind: "min", signed: true }, [extreme(7), unseen])).toEqual(extreme(7));
    expect(mergeCpus({ kind: "max", signed: true }, [extreme(-7), unseen])).toEqual(extreme(-7));
    expect(mergeCpus({ kind: "max", signed: false }, [unseen, unseen])).toEqual(unseen);
  });

  test("averages add totals and counts", () => {
    expect(mergeCpus({ kind: "avg", signed: true }, [average(-9, 2), average(1, 1)])).toEqual(average(-8, 3));
  });

  test("time-series slots keep the newest epoch", () => {
    const type = (agg: "last" | "avg" | "min" | "max" | "sum"): ValueType => ({
      kind: "tseries",
      intervalNs: 1e9,
      count: 3,
      agg,
      signed: true,
    });
    const slot = (epoch: number, value: number, weight: number): Value => ({ kind: "slot", epoch, value, weight });
    expect(mergeCpus(type("sum"), [slot(4, 9, 1), slot(7, 1, 1), slot(7, 2, 1), slot(0, 0, 0)])).toEqual(slot(7, 3, 2));
    expect(mergeCpus(type("last"), [slot(7, 1, 50), slot(7, 2, 40)])).toEqual(slot(7, 1, 50));
    expect(mergeCpus(type("min"), [slot(7, 1, 1), slot(7, -2, 1)])).toMatchObject({ value: -2 });
    expect(mergeCpus(type("max"), [slot(7, 1, 1), slot(7, -2, 1)])).toMatchObject({ value: 1 });
    expect(mergeCpus(type("avg"), [slot(7, 10, 1), slot(7, 5, 2)])).toEqual(slot(7, 15, 3));
  });
});
