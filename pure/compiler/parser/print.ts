import type { AttachPoint, Item, Probe, Script, Span } from "../ast.ts";
import { type CommentShelf, shelve, takeComments } from "./print-comments.ts";
import { needsBlankAfterSlash, printExpression, printType } from "./print-expressions.ts";
import { type Layout, LINE_WIDTH, printSequence } from "./print-layout.ts";
import { printBlock, printIf, printImport } from "./print-statements.ts";

/**
 * Prints a script in its canonical form: two blanks a level, one statement a line, a blank line between items, only
 * the parentheses that the meaning or the reader needs. `#` lines and C definitions keep their text. Comments are kept:
 * one inside a statement moves to the line before it. The script must have been parsed without errors from `source`.
 * Printing what was printed changes nothing.
 */
export function printScript(script: Script, source: string): string {
  const layout: Layout = { source, comments: shelve(script.comments), block: printBlock, if: printIf };
  const lines = printSequence(layout, topLevel(script, layout), {
    span: { start: script.shebang?.length ?? 0, end: source.length },
    indent: "",
    apart: areApart,
  });
  const head = script.shebang === undefined ? [] : [script.shebang];
  return `${[...head, ...lines].join("\n")}\n`;
}

interface TopLevel {
  readonly kind: Item["kind"] | "preamble" | "config" | "import";
  readonly span: Span;
  readonly print: () => string;
}

function topLevel(script: Script, layout: Layout): TopLevel[] {
  const { source, comments } = layout;
  const { preamble, configSpan } = script;
  const nodes: TopLevel[] = [];
  if (preamble !== undefined) {
    nodes.push({ kind: "preamble", span: preamble, print: () => printPreamble(comments, source, preamble) });
  }
  if (configSpan !== undefined) {
    nodes.push({ kind: "config", span: configSpan, print: () => printConfig(script, layout, configSpan) });
  }
  for (const { kind, span } of script.imports) {
    nodes.push({ kind, span, print: () => `${printImport(source, span)};` });
  }
  for (const item of script.items) {
    nodes.push({ kind: item.kind, span: item.span, print: () => printItem(layout, item) });
  }
  return nodes.sort((a, b) => a.span.start - b.span.start);
}

/** A blank line stands between items, except between one-liners of a kind. */
function areApart(before: TopLevel, after: TopLevel): boolean {
  return before.kind !== after.kind || (before.kind !== "import" && before.kind !== "map-declaration");
}

function printPreamble(comments: CommentShelf, source: string, span: Span): string {
  takeComments(comments, span.start, span.end);
  return source.slice(span.start, span.end);
}

function printConfig(script: Script, layout: Layout, span: Span): string {
  const entries = script.config.map(({ key, valueSpan, span }) => ({
    span,
    print: () => `${key} = ${layout.source.slice(valueSpan.start, valueSpan.end)};`,
  }));
  const open = layout.source.indexOf("{", span.start);
  const lines = printSequence(layout, entries, { span: { start: open + 1, end: span.end - 1 }, indent: "  " });
  return lines.length === 0 ? "config = {\n}" : `config = {\n${lines.join("\n")}\n}`;
}

function printItem(layout: Layout, item: Item): string {
  switch (item.kind) {
    case "probe":
      return printProbe(layout, item);
    case "macro":
      return `macro ${item.name}(${item.params.map((param) => param.name).join(", ")}) ${printBlock(layout, item.body, "")}`;
    case "map-declaration": {
      const size = item.maxEntries === undefined ? "" : printExpression(layout, item.maxEntries, "");
      return `let ${item.name} = ${item.type}(${size});`;
    }
    case "function": {
      const params = item.params.map(({ name, type }) => `${name}: ${printType(layout, type, "")}`).join(", ");
      const result = printType(layout, item.result, "");
      return `fn ${item.name}(${params}): ${result} ${printBlock(layout, item.body, "")}`;
    }
  }
}

function printProbe(layout: Layout, probe: Probe): string {
  const points = probe.attachPoints.map(printAttachPoint);
  const predicate = probe.predicate === undefined ? undefined : printExpression(layout, probe.predicate, "");
  const guard = predicate === undefined ? [] : [`/${needsBlankAfterSlash(predicate) ? " " : ""}${predicate}/`];
  const head = [points.join(", "), ...guard].join(" ");
  const body = printBlock(layout, probe.body, "");
  if (head.length + 2 <= LINE_WIDTH && !head.includes("\n")) return `${head} ${body}`;
  return [points.join(",\n"), ...guard, body].join("\n");
}

function printAttachPoint({ name, text }: AttachPoint): string {
  return name === undefined ? text : `${name}=${text}`;
}
