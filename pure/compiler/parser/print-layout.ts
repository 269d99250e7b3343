import type { Block, Comment, If, Span } from "../ast.ts";
import { type CommentShelf, takeComments, takeOnLine } from "./print-comments.ts";

/** Lines are broken, where that is possible, so as not to be longer. */
export const LINE_WIDTH = 100;

/** What all printing functions share. */
export interface Layout {
  readonly source: string;
  readonly comments: CommentShelf;
  /** Statements, which an expression may hold. Text is without an indent on its first line. */
  readonly block: (layout: Layout, block: Block, indent: string) => string;
  readonly if: (layout: Layout, statement: If, indent: string) => string;
}

/** A node that stands on lines of its own. */
export interface Line {
  readonly span: Span;
  readonly print: () => string;
}

/** Where a sequence stands. */
export interface Place<T> {
  readonly span: Span;
  readonly indent: string;
  /** Whether a blank line must stand between two. */
  readonly apart?: (before: T, after: T) => boolean;
}

interface Entry {
  readonly text: string;
  readonly blankBefore: boolean;
}

/**
 * Prints nodes one below the other with the comments around them, blank lines of the source kept as one each.
 * A comment inside a node that the node itself did not print goes before it.
 */
export function printSequence<T extends Line>(layout: Layout, nodes: readonly T[], place: Place<T>): string[] {
  const { source, comments } = layout;
  const entries: Entry[] = [];
  let at = place.span.start;
  const add = (text: string, span: Span, apart: boolean) => {
    entries.push({ text, blankBefore: entries.length > 0 && (apart || hasBlankLine(source, at, span.start)) });
    at = span.end;
  };
  nodes.forEach((node, index) => {
    let apart = index > 0 && (place.apart?.(nodes[index - 1], node) ?? false);
    for (const { text, span } of takeComments(comments, at, node.span.start)) {
      add(text, span, apart);
      apart = false;
    }
    const text = node.print();
    const inside = takeComments(comments, node.span.start, node.span.end);
    const end = nodes[index + 1]?.span.start ?? place.span.end;
    const beside = takeOnLine(comments, source, node.span.end, end);
    const whole = [text, ...beside.map((comment) => comment.text)].join(" ");
    const texts = [...inside.map((comment) => comment.text), whole];
    const last = beside.at(-1)?.span ?? node.span;
    add(texts.join(`\n${place.indent}`), { start: node.span.start, end: last.end }, apart);
  });
  for (const { text, span } of takeComments(comments, at, place.span.end)) add(text, span, false);
  return entries.map(({ text, blankBefore }) => `${blankBefore ? "\n" : ""}${place.indent}${text}`);
}

/** Whether an empty line stands between two offsets, comments that moved away left out. */
function hasBlankLine(source: string, from: number, to: number): boolean {
  return /\n[ \t\r]*\n/.test(source.slice(from, to));
}

/** Comments that stand behind an opening brace, on its line. */
export function besideBrace(comments: readonly Comment[]): string {
  return comments.map((comment) => ` ${comment.text}`).join("");
}
