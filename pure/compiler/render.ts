import type { Span } from "./ast.ts";
import type { Diagnostic } from "./diagnostic.ts";

/** The text that a diagnostic is about. `name` is what stands before the line: a file, or `stdin`. */
export interface SourceText {
  readonly name: string;
  readonly text: string;
}

/** How to render. */
export interface RenderOptions {
  /** Use ANSI colour. */
  readonly color: boolean;
}

const MOST_COLUMNS = 200;

const RED = "\x1b[31m";
const YELLOW = "\x1b[33m";
const RESET = "\x1b[0m";

/**
 * A diagnostic as bpftrace shows it, each line with its line end: `name:line:from-to: ERROR: message` with columns from 1
 * and `to` exclusive, the source line, `~~~` under the span, then the hints. A span over several lines shows
 * `name:first-last:` and no source.
 */
export function renderDiagnostic(diagnostic: Diagnostic, source: SourceText, options: RenderOptions): string {
  return render(diagnostic, source, lineStarts(source.text), options);
}

/** Where a span is: `name:line:from-to`, or `name:first-last` where it is of several lines. */
export function renderLocation(span: Span, source: SourceText): string {
  return located(source, lineStarts(source.text), span).location;
}

/** All diagnostics, one after the other. */
export function renderDiagnostics(list: Iterable<Diagnostic>, source: SourceText, options: RenderOptions): string {
  const starts = lineStarts(source.text);
  let text = "";
  for (const diagnostic of list) text += render(diagnostic, source, starts, options);
  return text;
}

/** A place in a text: line and column, both from 1. */
interface Position {
  readonly line: number;
  readonly column: number;
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function positionOf(starts: readonly number[], offset: number): Position {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= offset) low = middle;
    else high = middle;
  }
  return { line: low + 1, column: offset - starts[low] + 1 };
}

function render(diagnostic: Diagnostic, source: SourceText, starts: readonly number[], options: RenderOptions): string {
  const { severity, message, span, hints } = diagnostic;
  const label = severity === "error" ? "ERROR" : "WARNING";
  const color = severity === "error" ? RED : YELLOW;
  const said = options.color ? `${color}${label}: ${message}${RESET}` : `${label}: ${message}`;
  const lines = span === undefined ? [said] : placed(said, source, starts, span);
  return [...lines, ...hints.map((hint) => `HINT: ${hint}`)].map((line) => `${line}\n`).join("");
}

function placed(said: string, source: SourceText, starts: readonly number[], span: Span): string[] {
  const { location, from, to } = located(source, starts, span);
  if (to === undefined) return [`${location}: ${said}`];
  const start = starts[from.line - 1];
  const end = (starts[from.line] ?? source.text.length + 1) - 1;
  const line = source.text.slice(start, end).replace(/\r$/, "");
  return [`${location}: ${said}`, ...underlined(line, from.column - 1, to - 1)];
}

/** `to` is the column behind the span, where that is on one line. */
function located({ name }: SourceText, starts: readonly number[], span: Span) {
  const from = positionOf(starts, span.start);
  // The last character decides on the line: a span that ends with a line end does not reach the next line.
  const last = positionOf(starts, Math.max(span.start, span.end - 1));
  if (last.line > from.line) return { location: `${name}:${from.line}-${last.line}`, from };
  const to = from.column + Math.max(0, span.end - span.start);
  return { location: `${name}:${from.line}:${from.column}-${to}`, from, to };
}

/** The line and its underline; of a long line, the part around the span. */
function underlined(line: string, from: number, to: number): string[] {
  if (line.length <= MOST_COLUMNS) return [line, underline(line, from, to)];
  const room = Math.max(0, MOST_COLUMNS - Math.min(to - from, MOST_COLUMNS));
  const left = Math.max(0, Math.min(from - (room >> 1), line.length - MOST_COLUMNS));
  const part = line.slice(left, left + MOST_COLUMNS);
  const shown = `${left > 0 ? "..." : ""}${part}${left + MOST_COLUMNS < line.length ? "..." : ""}`;
  const shift = left > 0 ? 3 - left : 0;
  return [shown, underline(shown, from + shift, Math.min(to + shift, MOST_COLUMNS + 3))];
}

/** Tabs are repeated, so that the underline stands below the span however wide they are shown. */
function underline(line: string, from: number, to: number): string {
  return line.slice(0, from).replace(/[^\t]/g, " ").padEnd(from) + "~".repeat(Math.max(1, to - from));
}
