import { type Int, narrowInt } from "@beetrace/std";
import { averageOf, divideInts } from "./arithmetic.ts";
import { type HistogramRow, histogramRows } from "./histogram.ts";
import { formatJson, jsonArray, jsonInt, jsonObject, statsJson } from "./json.ts";
import type { MapEntry, MapLayout } from "./map-layout.ts";
import { dividedValue, keyText, type MapPrintOptions, shownEntries, windowOf } from "./map-text.ts";
import { jsonRecord, type MapRecordType } from "./records.ts";
import type { Resolver } from "./resolver.ts";
import {
  type EpochWindow,
  type Interval,
  intervalStart,
  intervalsIn,
  type TimeSeriesType,
  utcText,
} from "./tseries.ts";
import type { ValueType } from "./type.ts";
import { expectKind, type Value } from "./value.ts";

/** A map as one line of JSON; empty for a map without entries. */
export function printMapJson(
  layout: MapLayout,
  entries: readonly MapEntry[],
  options: MapPrintOptions,
  resolver: Resolver,
): string {
  if (entries.length === 0) return "";
  const window = windowOf(layout, entries);
  const valueJson = ({ value }: MapEntry) => entryJson(layout.value, value, options.div || 1, window, resolver);
  const { key } = layout;
  const shown = shownEntries(layout, entries, options);
  const data =
    key === undefined
      ? valueJson(shown[0])
      : jsonObject(shown.map((entry) => [jsonKey(key, entry.key, resolver), valueJson(entry)]));
  return jsonRecord(recordTypeOf(layout.value), jsonObject([[layout.name, data]]));
}

function recordTypeOf(value: ValueType): MapRecordType {
  switch (value.kind) {
    case "hist":
    case "lhist":
      return "hist";
    case "tseries":
      return "tseries";
    case "avg":
    case "stats":
      return "stats";
    default:
      return "map";
  }
}

/** bpftrace drops all blanks of a key, and so must we: consumers look keys up by that text. */
function jsonKey(type: ValueType, key: Value, resolver: Resolver): string {
  return keyText(type, key, resolver).replaceAll(" ", "");
}

/** A value of a map as JSON; `window` is what is shown of time series. */
export function entryJson(
  type: ValueType,
  value: Value,
  div: number,
  window: EpochWindow | undefined,
  resolver: Resolver,
): string {
  switch (type.kind) {
    case "hist":
    case "lhist":
      return jsonArray(histogramRows(type, expectKind(value, "histogram"), div).map(rowJson));
    case "tseries":
      return tseriesJson(type, intervalsIn(window, expectKind(value, "tseries")), resolver);
    case "stats": {
      const stats = expectKind(value, "average");
      return statsJson(stats, divideInts(averageOf(stats), div));
    }
    default:
      return formatJson(type, dividedValue(type, value, div), resolver);
  }
}

/** `max` is the largest value of the bucket, not the bound above it. */
function rowJson(row: HistogramRow): string {
  const members: [string, string][] = [];
  if (row.from !== undefined) members.push(["min", jsonInt(row.from)]);
  if (row.to !== undefined) members.push(["max", jsonInt(oneLess(row.to))]);
  return jsonObject([...members, ["count", jsonInt(row.count)]]);
}

function oneLess(value: Int): Int {
  return typeof value === "number" ? value - 1 : narrowInt(value - 1n);
}

/** Intervals without a value are left out. The blanks of other objects are missing here, as in bpftrace. */
function tseriesJson(type: TimeSeriesType, intervals: readonly Interval[], resolver: Resolver): string {
  return jsonArray(
    intervals.flatMap(({ epoch, value }) => {
      if (value === undefined) return [];
      const start = utcText(intervalStart(type, epoch, resolver));
      return [`{"interval_start":"${start}","value":${jsonInt(value)}}`];
    }),
  );
}
