import { type Int, invariant, narrowInt } from "@beetrace/std";
import { addInts, compareInts, divideInts } from "./arithmetic.ts";
import type { ValueType } from "./type.ts";
import type { HistogramValue } from "./value.ts";

/**
 * The bucket of `value` (a signed 64-bit integer) in a `hist()` with `bits` (0 to 5) sub-bits. The code generator
 * writes the same steps in BPF:
 *
 *     value < 0               index = 0
 *     value < 2^bits          index = value + 1
 *     otherwise               top   = position of the highest set bit (0 to 62)
 *                             power = top - bits
 *                             sub   = (value >> power) & (2^bits - 1)     the `bits` bits below the highest
 *                             index = ((power + 1) << bits) + sub + 1
 *
 * So every power of two is split into 2^bits buckets, and the first 2^(bits+1) values have one each.
 */
export function histBucketOf(value: Int, bits: number): number {
  const wide = BigInt.asIntN(64, BigInt(value));
  if (wide < 0n) return 0;
  if (wide < 1n << BigInt(bits)) return Number(wide) + 1;
  const power = wide.toString(2).length - 1 - bits;
  const sub = Number(wide >> BigInt(power)) & ((1 << bits) - 1);
  return ((power + 1) << bits) + sub + 1;
}

/** One more than the highest index {@link histBucketOf} gives. */
export function histBucketCount(bits: number): number {
  return histBucketOf(0x7fff_ffff_ffff_ffffn, bits) + 1;
}

/**
 * The bucket of `value` (a signed 64-bit integer) in an `lhist()`. The code generator writes the same steps in BPF:
 *
 *     value < min             index = 0
 *     value > max             index = 1 + (max - min) / step
 *     otherwise               index = 1 + (value - min) / step           divisions are unsigned and truncate
 */
export function lhistBucketOf(value: Int, min: Int, max: Int, step: Int): number {
  const wide = BigInt.asIntN(64, BigInt(value));
  const least = BigInt(min);
  if (wide < least) return 0;
  const within = wide > BigInt(max) ? BigInt(max) : wide;
  return 1 + Number((within - least) / BigInt(step));
}

/** One more than the highest index {@link lhistBucketOf} gives. */
export function lhistBucketCount(min: Int, max: Int, step: Int): number {
  return lhistBucketOf(max, min, max, step) + 1;
}

/** The values of a bucket: `from` ≤ value < `to`; without `from` no lower bound, without `to` no upper. */
export interface BucketRange {
  readonly from?: Int;
  readonly to?: Int;
}

/** What falls into bucket `index` of a `hist()`. */
export function histBucketRange(bits: number, index: number): BucketRange {
  if (index === 0) return { to: 0 };
  return { from: narrowInt(histBound(bits, index - 1)), to: narrowInt(histBound(bits, index)) };
}

/** The lower bound of bucket `position` + 1. */
function histBound(bits: number, position: number): bigint {
  if (position < 2 << bits) return BigInt(position);
  return BigInt((1 << bits) + (position & ((1 << bits) - 1))) << BigInt((position >> bits) - 1);
}

/** What falls into bucket `index` of an `lhist()`. */
export function lhistBucketRange(min: Int, max: Int, step: Int, index: number): BucketRange {
  const to = BigInt(min) + BigInt(index) * BigInt(step);
  if (index === 0) return { to: narrowInt(to) };
  const from = narrowInt(to - BigInt(step));
  return to <= BigInt(max) ? { from, to: narrowInt(to) } : { from };
}

/** A row of a histogram as it is shown. */
export interface HistogramRow extends BucketRange {
  readonly label: string;
  readonly count: Int;
}

/** The layout of a map's `hist()` or `lhist()`, with what its buckets depend on. */
export type HistogramType = Extract<ValueType, { kind: "hist" | "lhist" }>;

/**
 * The rows from the first bucket with a count to the last, the empty ones between them included; none when all are
 * empty. `div` divides the counts of a `hist()`; an `lhist()` is never divided.
 */
export function histogramRows(type: HistogramType, value: HistogramValue, div: Int = 1): HistogramRow[] {
  let first = Number.POSITIVE_INFINITY;
  let last = -1;
  for (const [index, count] of value.buckets) {
    if (count <= 0) continue;
    first = Math.min(first, index);
    last = Math.max(last, index);
  }
  const rows: HistogramRow[] = [];
  for (let index = first; index <= last; index++) {
    const range = rangeOf(type, index);
    const count = value.buckets.get(index) ?? 0;
    rows.push({
      ...range,
      label: rowLabel(type, index, range),
      count: type.kind === "hist" ? divideInts(count, div) : count,
    });
  }
  return rows;
}

function rangeOf(type: HistogramType, index: number): BucketRange {
  return type.kind === "hist"
    ? histBucketRange(type.bits, index)
    : lhistBucketRange(type.min, type.max, type.step, index);
}

function rowLabel(type: HistogramType, index: number, { from, to }: BucketRange): string {
  const name = (bound: Int, position: number) =>
    type.kind === "hist" ? histBoundLabel(type.bits, bound, position) : lhistBoundLabel(type.step, bound);
  if (from === undefined) {
    invariant(to !== undefined, "a bucket without bounds");
    return `(..., ${name(to, index)})`;
  }
  if (to === undefined) return `[${name(from, index - 1)}, ...)`;
  if (BigInt(to) - BigInt(from) === 1n) return `[${name(from, index - 1)}]`;
  return `[${name(from, index - 1)}, ${name(to, index)})`;
}

/** The unit follows the power of two that the bucket stands for, not the size of the number: 4K but 3584. */
function histBoundLabel(bits: number, bound: Int, position: number): string {
  if (position < 2 << bits) return String(bound);
  const decade = Math.floor(((position >> bits) - 1) / 10);
  return `${BigInt(bound) >> BigInt(10 * decade)}${"KMGTPE"[decade - 1] ?? ""}`;
}

function lhistBoundLabel(step: Int, bound: Int): string {
  const value = BigInt(bound);
  if (BigInt(step) % 1024n !== 0n || value === 0n) return String(bound);
  if (value % 1_048_576n === 0n) return `${value / 1_048_576n}M`;
  return value % 1024n === 0n ? `${value / 1024n}K` : String(bound);
}

const BAR_COLUMNS = 52;

/** One line a row: the label in 16 columns, the count in 8, and a bar of up to 52 `@`. */
export function histogramText(rows: readonly HistogramRow[]): string {
  let most: Int = 0;
  for (const { count } of rows) if (count > most) most = count;
  return rows
    .map(({ label, count }) => {
      const bar = "@".repeat(barLength(count, most)).padEnd(BAR_COLUMNS);
      return `${label.padEnd(16)}${String(count).padStart(8)} |${bar}|\n`;
    })
    .join("");
}

/** In single precision, as bpftrace computes it: the last column can depend on that. */
function barLength(count: Int, most: Int): number {
  if (most === 0) return 0;
  const ratio = Math.fround(Math.fround(Number(count)) / Math.fround(Number(most)));
  return Math.trunc(Math.fround(ratio * BAR_COLUMNS));
}

/** The sum of all buckets, by which keyed histograms are sorted. */
export function histogramTotal(value: HistogramValue): Int {
  let total: Int = 0;
  for (const count of value.buckets.values()) total = addInts(total, count, false);
  return total;
}

/** Negative when `a` has fewer counts than `b`. */
export function compareTotals(a: HistogramValue, b: HistogramValue): number {
  return compareInts(histogramTotal(a), histogramTotal(b));
}
