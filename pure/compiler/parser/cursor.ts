import type { Block, Comment, Expression, IfExpression, Span } from "../ast.ts";
import type { Diagnostics } from "../diagnostic.ts";
import { scanToken, type Token } from "./lexer.ts";

/** The deepest nesting that is read: each level costs the parser a few stack frames. */
export const MAX_NESTING = 200;

const MAX_ERRORS = 20;

/** The rules that call each other around a circle (an expression has blocks, a block has expressions). */
export interface Grammar {
  readonly expression: (cursor: Cursor) => Expression;
  /** The rest of an expression whose first operand is read already. */
  readonly expressionFrom: (cursor: Cursor, first: Expression) => Expression;
  readonly block: (cursor: Cursor) => Block;
  readonly ifExpression: (cursor: Cursor) => IfExpression;
}

/** The place in the script that the parser has reached. Only the current token is scanned, never one beyond it. */
export interface Cursor {
  readonly source: string;
  readonly diagnostics: Diagnostics;
  readonly grammar: Grammar;
  readonly comments: Comment[];
  token: Token;
  /** Where the token before the current one ended. */
  previousEnd: number;
  /** How many expressions and blocks are open. */
  depth: number;
  /** In a predicate, outside all brackets: a `/` before `{` ends the expression. */
  slashEnds: boolean;
  /** While skipping to the next statement, bad tokens are not told. */
  skipping: boolean;
  lastErrorAt: number;
  errors: number;
}

/** Leaves the rules up to the nearest {@link recover}. The diagnostic is told already; this never leaves the parser. */
class SyntaxStop extends Error {
  override readonly name = "SyntaxStop";
}

/** A cursor on the first token at or after `offset`. */
export function cursorAt(source: string, offset: number, diagnostics: Diagnostics, grammar: Grammar): Cursor {
  const cursor: Cursor = {
    source,
    diagnostics,
    grammar,
    comments: [],
    token: { kind: "end", start: offset, end: offset, text: "" },
    previousEnd: offset,
    depth: 0,
    slashEnds: false,
    skipping: false,
    lastErrorAt: -1,
    errors: 0,
  };
  seek(cursor, offset);
  return cursor;
}

/** Makes the first token at or after `offset` the current one. Bad tokens are told and passed over. */
export function seek(cursor: Cursor, offset: number): void {
  let from = offset;
  for (;;) {
    const token = scanToken(cursor.source, from, cursor.comments);
    cursor.token = token;
    if (token.problem !== undefined) report(cursor, token, token.problem);
    if (token.kind !== "bad") return;
    from = token.end;
  }
}

/** Goes on after `end`, where something ended that was read from the text itself. */
export function seekAfter(cursor: Cursor, end: number): void {
  cursor.previousEnd = end;
  seek(cursor, end);
}

/** The current token, which is passed. */
export function advance(cursor: Cursor): Token {
  const token = cursor.token;
  seekAfter(cursor, token.end);
  return token;
}

/** The token after `token`, without going there. */
export function peek(cursor: Cursor, token: Token = cursor.token): Token {
  return scanToken(cursor.source, token.end);
}

/** Whether the current token is this punctuator or word. */
export function at(cursor: Cursor, text: string): boolean {
  return cursor.token.text === text;
}

/** Whether the script ends here. */
export function atEnd(cursor: Cursor): boolean {
  return cursor.token.kind === "end";
}

/** Passes this punctuator or word, if it is the current token. */
export function accept(cursor: Cursor, text: string): boolean {
  if (cursor.token.text !== text) return false;
  advance(cursor);
  return true;
}

/** Passes this punctuator or word, or stops. */
export function expect(cursor: Cursor, text: string): Token {
  return cursor.token.text === text ? advance(cursor) : unexpected(cursor, `'${text}'`);
}

/** Passes a name, or stops. `what` says in the message what was expected. */
export function expectWord(cursor: Cursor, what: string): Token {
  return cursor.token.kind === "word" ? advance(cursor) : unexpected(cursor, what);
}

/** From `start` to the end of the last token that was passed. */
export function spanFrom(cursor: Cursor, start: number): Span {
  return { start, end: Math.max(start, cursor.previousEnd) };
}

/** Tells of an error without stopping. Only the first one at a place is told. */
export function report(cursor: Cursor, span: Span, message: string, ...hints: string[]): void {
  if (cursor.skipping || span.start === cursor.lastErrorAt || cursor.errors >= MAX_ERRORS) return;
  cursor.lastErrorAt = span.start;
  cursor.errors++;
  cursor.diagnostics.error({ start: span.start, end: span.end }, `syntax: ${message}`, ...hints);
}

/** Tells of an error and leaves the rule. */
export function fail(cursor: Cursor, span: Span, message: string, ...hints: string[]): never {
  report(cursor, span, message, ...hints);
  throw new SyntaxStop();
}

/** The current token does not belong here. */
export function unexpected(cursor: Cursor, expected: string): never {
  const { token } = cursor;
  if (token.kind !== "end") fail(cursor, token, `unexpected ${describe(token)}, expected ${expected}`);
  // The end is shown after the last thing written. After another error it would be no news.
  const span = { start: cursor.previousEnd, end: cursor.previousEnd };
  if (cursor.errors === 0) report(cursor, span, `unexpected end of file, expected ${expected}`);
  throw new SyntaxStop();
}

function describe(token: Token): string {
  if (token.kind === "string") return "string";
  const text = token.text.length > 40 ? `${token.text.slice(0, 37)}...` : token.text;
  return `'${text}'`;
}

/** One level deeper, or stops. The caller counts `cursor.depth` down again. */
export function enter(cursor: Cursor): void {
  if (cursor.depth >= MAX_NESTING) fail(cursor, cursor.token, "nested too deeply");
  cursor.depth++;
}

/** Parses what stands in brackets, where a slash is always a division. */
export function enclosed<T>(cursor: Cursor, parse: () => T): T {
  const { slashEnds } = cursor;
  cursor.slashEnds = false;
  const result = parse();
  cursor.slashEnds = slashEnds;
  return result;
}

/** Parses; when that stops at an error, `skip` goes to where parsing can go on. */
export function recover<T>(cursor: Cursor, parse: () => T, skip: (cursor: Cursor) => void): T | undefined {
  const { depth, slashEnds } = cursor;
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof SyntaxStop)) throw error;
    cursor.depth = depth;
    cursor.slashEnds = slashEnds;
    cursor.skipping = true;
    // A script with so many errors is probably no script: what follows would not be told anyway.
    if (cursor.errors >= MAX_ERRORS) seek(cursor, cursor.source.length);
    else skip(cursor);
    cursor.skipping = false;
    return undefined;
  }
}

/** Goes beyond the next `;`, or beyond a balanced `{ … }`, or to a `}` that closes what is open. */
export function skipStatement(cursor: Cursor): void {
  let open = 0;
  while (cursor.token.kind !== "end") {
    const { text } = cursor.token;
    if (text === "}" && open === 0) return;
    if (text === "{") open++;
    if (text === "}") open--;
    advance(cursor);
    if (open === 0 && (text === ";" || text === "}")) return;
  }
}

/** Passes a balanced `( … )` without reading it. */
export function skipParenthesis(cursor: Cursor): void {
  let open = 0;
  do {
    if (cursor.token.kind === "end") unexpected(cursor, "')'");
    if (at(cursor, "(")) open++;
    if (at(cursor, ")")) open--;
    advance(cursor);
  } while (open > 0);
}
