import type { Expression, TypeName, TypeOperator } from "../ast.ts";
import {
  advance,
  at,
  type Cursor,
  enclosed,
  enter,
  expect,
  expectWord,
  fail,
  peek,
  spanFrom,
  unexpected,
} from "./cursor.ts";
import type { Token } from "./lexer.ts";
import { decodeInt } from "./literals.ts";

const scalarNames: ReadonlySet<string> = new Set(
  `bool _Bool void string buffer inet int8 int16 int32 int64 uint8 uint16 uint32 uint64 float double
   u8 u16 u32 u64 s8 s16 s32 s64 __u8 __u16 __u32 __u64 __s8 __s16 __s32 __s64
   __be16 __be32 __be64 __le16 __le32 __le64 __sum16 __wsum`.split(/\s+/),
);

const arithmeticWords: ReadonlySet<string> = new Set([
  "char",
  "short",
  "int",
  "long",
  "signed",
  "unsigned",
  "double",
  "__int128",
]);
const qualifiers: ReadonlySet<string> = new Set(["const", "volatile", "restrict", "__restrict", "__user", "__kernel"]);
const tagWords: ReadonlySet<string> = new Set(["struct", "union", "enum"]);

/** Words that begin no expression of their own and name nothing. */
export const reservedWords: ReadonlySet<string> = new Set(
  `break comptime continue else enum false fn for if import let macro offsetof return sizeof struct true typeinfo typeof
   union unroll while`.split(/\s+/),
);

/** A word that is a type wherever it stands: a scalar of bpftrace or C, or a name that ends in `_t`. */
export function isTypeWord(name: string): boolean {
  return scalarNames.has(name) || arithmeticWords.has(name) || name.endsWith("_t");
}

/** `const`, `volatile` and their like, which mean nothing here. */
export function isQualifier(name: string): boolean {
  return qualifiers.has(name);
}

/** One of the words that C combines: `unsigned`, `long`, … */
export function isArithmeticWord(name: string): boolean {
  return arithmeticWords.has(name);
}

/**
 * C's many spellings of an arithmetic type in one: `long unsigned int` is `unsigned long`, `signed` is `int`,
 * `unsigned` is `unsigned int` (C11 6.7.2). `undefined` for a combination that C does not have.
 */
export function canonicalArithmetic(words: readonly string[]): string | undefined {
  const count = (word: string) => words.filter((each) => each === word).length;
  const longs = count("long");
  const sign = count("unsigned") > 0 ? "unsigned " : "";
  const twice = ["char", "short", "int", "signed", "unsigned", "double", "__int128"].some((word) => count(word) > 1);
  const kinds = count("char") + count("short") + count("double") + (longs > 0 ? 1 : 0);
  if (twice || longs > 2 || count("signed") + count("unsigned") > 1) return undefined;
  if (count("double") > 0) {
    if (words.length === 1) return "double";
    return words.length === 2 && longs === 1 ? "long double" : undefined;
  }
  if (count("__int128") > 0) return kinds > 0 || count("int") > 0 ? undefined : `${sign}__int128`;
  if (kinds > 1 || (count("char") > 0 && count("int") > 0)) return undefined;
  if (count("char") > 0) return count("signed") > 0 ? "signed char" : `${sign}char`;
  if (count("short") > 0) return `${sign}short`;
  if (longs > 0) return sign + (longs === 2 ? "long long" : "long");
  return `${sign}int`;
}

/** What a parenthesis or argument that may hold a type looks like, found by looking ahead. */
export interface TypeShape {
  readonly name: string;
  readonly pointers: number;
  readonly dimensions: number;
  /** The first token that no longer belongs to it. */
  readonly next: Token;
}

/**
 * The shape `word * … [n] …` from `first` on. Looks no further than the stars and dimensions go.
 * `undefined` when it cannot be a type.
 */
export function typeShape(cursor: Cursor, first: Token): TypeShape | undefined {
  if (first.kind !== "word" || reservedWords.has(first.text)) return undefined;
  let next = peek(cursor, first);
  let pointers = 0;
  let dimensions = 0;
  for (; next.text === "*"; next = peek(cursor, next)) pointers++;
  while (next.text === "[") {
    next = peek(cursor, next);
    if (next.kind === "number") next = peek(cursor, next);
    if (next.text !== "]") return undefined;
    next = peek(cursor, next);
    dimensions++;
  }
  return { name: first.text, pointers, dimensions, next };
}

