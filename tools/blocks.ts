/** What a screen is made of: tables, histograms, lines. Each has its form as text, as rows and as JSON. */
import type { JsonBucket } from "@beetrace/output";
import { type Column, headerLine, type Row, rowLine } from "./columns.ts";

/** A part of a screen. */
export type Block =
  | Table
  | {
      readonly kind: "histogram";
      /** `disk = sda`; absent where there is only one. */
      readonly section?: string;
      /** What it is of, for rows, where text says that by other blocks. */
      readonly of?: Row;
      /** `usecs` */
      readonly unit: string;
      readonly buckets: readonly JsonBucket[];
    }
  | {
      readonly kind: "linear";
      readonly section?: string;
      readonly unit: string;
      /** Of the values from 0, `step` of them each. */
      readonly counts: readonly number[];
      /** Default 1. */
      readonly step?: number;
      /** Without the lowest values, where nothing was counted. */
      readonly trimmed?: boolean;
    }
  /** Text as it is, and the same as rows. */
  | { readonly kind: "lines"; readonly text: string; readonly rows?: readonly Row[] }
  /** For standard error, whatever the form of the output. */
  | { readonly kind: "notice"; readonly text: string }
  /** Goes to a file of its own; `-` is the output. Text is Unicode. */
  | { readonly kind: "file"; readonly path: string; readonly content: string | Uint8Array }
  /** Rows under the plan's own columns, whose titles are printed once. */
  | { readonly kind: "rows"; readonly rows: readonly Row[] };

/** Rows under titles. */
export interface Table {
  readonly kind: "table";
  readonly columns: readonly Column[];
  /** The most important first. */
  readonly rows: readonly Row[];
  /** So many of them are shown at most. */
  readonly most?: number | undefined;
  /** So many where there is no screen to fill, unless `most` says otherwise. */
  readonly usual?: number;
}

const STARS = 40;

/** A block as BCC's tools print it. Rows need their columns: they are printed as records are. */
export function blockText(block: Exclude<Block, { kind: "rows" }>): string {
  switch (block.kind) {
    case "table":
      return (
        headerLine(block.columns) +
        shownRows(block)
          .map((row) => rowLine(block.columns, row))
          .join("")
      );
    case "histogram":
      return `${block.section === undefined ? "" : `\n${block.section}\n`}${log2Text(block.unit, log2Counts(block.buckets))}`;
    case "linear":
      return `${block.section === undefined ? "" : `\n${block.section}\n`}${linearText(block)}`;
    case "lines":
      return block.text;
    case "notice":
    case "file":
      return "";
  }
}

/** A block as rows, one for each line of data. */
export function blockRows(block: Block): readonly Row[] {
  switch (block.kind) {
    case "table":
      return shownRows(block);
    case "rows":
      return block.rows;
    case "histogram": {
      const section: Row = {
        ...(block.section === undefined ? {} : { section: block.section.trimEnd() }),
        ...block.of,
      };
      return block.buckets.map(
        ({ min, max, count }): Row => ({ ...section, unit: block.unit, min: min ?? null, max: max ?? null, count }),
      );
    }
    case "linear": {
      const section: Row = block.section === undefined ? {} : { section: block.section.trimEnd() };
      const { unit, counts, step = 1, trimmed = false } = block;
      return counts
        .map((count, index): Row => ({ ...section, unit, value: index * step, count }))
        .slice(trimmed ? firstUsed(counts) : 0);
    }
    case "lines":
      return block.rows ?? [];
    case "notice":
    case "file":
      return [];
  }
}

function shownRows({ rows, most, usual = rows.length }: Table): readonly Row[] {
  return rows.slice(0, most ?? usual);
}

/**
 * Counts by power of two, as print_log2_hist of BCC has them: index 1 is 0 to 1, index i from 2^(i-1) to 2^i - 1.
 * hist() has a bucket of its own for 0.
 */
export function log2Counts(buckets: readonly JsonBucket[]): number[] {
  const counts: number[] = [];
  for (const { min, count } of buckets) {
    const from = Number(min ?? 0);
    const index = from <= 1 ? 1 : Math.floor(Math.log2(from)) + 1;
    counts[index] = (counts[index] ?? 0) + Number(count);
  }
  return Array.from(counts, (count) => count ?? 0);
}

function log2Text(unit: string, counts: readonly number[]): string {
  const last = counts.findLastIndex((count) => count > 0);
  if (last < 1) return "";
  const wide = last > 32;
  const digits = wide ? 20 : 10;
  const stars = wide ? STARS / 2 : STARS;
  const most = Math.max(...counts);
  let text = `     ${unit.padEnd(wide ? 39 : 19)} : count     distribution\n`;
  for (let index = 1; index <= last; index++) {
    const low = index === 1 ? 0 : 2 ** (index - 1);
    const range = `${String(low).padStart(digits)} -> ${String(2 ** index - 1).padEnd(digits)}`;
    text += `${range} : ${String(counts[index]).padEnd(8)} |${bar(counts[index], most, stars)}|\n`;
  }
  return text;
}

function linearText({ unit, counts, step = 1, trimmed = false }: Extract<Block, { kind: "linear" }>): string {
  const last = counts.findLastIndex((count) => count > 0);
  const most = Math.max(...counts, 0);
  let text = `     ${unit.padEnd(13)} : count     distribution\n`;
  for (let index = trimmed ? firstUsed(counts) : 0; index <= last; index++) {
    const count = counts[index] ?? 0;
    text += `        ${String(index * step).padEnd(10)} : ${String(count).padEnd(8)} |${bar(count, most, STARS)}|\n`;
  }
  return text;
}

function firstUsed(counts: readonly number[]): number {
  return Math.max(
    0,
    counts.findIndex((count) => count > 0),
  );
}

function bar(count: number, most: number, width: number): string {
  const length = most === 0 ? 0 : Math.floor((count * width) / most);
  return "*".repeat(Math.min(length, width)).padEnd(width);
}
