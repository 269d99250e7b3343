import { type Int, narrowInt } from "@beetrace/std";
import { compareInts } from "./arithmetic.ts";
import type { Resolver } from "./resolver.ts";
import { strftime } from "./strftime.ts";
import type { ValueType } from "./type.ts";
import type { TimeSeriesValue } from "./value.ts";

/** The layout of a map's `tseries()`, with the length and number of its intervals. */
export type TimeSeriesType = Extract<ValueType, { kind: "tseries" }>;

/** The epochs a map's series are shown for, both ends included. */
export interface EpochWindow {
  readonly first: bigint;
  readonly last: bigint;
}

/** An interval: its number, and its value if it has one. */
export interface Interval {
  readonly epoch: bigint;
  readonly value?: Int;
}

/** All keys of a map share the window that ends at the newest epoch of any of them; undefined without data. */
export function epochWindow(type: TimeSeriesType, series: Iterable<TimeSeriesValue>): EpochWindow | undefined {
  let last: bigint | undefined;
  for (const { values } of series) {
    for (const epoch of values.keys()) if (last === undefined || epoch > last) last = epoch;
  }
  return last === undefined || last === 0n ? undefined : { first: last - BigInt(type.count) + 1n, last };
}

/** The intervals of a window from the first one with data on. */
export function intervalsIn(window: EpochWindow | undefined, series: TimeSeriesValue): Interval[] {
  if (window === undefined) return [];
  const known = [...series.values.keys()].filter((epoch) => epoch >= window.first).sort(compareInts);
  if (known.length === 0) return [];
  const intervals: Interval[] = [];
  for (let epoch = known[0]; epoch <= window.last; epoch++) intervals.push({ epoch, value: series.values.get(epoch) });
  return intervals;
}

/** When an interval began, in nanoseconds since the Unix epoch. */
export function intervalStart(type: TimeSeriesType, epoch: bigint, resolver: Resolver): bigint {
  const ns = epoch * BigInt(type.intervalNs);
  return resolver.unixNs("sw_tai", narrowInt(ns)) ?? ns;
}

const COLUMNS = 53;
const LABEL_COLUMNS = 21;

interface Scale {
  readonly low: bigint;
  readonly high: bigint;
}

/** Units of the fraction of a second that a row's time shows; the name is byte text (UTF-8). */
interface Precision {
  readonly suffix: string;
  readonly digits: number;
}

/** A graph of the intervals, or `<no data>` (without a line end). Every other line ends with a newline. */
export function tseriesText(type: TimeSeriesType, intervals: readonly Interval[], resolver: Resolver): string {
  if (intervals.length === 0) return "<no data>";
  const scale = scaleOf(type, intervals);
  const precision = precisionOf(type.intervalNs);
  const timeColumns = 8 + (precision.digits > 0 ? 1 + precision.digits : 0);
  const margin = " ".repeat(timeColumns + 1);
  const bounds = `${margin}${String(scale.low).padEnd(LABEL_COLUMNS)}${String(scale.high).padStart(COLUMNS - LABEL_COLUMNS)}\n`;
  const line = "_".repeat(COLUMNS - 2);
  const rows = intervals.map((interval) => {
    const time = timeText(intervalStart(type, interval.epoch, resolver), precision, resolver);
    return `${time} ${plotLine(scale, interval.value)} ${interval.value ?? "-"}\n`;
  });
  const header = `${`hh:mm:ss${precision.suffix}`.padEnd(timeColumns + 1)}|${line}|\n`;
  return `${bounds}${header}${rows.join("")}${margin}v${line}v\n${bounds}`;
}

/** A single value gets room on both sides, but none beyond what its type can hold. */
function scaleOf(type: TimeSeriesType, intervals: readonly Interval[]): Scale {
  const values = intervals.flatMap(({ value }) => (value === undefined ? [] : [BigInt(value)])).sort(compareInts);
  const low = values[0];
  const high = values[values.length - 1];
  if (low !== high) return { low, high };
  const least = type.signed ? -(1n << 63n) : 0n;
  const most = type.signed ? (1n << 63n) - 1n : (1n << 64n) - 1n;
  return { low: low > least ? low - 1n : low, high: high < most ? high + 1n : high };
}

function precisionOf(intervalNs: number): Precision {
  if (intervalNs >= 1e9) return { suffix: "", digits: 0 };
  if (intervalNs >= 1e6) return { suffix: ".ms", digits: 3 };
  return intervalNs >= 1e3 ? { suffix: ".\xce\xbcs", digits: 6 } : { suffix: ".ns", digits: 9 };
}

function timeText(unixNs: bigint, { digits }: Precision, resolver: Resolver): string {
  const seconds = strftime("%H:%M:%S", { unixNs, ...resolver.zoneAt(unixNs) });
  return digits === 0 ? seconds : `${seconds}.${strftime("%k", { unixNs, ...UTC }).slice(0, digits)}`;
}

const UTC = { utcOffsetSeconds: 0, zoneName: "UTC" };

/** The border, `.` where zero is, `*` where the value is; in single precision, as bpftrace computes it. */
function plotLine({ low, high }: Scale, value: Int | undefined): string {
  const cells = new Array<string>(COLUMNS).fill(" ");
  cells[0] = "|";
  cells[COLUMNS - 1] = "|";
  if (low < 0n && high > 0n) {
    const zero = positionIn({ low, high }, 0n, COLUMNS);
    if (zero > 0) cells[zero] = ".";
  }
  if (value !== undefined) cells[Math.min(positionIn({ low, high }, BigInt(value), COLUMNS - 1), COLUMNS - 1)] = "*";
  return cells.join("");
}

function positionIn({ low, high }: Scale, value: bigint, columns: number): number {
  const product = Math.fround(columns * Math.fround(Number(value - low)));
  return Math.trunc(Math.fround(product / Math.fround(Number(high - low))));
}

/** An interval's start in UTC for JSON: `YYYY-MM-DD HH:MM:SS.nnnnnnnnn`. */
export function utcText(unixNs: bigint): string {
  return strftime("%F %T.%k", { unixNs, ...UTC });
}
