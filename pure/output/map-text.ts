import { averageOf, divideInts } from "./arithmetic.ts";
import { histogramRows, histogramText } from "./histogram.ts";
import type { MapEntry, MapLayout } from "./map-layout.ts";
import type { Resolver } from "./resolver.ts";
import { sortEntries, topEntries } from "./sort.ts";
import { formatText, statsText } from "./text.ts";
import { type EpochWindow, epochWindow, intervalsIn, tseriesText } from "./tseries.ts";
import type { ValueType } from "./type.ts";
import { expectKind, type Value } from "./value.ts";

/** The arguments of `print(@map, top, div)`; 0 or nothing for either: all entries, as they are. */
export interface MapPrintOptions {
  readonly top?: number;
  readonly div?: number;
}

/**
 * A map as text: `@name: value`, or one `@name[key]: value` a line; histograms and time series as a block each,
 * followed by an empty line. No entries, no text: for `print()` of a scalar map that was never set, pass an entry
 * with `zeroValue`.
 */
export function printMapText(
  layout: MapLayout,
  entries: readonly MapEntry[],
  options: MapPrintOptions,
  resolver: Resolver,
): string {
  const window = windowOf(layout, entries);
  const shown = shownEntries(layout, entries, options);
  return shown
    .map(({ key, value }) => {
      const title = layout.key === undefined ? layout.name : `${layout.name}[${keyText(layout.key, key, resolver)}]`;
      return `${title}:${entryText(layout.value, value, options.div || 1, window, resolver)}\n`;
    })
    .join("");
}

/** Sorted and cut to the top ones. Time series are ordered by key and never cut. */
export function shownEntries(
  layout: MapLayout,
  entries: readonly MapEntry[],
  options: MapPrintOptions,
): readonly MapEntry[] {
  const sorted = sortEntries(layout, entries);
  return layout.value.kind === "tseries" ? sorted : topEntries(sorted, options.top ?? 0);
}

/** The window of a map of time series; undefined for other maps. */
export function windowOf(layout: MapLayout, entries: readonly MapEntry[]): EpochWindow | undefined {
  if (layout.value.kind !== "tseries") return undefined;
  return epochWindow(
    layout.value,
    entries.map(({ value }) => expectKind(value, "tseries")),
  );
}

/** The text of a key. Parentheses around all of it are dropped, a tuple's as well as a string's own. */
export function keyText(type: ValueType, key: Value, resolver: Resolver): string {
  const text = formatText(type, key, resolver);
  return text.startsWith("(") && text.endsWith(")") ? text.slice(1, -1) : text;
}

/** What follows the colon. */
function entryText(
  type: ValueType,
  value: Value,
  div: number,
  window: EpochWindow | undefined,
  resolver: Resolver,
): string {
  switch (type.kind) {
    case "hist":
    case "lhist":
      return `\n${histogramText(histogramRows(type, expectKind(value, "histogram"), div))}`;
    case "tseries":
      return `\n${tseriesText(type, intervalsIn(window, expectKind(value, "tseries")), resolver)}`;
    case "stats": {
      const stats = expectKind(value, "average");
      return ` ${statsText(stats, divideInts(averageOf(stats), div))}`;
    }
    default:
      return ` ${formatText(type, dividedValue(type, value, div), resolver)}`;
  }
}

/** The value with its integers divided by `div`, those within arrays, tuples and records too. */
export function dividedValue(type: ValueType, value: Value, div: number): Value {
  if (div === 1) return value;
  switch (type.kind) {
    case "int":
    case "count":
    case "sum":
      return typeof value === "number" || typeof value === "bigint" ? divideInts(value, div) : value;
    case "min":
    case "max": {
      const extreme = expectKind(value, "extreme");
      return { ...extreme, value: divideInts(extreme.value, div) };
    }
    case "avg":
      return { kind: "average", total: divideInts(averageOf(expectKind(value, "average")), div), count: 1 };
    case "array":
      return dividedItems(value, () => type.element, div);
    case "tuple":
    case "record":
      return dividedItems(value, (index) => type.fields[index].type, div);
    default:
      return value;
  }
}

function dividedItems(value: Value, typeOf: (index: number) => ValueType, div: number): Value {
  const { items } = expectKind(value, "list");
  return { kind: "list", items: items.map((item, index) => dividedValue(typeOf(index), item, div)) };
}

/** What stands before the maps at the end of a run. */
export const END_OF_RUN = "\n\n";
