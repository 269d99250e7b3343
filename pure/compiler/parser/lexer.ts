import type { Comment } from "../ast.ts";

/** What a {@link Token} is. A keyword is a `word`: which words are reserved depends on the place. */
export type TokenKind =
  | "word"
  | "variable"
  | "map"
  | "positional"
  | "positional-count"
  | "number"
  | "string"
  | "punctuator"
  | "bad"
  | "end";

/** A piece of the script. Offsets are UTF-16 code units; `text` is as written, except that `end` has none. */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** What is wrong with it: always there for `bad`, sometimes for a `string`. */
  readonly problem?: string;
}

/** The layout between two tokens: where the next token starts, and whether a comment never ended on the way. */
export interface SkippedLayout {
  readonly end: number;
  readonly unterminated: boolean;
}

const word = /[A-Za-z_]\w*/y;
const digits = /\d[\d_]*\.\d\w*|\d\w*/y;
const dollar = /\$(?:[A-Za-z_]\w*|\d+|#)/y;
const mapName = /@(?:[A-Za-z_]\w*)?/y;
const punctuator =
  /<<=|>>=|&&|\|\||==|!=|<=|>=|<<|>>|\+\+|--|->|\.\.|\+=|-=|\*=|\/=|%=|&=|\|=|\^=|[-+*/%<>=!~&|^?:;,.(){}[\]#]/y;

const NEWLINE = 10;
const BACKSLASH = 92;
const QUOTE = 34;

/**
 * Skips blanks, line continuations and comments from `from`, adding each comment to `comments`.
 * `/* … *` `/` does not nest; a `//` comment ends before the line end and the blanks there.
 */
export function skipLayout(source: string, from: number, comments?: Comment[]): SkippedLayout {
  let at = from;
  for (;;) {
    const code = source.charCodeAt(at);
    if (code === 32 || (code >= 9 && code <= 13)) {
      at++;
      continue;
    }
    if (code === BACKSLASH) {
      const after = continuationEnd(source, at);
      if (after === at) return { end: at, unterminated: false };
      at = after;
      continue;
    }
    if (code !== 47) return { end: at, unterminated: false };
    const end = commentEnd(source, at);
    if (end === undefined) return { end: at, unterminated: true };
    if (end === at) return { end: at, unterminated: false };
    comments?.push({ span: { start: at, end }, text: source.slice(at, end) });
    at = end;
  }
}

/** After a backslash and line end at `at`, or `at` when there is none. */
export function continuationEnd(source: string, at: number): number {
  if (source.charCodeAt(at + 1) === NEWLINE) return at + 2;
  if (source.charCodeAt(at + 1) === 13 && source.charCodeAt(at + 2) === NEWLINE) return at + 3;
  return at;
}

/** The end of the comment at `at`; `at` when there is none, `undefined` when it never ends. */
export function commentEnd(source: string, at: number): number | undefined {
  const next = source.charCodeAt(at + 1);
  if (next === 42) {
    const close = source.indexOf("*/", at + 2);
    return close < 0 ? undefined : close + 2;
  }
  if (next !== 47) return at;
  const newline = source.indexOf("\n", at);
  let end = newline < 0 ? source.length : newline;
  while (isBlank(source.charCodeAt(end - 1))) end--;
  return end;
}

function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** The first token at or after `from`. Never fails: what is no token is a `bad` one. */
export function scanToken(source: string, from: number, comments?: Comment[]): Token {
  const { end: start, unterminated } = skipLayout(source, from, comments);
  if (unterminated) return bad(source, start, source.length, "unterminated comment");
  if (start >= source.length) return { kind: "end", start, end: start, text: "" };
  const code = source.charCodeAt(start);
  if (isLetter(code)) return matched("word", word, source, start);
  if (code >= 48 && code <= 57) return scanNumber(source, start);
  if (code === QUOTE) return scanString(source, start);
  if (code === 36) return scanDollar(source, start);
  if (code === 64) return matched("map", mapName, source, start);
  if (matchEnd(punctuator, source, start) > start) return matched("punctuator", punctuator, source, start);
  return scanUnknown(source, start);
}

function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
}

function matchEnd(pattern: RegExp, source: string, start: number): number {
  pattern.lastIndex = start;
  return pattern.test(source) ? pattern.lastIndex : start;
}

function matched(kind: TokenKind, pattern: RegExp, source: string, start: number): Token {
  const end = matchEnd(pattern, source, start);
  return { kind, start, end, text: source.slice(start, end) };
}

function bad(source: string, start: number, end: number, problem: string): Token {
  return { kind: "bad", start, end, text: source.slice(start, end), problem };
}

/** `12`, `0x1f`, `5ms`, `1e6`, `100.0`; `0..9` is two numbers and a range. Whether it is valid is decided later. */
function scanNumber(source: string, start: number): Token {
  return matched("number", digits, source, start);
}

function scanDollar(source: string, start: number): Token {
  const end = matchEnd(dollar, source, start);
  if (end === start) return bad(source, start, start + 1, "unexpected '$'");
  const code = source.charCodeAt(start + 1);
  const kind = code === 35 ? "positional-count" : code <= 57 ? "positional" : "variable";
  return { kind, start, end, text: source.slice(start, end) };
}

/** A string without its line end or closing quote is given as far as it goes, with a `problem`. */
function scanString(source: string, start: number): Token {
  let at = start + 1;
  while (at < source.length) {
    const code = source.charCodeAt(at);
    if (code === QUOTE) return { kind: "string", start, end: at + 1, text: source.slice(start, at + 1) };
    if (code === NEWLINE) break;
    at += code === BACKSLASH && source.charCodeAt(at + 1) !== NEWLINE ? 2 : 1;
  }
  const end = Math.min(at, source.length);
  return { kind: "string", start, end, text: source.slice(start, end), problem: "unterminated string" };
}

/** C's character literals are read whole, so that one error is told of one mistake. */
const singleQuoted = /'(?:[^'\\\n]|\\.)*'/y;

function scanUnknown(source: string, start: number): Token {
  const quoted = matched("string", singleQuoted, source, start);
  if (quoted.text !== "") return { ...quoted, problem: "strings stand in double quotes" };
  const character = String.fromCodePoint(source.codePointAt(start) ?? 0);
  return bad(source, start, start + character.length, `invalid character '${character}'`);
}
