/**
 * Histograms over time as a picture of characters: a column for each interval, a row for each bucket, the darker or
 * brighter the more was counted there (latency heat maps: Brendan Gregg, ACM Queue 8(5), 2010).
 */
import { cutTo, fit, groupedNumber } from "@beetrace/output";
import { type Block, log2Counts } from "./blocks.ts";
import { type Palette, SHADES_OF_COUNTS, shade, shadeOfCount } from "./heat-colors.ts";

/** Where a picture is to fit. */
export interface HeatView {
  readonly columns: number;
  readonly rows: number;
  readonly palette: Palette;
  /** Above the picture. */
  readonly title: string;
}

/** An interval of a histogram: counts by bucket. */
type Column = readonly number[];

/** One histogram as it went on. */
interface History {
  readonly name: string;
  readonly unit: string;
  /** The lowest value of a bucket. */
  readonly low: (bucket: number) => number;
  /** Undefined where there was none in an interval. */
  readonly columns: (Column | undefined)[];
}

/** Intervals that are remembered: more than a terminal has columns. */
const COLUMNS_MAX = 1000;
/** Buckets up to 2^36: a minute in nanoseconds. */
const LINE_BUCKETS = 36;
const LABEL = 6;
const TIME_EVERY = 10;
const MIN_ROWS = 3;

/** What has been counted so far, by interval. */
export class HeatMap {
  readonly #histories = new Map<string, History>();
  readonly #times: string[] = [];
  #hasScale = false;

