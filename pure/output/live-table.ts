import { averageOf } from "./arithmetic.ts";
import { decodeUtf8 } from "./byte-text.ts";
import { histogramTotal } from "./histogram.ts";
import { type LiveRow, type MapHistory, SERIES_LENGTH } from "./live-history.ts";
import type { Paint } from "./live-style.ts";
import { keyText } from "./map-text.ts";
import type { Resolver } from "./resolver.ts";
import { barOf, columnsOf, cutTo, fit, groupedNumber, oneLine, shortNumber, sparkline } from "./terminal-text.ts";
import { formatText } from "./text.ts";
import type { ValueType } from "./type.ts";
import { expectInt, expectKind, expectText, type Value } from "./value.ts";

/** What tables are sorted by. */
export type LiveOrder = "value" | "rate" | "key";

/** The rows of a map in the order they are shown. */
export function orderedRows({ layout, rows }: MapHistory, order: LiveOrder): readonly LiveRow[] {
  const sorted = [...rows];
  if (order === "key") return sorted.sort((a, b) => compareKeys(a.key, b.key));
  const weight = (row: LiveRow) => (order === "rate" ? (row.perSecond ?? row.size) : row.size);
  const byKey = layout.value.kind === "tseries";
  return sorted.sort((a, b) => (byKey ? 0 : weight(b) - weight(a)) || compareKeys(a.key, b.key));
}

/** Numbers by value, texts by their bytes, fields one after the other; what has no order stays as it came. */
function compareKeys(a: Value, b: Value): number {
  if (isNumber(a) && isNumber(b)) return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return 0;
  if (a.kind !== "list" || b.kind !== "list") return 0;
  for (let index = 0; index < a.items.length; index++) {
    const order = compareKeys(a.items[index], b.items[index]);
    if (order !== 0) return order;
  }
  return 0;
}

function isNumber(value: Value): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

/** The headings of a value's columns. */
export function valueHeadings(type: ValueType): readonly string[] {
  switch (type.kind) {
    case "stats":
      return ["count", "average", "total"];
    case "hist":
    case "lhist":
      return ["count"];
    case "tseries":
      return ["last"];
    case "count":
    case "sum":
    case "avg":
    case "min":
    case "max":
      return [type.kind];
    default:
      return ["value"];
  }
}

/** The texts of those columns. */
export function valueTexts(type: ValueType, { value, size }: LiveRow, resolver: Resolver): readonly string[] {
  switch (type.kind) {
    case "int":
    case "count":
    case "sum":
      return [groupedNumber(expectInt(value))];
    case "min":
    case "max":
      return [groupedNumber(expectKind(value, "extreme").value)];
    case "avg":
      return [groupedNumber(averageOf(expectKind(value, "average")))];
    case "stats": {
      const stats = expectKind(value, "average");
      return [stats.count, averageOf(stats), stats.total].map(groupedNumber);
    }
    case "hist":
    case "lhist":
      return [groupedNumber(histogramTotal(expectKind(value, "histogram")))];
    case "tseries":
      return [groupedNumber(size)];
    case "string":
      return [oneLine(decodeUtf8(expectText(value)))];
    default:
      return [oneLine(decodeUtf8(formatText(type, value, resolver)))];
  }
}

/** A small picture of a row: a histogram's shape, the intervals of a time series, else its numbers of the last looks. */
export function rowSparkline(type: ValueType, row: LiveRow, columns: number): string {
  if (type.kind === "hist" || type.kind === "lhist") {
    const { buckets } = expectKind(row.value, "histogram");
    const used = [...buckets.keys()].sort((a, b) => a - b);
    if (used.length === 0) return "";
    const first = used[0];
    const length = used[used.length - 1] - first + 1;
    return sparkline(
      Array.from({ length: Math.min(length, columns) }, (_, index) => Number(buckets.get(first + index) ?? 0)),
      columns,
    );
  }
  if (type.kind !== "tseries") return sparkline(row.series, columns);
  const values = [...expectKind(row.value, "tseries").values].sort(([a], [b]) => (a < b ? -1 : 1));
  return sparkline(
    values.map(([, value]) => Number(value)),
    columns,
  );
}

