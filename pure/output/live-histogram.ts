import { decodeUtf8 } from "./byte-text.ts";
import { type HistogramRow, type HistogramType, histogramRows } from "./histogram.ts";
import type { LiveRow, MapHistory } from "./live-history.ts";
import type { Paint } from "./live-style.ts";
import { keyText } from "./map-text.ts";
import type { Resolver } from "./resolver.ts";
import { barOf, columnsOf, cutTo, fit, groupedNumber, oneLine, shortNumber } from "./terminal-text.ts";
import { expectKind } from "./value.ts";

/** The buckets of a row of a map of histograms. */
export function histogramOf({ layout }: MapHistory, { value }: LiveRow): HistogramRow[] {
  return histogramRows(layout.value as HistogramType, expectKind(value, "histogram"));
}

const LABEL_COLUMNS = 16;

/** Where and how a histogram is shown. */
interface HistogramPlace {
  /** What stands before the map's name. */
  readonly number: string;
  readonly columns: number;
  readonly resolver: Resolver;
  readonly paint: Paint;
}

/** A histogram with its name above: where there is no room for all buckets, those in a row that hold most. */
export function histogramLines(
  map: MapHistory,
  row: LiveRow,
  room: number,
  { number, columns, resolver, paint }: HistogramPlace,
): string[] {
  const { layout } = map;
  const key = layout.key === undefined ? "" : `[${oneLine(decodeUtf8(keyText(layout.key, row.key, resolver)))}]`;
  const total = `${groupedNumber(row.size)} in all  ${shortNumber(row.perSecond ?? 0)}/s`;
  const name = fit(`${number}${layout.name}${key}`, Math.max(LABEL_COLUMNS, columns - columnsOf(total) - 2)).trimEnd();
  const heading = columnsOf(name) < LABEL_COLUMNS ? fit(name, LABEL_COLUMNS) : name;
  const buckets = mostFilled(histogramOf(map, row), Math.max(room - 1, 1));
  const largest = buckets.reduce((most, { count }) => Math.max(most, Number(count)), 0);
  const counts = buckets.map(({ count }) => groupedNumber(count));
  const countColumns = Math.max(8, ...counts.map((text) => text.length));
  const barColumns = Math.max(columns - LABEL_COLUMNS - countColumns - 2, 0);
  const lines = buckets.map(({ label, count }, at) => {
    const start = `${fit(label, LABEL_COLUMNS)}${counts[at].padStart(countColumns)}`;
    if (barColumns === 0) return cutTo(start, columns);
    return `${start}  ${paint("bar", barOf(largest === 0 ? 0 : Number(count) / largest, barColumns))}`;
  });
  const rest = cutTo(`  ${total}`, columns - columnsOf(heading));
  return [paint("name", cutTo(heading, columns)) + paint("dim", rest), ...lines];
}

function mostFilled(rows: readonly HistogramRow[], most: number): readonly HistogramRow[] {
  if (rows.length <= most) return rows;
  let best = 0;
  let bestSum = -1;
  for (let first = 0; first + most <= rows.length; first++) {
    const sum = rows.slice(first, first + most).reduce((total, { count }) => total + Number(count), 0);
    if (sum > bestSum) [best, bestSum] = [first, sum];
  }
  return rows.slice(best, best + most);
}
