/** Rows as aligned columns, as lines of CSV, as JSON. */
import type { JsonValue } from "@beetrace/output";

/** A record that a script printed, by field. */
export type Row = Readonly<Record<string, JsonValue>>;

/** A column of a table. */
export interface Column {
  readonly title: string;
  /** The field that it shows. */
  readonly field: string;
  /** In characters; negative is flush left, 0 is as wide as the text. */
  readonly width: number;
  /** The text of a value; default: as it is. */
  readonly text?: (value: JsonValue, row: Row) => string;
}

/** Seconds since the first that is shown, of a field in nanoseconds; `unitNs` for another unit. */
export function secondsColumn(title: string, field: string, width: number, digits: number, unitNs = 1e9): Column {
  let first: number | undefined;
  return {
    title,
    field,
    width,
    text: (ns) => {
      first ??= Number(ns);
      return ((Number(ns) - first) / unitNs).toFixed(digits);
    },
  };
}

/** Text that is cut where its column ends: `%-14.14s`. */
export function cut(width: number): (value: JsonValue) => string {
  return (value) => plainText(value).slice(0, width);
}

/** A number with so many digits behind its point: `%7.2f`. */
export function fixed(digits: number): (value: JsonValue) => string {
  return (value) => Number(value).toFixed(digits);
}

/** The titles; no line at all where no column has one. */
export function headerLine(columns: readonly Column[]): string {
  if (columns.every(({ title }) => title === "")) return "";
  return line(columns.map(({ title, width }) => aligned(title, width)));
}

/** The values of a row under their titles. */
export function rowLine(columns: readonly Column[], row: Row): string {
  return line(columns.map((column) => aligned(cellText(column, row), column.width)));
}

function cellText({ field, text }: Column, row: Row): string {
  const value = row[field] ?? null;
  return text ? text(value, row) : plainText(value);
}

/** A value as text: null is empty, texts in a list have `;` between them. */
export function plainText(value: JsonValue): string {
  if (value === null) return "";
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value.join(";");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function aligned(text: string, width: number): string {
  return width < 0 ? text.padEnd(-width) : text.padStart(width);
}

function line(cells: readonly string[]): string {
  return `${cells.join(" ").trimEnd()}\n`;
}

/** The names of the fields, for the first line of CSV. */
export function csvHeader(row: Row): string {
  return csvLine(Object.keys(row));
}

/** A row of CSV (RFC 4180). */
export function csvRow(row: Row): string {
  return csvLine(Object.values(row).map(plainText));
}

function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",")}\n`;
}