  /** Takes the histograms of an interval. */
  add(time: string, blocks: readonly Block[]): void {
    this.#times.push(time);
    for (const { columns } of this.#histories.values()) columns.push(undefined);
    for (const block of blocks) this.#addBlock(block);
    if (this.#times.length > COLUMNS_MAX) this.#forget();
  }

  #forget(): void {
    this.#times.shift();
    for (const [name, { columns }] of this.#histories) {
      columns.shift();
      if (columns.every((column) => column === undefined)) this.#histories.delete(name);
    }
  }

  #addBlock(block: Block): void {
    if (block.kind !== "histogram" && block.kind !== "linear") return;
    const name = nameOf(block);
    const counts = block.kind === "histogram" ? log2Counts(block.buckets) : block.counts;
    let history = this.#histories.get(name);
    if (history === undefined) {
      const low = block.kind === "histogram" ? log2Low : (value: number) => value;
      history = { name, unit: block.unit, low, columns: this.#times.map(() => undefined) };
      this.#histories.set(name, history);
    }
    history.columns[history.columns.length - 1] = counts;
  }

  /** A screen: the picture of each histogram, as many as fit, those that counted most. */
  picture(view: HeatView): readonly string[] {
    const width = Math.max(1, view.columns - LABEL - 2);
    const first = Math.max(0, this.#times.length - width);
    const shown = [...this.#histories.values()]
      .map((history) => windowOf(history, first))
      .filter(({ total }) => total > 0)
      .sort((a, b) => b.total - a.total);
    const room = view.rows - 1;
    const lines: string[] = [];
    for (const window of shown) {
      const left = room - lines.length;
      const rows = bucketsOf(window, left - 3);
      if (lines.length > 0 && left < rows.length + 3) break;
      lines.push(...pictureOf(window, rows, view), timeAxis(this.#times.slice(first), view.columns));
    }
    return [cutTo(view.title, view.columns), ...lines.slice(0, room)];
  }

  /** The newest interval as lines of text, where there is no terminal: a line for each histogram, time going down. */
  lines(): string {
    const time = this.#times.at(-1) ?? "";
    let text = "";
    for (const { name, unit, low, columns } of this.#histories.values()) {
      const counts = columns.at(-1);
      if (counts === undefined) continue;
      if (!this.#hasScale) text += scaleLine(unit, low);
      this.#hasScale = true;
      const cells = Array.from({ length: LINE_BUCKETS }, (_, index) => shadeOfCount(counts[index + firstOf(low)] ?? 0));
      const total = counts.reduce((sum, count) => sum + count, 0);
      text += `${`${time} |${cells.join("")}| ${groupedNumber(total)} ${name}`.trimEnd()}\n`;
    }
    return text;
  }
}

function nameOf(block: Extract<Block, { kind: "histogram" | "linear" }>): string {
  if (block.section !== undefined) return block.section.trim();
  const of = block.kind === "histogram" ? block.of : undefined;
  return Object.values(of ?? {})
    .filter((value) => typeof value !== "object")
    .join(" ");
}

/** As {@link log2Counts} numbers them: 1 is 0 and 1. */
function log2Low(bucket: number): number {
  return bucket <= 1 ? 0 : 2 ** (bucket - 1);
}

/** Buckets of powers of two begin at 1. */
function firstOf(low: (bucket: number) => number): number {
  return low === log2Low ? 1 : 0;
}

const UNITS = ["", "K", "M", "G", "T"];

/** `0`, `512`, `64K`: in units of 1024, as buckets of powers of two are. */
function lowText(value: number): string {
  let unit = 0;
  let left = value;
  for (; left >= 1024 && left % 1024 === 0 && unit < UNITS.length - 1; unit++) left /= 1024;
  return `${left}${UNITS[unit]}`;
}

/** The part of a history that is shown. */
interface Window extends History {
  readonly total: number;
  readonly most: number;
}

function windowOf(history: History, first: number): Window {
  const columns = history.columns.slice(first);
  let total = 0;
  let most = 0;
  for (const column of columns) {
    for (const count of column ?? []) {
      total += count;
      most = Math.max(most, count);
    }
  }
  return { ...history, columns, total, most };
}

/** The buckets from the highest that is filled to the lowest; where there is no room for all, the highest. */
function bucketsOf({ columns }: Window, room: number): readonly number[] {
  let [low, high] = [Number.POSITIVE_INFINITY, 0];
  for (const column of columns) {
    for (const [bucket, count] of (column ?? []).entries()) {
      if (count === 0) continue;
      low = Math.min(low, bucket);
      high = Math.max(high, bucket);
    }
  }
  const rows = Math.min(high - low + 1, Math.max(room, MIN_ROWS));
  return Array.from({ length: rows }, (_, index) => high - index);
}

function pictureOf(window: Window, buckets: readonly number[], { columns, palette }: HeatView): readonly string[] {
  const { name, unit, low, most, total } = window;
  const sides = `${name === "" ? "" : `${name}  `}${unit}`;
  const legend = shade([1, most ** 0.25, most ** 0.5, most ** 0.75, most], most, palette);
  const heading = `${groupedNumber(total)} in all  1 `;
  const rest = ` ${groupedNumber(most)}`;
  const room = Math.max(0, columns - heading.length - rest.length - 5);
  return [
    `${fit(sides, room)}${heading}${legend}${rest}`,
    ...buckets.map(
      (bucket) =>
        `${lowText(low(bucket)).padStart(LABEL)} │${shade(
          window.columns.map((column) => column?.[bucket] ?? 0),
          most,
          palette,
        )}`,
    ),
  ];
}

/** The time below each tenth column. */
function timeAxis(times: readonly string[], columns: number): string {
  let line = " ".repeat(LABEL + 2);
  for (let at = 0; at < times.length; at += TIME_EVERY) line += times[at].padEnd(TIME_EVERY);
  return line.slice(0, columns).trimEnd();
}

/** What the places in lines mean: the low end of each fourth bucket. */
function scaleLine(unit: string, low: (bucket: number) => number): string {
  let line = "";
  for (let bucket = firstOf(low); bucket < LINE_BUCKETS; bucket += 4) line += lowText(low(bucket)).padEnd(4);
  return `${unit.padEnd(9)} ${line}  ${SHADES_OF_COUNTS}\n`;
}
