/** The texts that a compilation reads: the script, what it imports, the standard library. */
import { invariant } from "@beetrace/std";
import type { Span } from "./ast.ts";

/** One text. Offsets of spans count on from one file to the next, so that a span alone says which file it is in. */
export interface SourceFile {
  /** What stands before the line in messages: a path, or `stdin`. */
  readonly name: string;
  readonly text: string;
  /** The offset of its first character. */
  readonly base: number;
}

/** The files of one compilation in the order of their offsets; the first is the script. */
export type Sources = readonly SourceFile[];

/** A place in a file: line and column, both from 1. */
export interface Position {
  readonly file: SourceFile;
  readonly line: number;
  readonly column: number;
}

/** A script that imports nothing. */
export function singleSource(name: string, text: string): Sources {
  return [{ name, text, base: 0 }];
}

/** Where the next file begins: its first offset is not the end of the one before. */
export function nextBase(sources: Sources): number {
  const last = sources[sources.length - 1];
  return last === undefined ? 0 : last.base + last.text.length + 1;
}

/** The file that an offset is in. */
export function fileAt(sources: Sources, offset: number): SourceFile {
  const file = sources.findLast((each) => each.base <= offset);
  invariant(file, "an offset is in a file");
  return file;
}

/** Finds places in one file; making one reads the text once. */
export function locator(file: SourceFile): (offset: number) => Position {
  const starts = lineStarts(file.text);
  return (offset) => {
    const own = offset - file.base;
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle] <= own) low = middle;
      else high = middle;
    }
    return { file, line: low + 1, column: own - starts[low] + 1 };
  };
}

/** Where an offset is. To find many places in one file, use a {@link locator}. */
export function positionOf(sources: Sources, offset: number): Position {
  return locator(fileAt(sources, offset))(offset);
}

/** The line that an offset is on, without its end. */
export function lineAt({ text, base }: SourceFile, offset: number): string {
  const own = offset - base;
  const start = own === 0 ? 0 : text.lastIndexOf("\n", own - 1) + 1;
  const end = text.indexOf("\n", own);
  return text.slice(start, end < 0 ? text.length : end).replace(/\r$/, "");
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** The call in a probe that something inside a macro comes from; anything else is itself. */
export function outermost(span: Span): Span {
  let at = span;
  while (at.from !== undefined) at = at.from;
  return at;
}
