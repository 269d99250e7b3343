import { invariant } from "@beetrace/std";
import { asUnsigned, averageOf, compareInts } from "./arithmetic.ts";
import { compareTotals } from "./histogram.ts";
import type { MapEntry, MapLayout } from "./map-layout.ts";
import type { ValueType } from "./type.ts";
import { expectInt, expectKind, expectText, type Value } from "./value.ts";

type Order = (a: Value, b: Value) => number;

/**
 * The entries in the order they are shown: integers, counts and sums by value; averages by average; minima and
 * maxima by value taken as unsigned; histograms by their total; the rest by key. Equal values are ordered by key too,
 * so that the output of a run does not depend on the kernel's hashing.
 */
export function sortEntries(layout: MapLayout, entries: readonly MapEntry[]): MapEntry[] {
  const byValue = valueOrder(layout.value);
  const byKey = layout.key === undefined ? undefined : keyOrder(layout.key);
  return [...entries].sort((a, b) => byValue?.(a.value, b.value) || byKey?.(a.key, b.key) || 0);
}

/** The last `top` entries of that order, the largest ones; all of them when `top` is 0. */
export function topEntries(entries: readonly MapEntry[], top: number): readonly MapEntry[] {
  return top > 0 && top < entries.length ? entries.slice(entries.length - top) : entries;
}

function valueOrder(type: ValueType): Order | undefined {
  switch (type.kind) {
    case "int":
    case "enum":
    case "count":
    case "sum":
      return (a, b) => compareInts(expectInt(a), expectInt(b));
    case "min":
    case "max":
      return (a, b) => compareInts(unsignedExtreme(a), unsignedExtreme(b));
    case "avg":
    case "stats":
      return (a, b) => compareInts(averageOf(expectKind(a, "average")), averageOf(expectKind(b, "average")));
    case "hist":
    case "lhist":
      return (a, b) => compareTotals(expectKind(a, "histogram"), expectKind(b, "histogram"));
    default:
      return undefined;
  }
}

function unsignedExtreme(value: Value) {
  return asUnsigned(expectKind(value, "extreme").value);
}

/** Integers compare as signed, whatever they were declared; strings by their bytes; tuples field by field. */
function keyOrder(type: ValueType): Order | undefined {
  switch (type.kind) {
    case "int":
    case "enum": {
      const bits = type.size * 8;
      return (a, b) => compareInts(signedKey(a, bits), signedKey(b, bits));
    }
    case "bool":
      return (a, b) => Number(a) - Number(b);
    case "pointer":
    case "ksym":
    case "username":
    case "cgroup-path":
    case "timestamp":
    case "probe":
    case "name":
      return (a, b) => compareInts(expectInt(a), expectInt(b));
    case "string":
      return (a, b) => compareTexts(expectText(a), expectText(b));
    case "tuple":
    case "record":
      return fieldOrder(type.fields.map((field) => keyOrder(field.type)));
    default:
      return undefined;
  }
}

function signedKey(value: Value, bits: number) {
  const int = expectInt(value);
  return int < 2 ** (bits - 1) ? int : BigInt.asIntN(bits, BigInt(int));
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function fieldOrder(orders: readonly (Order | undefined)[]): Order {
  return (a, b) => {
    const left = expectKind(a, "list").items;
    const right = expectKind(b, "list").items;
    invariant(left.length === right.length, "keys of one map differ in length");
    for (let index = 0; index < orders.length; index++) {
      const order = orders[index]?.(left[index], right[index]);
      if (order) return order;
    }
    return 0;
  };
}