/** How a table is shown. */
export interface TableOptions {
  /** What stands before the map's name. */
  readonly number: string;
  readonly columns: number;
  /** Lines at most, the headings' among them. */
  readonly room: number;
  readonly order: LiveOrder;
  readonly resolver: Resolver;
  readonly paint: Paint;
}

const GAP = "  ";
const KEY_COLUMNS_MIN = 4;
const KEY_SHARE = 0.45;
const PICTURE_COLUMNS_MIN = 16;
const PICTURE_COLUMNS = 40;

/**
 * A map as a table: key, value, rate, a bar of its size beside the others', and its last numbers. Pictures are left out
 * where they do not fit.
 */
export function tableLines(history: MapHistory, options: TableOptions): string[] {
  const { number, room, order, resolver, paint } = options;
  const { layout } = history;
  const ordered = orderedRows(history, order);
  const shown = ordered.slice(0, Math.max(room - 1, 1));
  const { headings, cells } = tableCells(history, shown, resolver);
  const keys = shown.map(({ key }) =>
    layout.key === undefined ? "" : oneLine(decodeUtf8(keyText(layout.key, key, resolver))),
  );
  const name = `${number}${layout.name}[]`;
  const title = shown.length < ordered.length ? `${name} ${shown.length} of ${ordered.length}` : name;
  const numbers = headings.map((heading, at) => Math.max(heading.length, ...cells.map((row) => columnsOf(row[at]))));
  const widths = tableColumns([title, ...keys], numbers, options.columns);
  const numbersOf = (texts: readonly string[]) =>
    texts.map((text, at) => GAP + fit(text, numbers[at], "right")).join("");
  const largest = Math.max(...ordered.map(({ size }) => size), 0);
  const lines = shown.map((row, at) => {
    const start = `${fit(keys[at], widths.key)}${numbersOf(cells[at])}`;
    if (widths.bar === 0) return cutTo(start, options.columns);
    const bar = fit(barOf(largest > 0 ? row.size / largest : 0, widths.bar), widths.bar);
    const spark = fit(rowSparkline(layout.value, row, widths.spark), widths.spark, "right");
    return `${start}${GAP}${paint("bar", bar)}${GAP}${paint("spark", spark)}`;
  });
  return [
    paint("name", fit(title, widths.key)) + paint("dim", cutTo(numbersOf(headings), options.columns - widths.key)),
    ...lines,
  ];
}

function tableCells({ layout, rows }: MapHistory, shown: readonly LiveRow[], resolver: Resolver) {
  const rated = rows.some(({ perSecond }) => perSecond !== undefined);
  const rate = ({ perSecond }: LiveRow) => (perSecond === undefined ? "" : shortNumber(perSecond));
  const cells = shown.map((row) => [...valueTexts(layout.value, row, resolver), ...(rated ? [rate(row)] : [])]);
  return { headings: [...valueHeadings(layout.value), ...(rated ? ["per s"] : [])], cells };
}

/** Keys get what they need as far as numbers and pictures leave it, and their share of the screen in any case. */
function tableColumns(keys: readonly string[], numbers: readonly number[], columns: number) {
  const forNumbers = numbers.reduce((sum, width) => sum + GAP.length + width, 0);
  const forKeys = Math.max(Math.floor(columns * KEY_SHARE), columns - forNumbers - PICTURE_COLUMNS);
  const least = Math.min(KEY_COLUMNS_MIN, columns);
  const key = Math.max(least, Math.min(Math.max(...keys.map(columnsOf)), forKeys, columns - forNumbers));
  const pictures = columns - key - forNumbers - 2 * GAP.length;
  const spark = pictures < PICTURE_COLUMNS_MIN ? 0 : Math.min(SERIES_LENGTH, pictures >> 1);
  return { key, spark, bar: spark === 0 ? 0 : pictures - spark };
}
