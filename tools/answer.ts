/** What tools say that look at the machine and run nothing. */
import { csvHeader, csvRow, type Row } from "./columns.ts";
import type { Answer, Given } from "./tool.ts";

/** Rows in the form that is asked for: JSON, CSV, or this text. */
export function answer(given: Given, rows: readonly Row[], text: () => string): Answer {
  if (given.has("json")) return { answer: rows.map((row) => `${JSON.stringify(row)}\n`).join("") };
  if (given.has("csv"))
    return { answer: rows.map((row, index) => (index === 0 ? csvHeader(row) : "") + csvRow(row)).join("") };
  return { answer: text() };
}