/** Whether this token can only begin a type: `struct`, `const`, `unsigned`, `typeof`. */
export function opensType(token: Token, next: Token): boolean {
  if (token.kind !== "word") return false;
  if (tagWords.has(token.text) || qualifiers.has(token.text) || token.text === "typeof") return true;
  return arithmeticWords.has(token.text) && (arithmeticWords.has(next.text) || qualifiers.has(next.text));
}

/** `struct x *`, `uint8[4]`, `unsigned long`, `typeof(e) *`. */
export function parseTypeName(cursor: Cursor): TypeName {
  const { start } = cursor.token;
  skipQualifiers(cursor);
  const base = parseBase(cursor);
  let pointers = 0;
  skipQualifiers(cursor);
  while (at(cursor, "*")) {
    advance(cursor);
    skipQualifiers(cursor);
    pointers++;
  }
  const dimensions: (bigint | undefined)[] = [];
  while (at(cursor, "[")) dimensions.push(parseDimension(cursor));
  return { kind: "type-name", base, pointers, dimensions, span: spanFrom(cursor, start) };
}

function skipQualifiers(cursor: Cursor): void {
  while (qualifiers.has(cursor.token.text)) advance(cursor);
}

function parseBase(cursor: Cursor): TypeName["base"] {
  const { token } = cursor;
  const { text } = token;
  if (text === "struct" || text === "union" || text === "enum") {
    advance(cursor);
    return { kind: text, name: expectWord(cursor, `a name after '${text}'`).text };
  }
  if (text === "typeof") {
    advance(cursor);
    return { kind: "typeof", operand: parseTypeOperand(cursor) };
  }
  if (token.kind !== "word" || reservedWords.has(text)) unexpected(cursor, "a type");
  if (!arithmeticWords.has(text)) return { kind: "named", name: advance(cursor).text };
  return { kind: "named", name: parseArithmetic(cursor) };
}

/** The words of one C arithmetic type, in canonical form. */
export function parseArithmetic(cursor: Cursor): string {
  const { start } = cursor.token;
  const words: string[] = [];
  while (arithmeticWords.has(cursor.token.text) || qualifiers.has(cursor.token.text)) {
    const { text } = advance(cursor);
    if (arithmeticWords.has(text)) words.push(text);
  }
  const name = canonicalArithmetic(words);
  return name ?? fail(cursor, spanFrom(cursor, start), `invalid type '${words.join(" ")}'`);
}

function parseDimension(cursor: Cursor): bigint | undefined {
  expect(cursor, "[");
  let size: bigint | undefined;
  if (!at(cursor, "]")) {
    if (cursor.token.kind !== "number") unexpected(cursor, "an array size");
    const decoded = decodeInt(cursor.token.text);
    if ("problem" in decoded) fail(cursor, cursor.token, decoded.problem);
    advance(cursor);
    size = decoded.value;
  }
  expect(cursor, "]");
  return size;
}

/** `(type or expression)`, after `typeof`, `typeinfo` or `sizeof`. */
export function parseTypeOperand(cursor: Cursor): Expression | TypeName {
  enter(cursor);
  expect(cursor, "(");
  const operand = enclosed(cursor, () => parseTypeOrExpression(cursor));
  expect(cursor, ")");
  cursor.depth--;
  return operand;
}

/** An argument: a type where it can only be one (`struct x`, `uint64`, `x *`), an expression otherwise. */
export function parseTypeOrExpression(cursor: Cursor): Expression | TypeName {
  const { token } = cursor;
  if (token.text === "typeof") return parseTypeOf(cursor);
  if (opensType(token, peek(cursor))) return parseTypeName(cursor);
  const shape = typeShape(cursor, token);
  if (shape === undefined || !endsArgument(shape.next)) return cursor.grammar.expression(cursor);
  const isType = shape.pointers > 0 || isTypeWord(shape.name);
  return isType ? parseTypeName(cursor) : cursor.grammar.expression(cursor);
}

/** `typeof(e)` as a type; in `typeof(a) == typeof(b)` it turns out to be an operand. */
function parseTypeOf(cursor: Cursor): Expression | TypeName {
  const type = parseTypeName(cursor);
  const first = endsArgument(cursor.token) ? undefined : typeOperator(type);
  return first === undefined ? type : cursor.grammar.expressionFrom(cursor, first);
}

/** A bare `typeof(e)` as an expression; `undefined` for any other type. */
export function typeOperator(type: TypeName): TypeOperator | undefined {
  const { base, pointers, dimensions, span } = type;
  if (base.kind !== "typeof" || pointers > 0 || dimensions.length > 0) return undefined;
  return { kind: "typeof", operand: base.operand, span };
}

function endsArgument(token: Token): boolean {
  return token.text === "," || token.text === ")";
}
