import type { Span } from "./ast.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { fileAt, lineAt, locator, type Position, positionOf, type Sources } from "./sources.ts";

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
 * and `to` exclusive, the source line, `~~~` under the span, the calls that it was expanded from, then the hints. A span
 * over several lines shows `name:first-last:` and no source.
 */
export function renderDiagnostic(diagnostic: Diagnostic, sources: Sources, options: RenderOptions): string {
  return renderDiagnostics([diagnostic], sources, options);
}

/** Where a span is: `name:line:from-to`, or `name:first-last` where it is of several lines. */
export function renderLocation(span: Span, sources: Sources): string {
  return located((offset) => positionOf(sources, offset), span).location;
}

/** The calls that a span was expanded from, the nearest first, each with its line. */
export function renderCalls(span: Span, sources: Sources, severity: Diagnostic["severity"]): string {
  const said = `${severity === "error" ? "ERROR" : "WARNING"}: expanded from`;
  const lines = calls(span).flatMap((call) => placed(said, (offset) => positionOf(sources, offset), call));
  return lines.map((line) => `${line}\n`).join("");
}

function calls(span: Span | undefined): Span[] {
  const found: Span[] = [];
  for (let call = span?.from; call !== undefined; call = call.from) found.push(call);
  return found;
}

/** All diagnostics, one after the other. */
export function renderDiagnostics(list: Iterable<Diagnostic>, sources: Sources, options: RenderOptions): string {
  const locators = new Map<object, (offset: number) => Position>();
  const locate: Locate = (offset) => {
    const file = fileAt(sources, offset);
    const find = locators.get(file) ?? locator(file);
    locators.set(file, find);
    return find(offset);
  };
  let text = "";
  for (const diagnostic of list) text += render(diagnostic, locate, options);
  return text;
}

type Locate = (offset: number) => Position;

function render(diagnostic: Diagnostic, locate: Locate, options: RenderOptions): string {
  const { severity, message, span, hints } = diagnostic;
  const label = severity === "error" ? "ERROR" : "WARNING";
  const color = severity === "error" ? RED : YELLOW;
  const colored = (said: string) => (options.color ? `${color}${label}: ${said}${RESET}` : `${label}: ${said}`);
  const lines = span === undefined ? [colored(message)] : placed(colored(message), locate, span);
  const from = calls(span).flatMap((call) => placed(colored("expanded from"), locate, call));
  return [...lines, ...from, ...hints.map((hint) => `HINT: ${hint}`)].map((line) => `${line}\n`).join("");
}

function placed(said: string, locate: Locate, span: Span): string[] {
  const { location, from, to } = located(locate, span);
  if (to === undefined) return [`${location}: ${said}`];
  return [`${location}: ${said}`, ...underlined(lineAt(from.file, span.start), from.column - 1, to - 1)];
}

/** `to` is the column behind the span, where that is on one line. */
function located(locate: Locate, span: Span) {
  const from = locate(span.start);
  const { name } = from.file;
  // The last character decides on the line: a span that ends with a line end does not reach the next line.
  const last = locate(Math.max(span.start, span.end - 1));
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
