import { type Int, narrowInt, wrapInt } from "@beetrace/std";
import { addInts } from "./arithmetic.ts";
import type { ValueType } from "./type.ts";
import { type AverageValue, type ExtremeValue, expectInt, expectKind, type SlotValue, type Value } from "./value.ts";

/**
 * One value of the values that the CPUs hold for a map element: counts and sums add up (wrapping as in the kernel),
 * extremes compare, averages add totals and counts, time-series slots keep the newest epoch. Integers of a map
 * declared per-CPU add up; other types have one value only, that of the first CPU.
 */
export function mergeCpus(type: ValueType, values: readonly Value[]): Value {
  return values.length === 1 ? values[0] : values.reduce(mergerOf(type));
}

type Merger = (merged: Value, value: Value) => Value;

function mergerOf(type: ValueType): Merger {
  switch (type.kind) {
    case "count":
    case "hist":
    case "lhist":
      return adding(false);
    case "sum":
      return adding(type.signed);
    case "int": {
      const { size, signed } = type;
      return (a, b) => narrowInt(wrapInt(BigInt(expectInt(a)) + BigInt(expectInt(b)), size * 8, signed));
    }
    case "min":
      return (a, b) => extremeOf(expectKind(a, "extreme"), expectKind(b, "extreme"), (x, y) => x < y);
    case "max":
      return (a, b) => extremeOf(expectKind(a, "extreme"), expectKind(b, "extreme"), (x, y) => x > y);
    case "avg":
    case "stats": {
      const { signed } = type;
      return (a, b) => averageSum(expectKind(a, "average"), expectKind(b, "average"), signed);
    }
    case "tseries":
      return (a, b) => mergeSlots(type, expectKind(a, "slot"), expectKind(b, "slot"));
    default:
      return (first) => first;
  }
}

function adding(signed: boolean): Merger {
  return (a, b) => addInts(expectInt(a), expectInt(b), signed);
}

function extremeOf(a: ExtremeValue, b: ExtremeValue, beats: (x: Int, y: Int) => boolean): ExtremeValue {
  if (!b.seen) return a;
  return !a.seen || beats(b.value, a.value) ? b : a;
}

function averageSum(a: AverageValue, b: AverageValue, signed: boolean): AverageValue {
  return { kind: "average", total: addInts(a.total, b.total, signed), count: addInts(a.count, b.count, false) };
}

type TimeSeriesType = Extract<ValueType, { kind: "tseries" }>;

/** A CPU that did not write in the newest epoch still holds an old one in the slot: that is gone. */
function mergeSlots(type: TimeSeriesType, a: SlotValue, b: SlotValue): SlotValue {
  if (a.epoch !== b.epoch) return a.epoch > b.epoch ? a : b;
  switch (type.agg) {
    case "last":
      return b.weight > a.weight ? b : a;
    case "min":
      return b.value < a.value ? b : a;
    case "max":
      return b.value > a.value ? b : a;
    case "sum":
    case "avg":
      return {
        kind: "slot",
        epoch: a.epoch,
        value: addInts(a.value, b.value, type.signed),
        weight: addInts(a.weight, b.weight, false),
      };
  }
}
