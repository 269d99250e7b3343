import type { Expression, RecordLiteral, TypeName } from "../ast.ts";
import { accept, advance, at, type Cursor, enclosed, expect, expectWord, peek, report, spanFrom } from "./cursor.ts";
import type { Token } from "./lexer.ts";
import { unaryOperators } from "./operators.ts";
import { isTypeWord, opensType, parseTypeName, reservedWords, typeOperator, typeShape } from "./type-names.ts";

/**
 * `(e)`, `(a, b)`, `(a,)`, `()`, `(x = 1)`; or the `(T)` of a cast, whose operand follows.
 * The span of `(e)` is that of `e`.
 */
export function parseParenthesis(cursor: Cursor): Expression | TypeName {
  const { start } = advance(cursor);
  if (opensCast(cursor)) return parseCastType(cursor, start);
  return enclosed(cursor, () => parseInside(cursor, start));
}

function parseInside(cursor: Cursor, start: number): Expression {
  if (accept(cursor, ")")) return { kind: "tuple", elements: [], span: spanFrom(cursor, start) };
  if (cursor.token.kind === "word" && peek(cursor).text === "=") return parseRecord(cursor, start);
  return closeParenthesis(cursor, start, cursor.grammar.expression(cursor));
}

function closeParenthesis(cursor: Cursor, start: number, first: Expression): Expression {
  if (accept(cursor, ")")) return first;
  if (!at(cursor, ",")) expect(cursor, ")");
  const elements = [first];
  while (accept(cursor, ",") && !at(cursor, ")")) elements.push(cursor.grammar.expression(cursor));
  expect(cursor, ")");
  return { kind: "tuple", elements, span: spanFrom(cursor, start) };
}

function parseRecord(cursor: Cursor, start: number): RecordLiteral {
  const fields: RecordLiteral["fields"][number][] = [];
  const names = new Set<string>();
  do {
    if (at(cursor, ")")) break;
    const name = expectWord(cursor, "a field name");
    if (names.has(name.text)) report(cursor, name, `duplicate record field '${name.text}'`);
    names.add(name.text);
    expect(cursor, "=");
    const value = cursor.grammar.expression(cursor);
    fields.push({ name: name.text, value, span: spanFrom(cursor, name.start) });
  } while (accept(cursor, ","));
  expect(cursor, ")");
  return { kind: "record", fields, span: spanFrom(cursor, start) };
}

/** Whether what follows the `(` is a type and not a value. */
function opensCast(cursor: Cursor): boolean {
  const { token } = cursor;
  if (opensType(token, peek(cursor))) return true;
  const shape = typeShape(cursor, token);
  if (shape === undefined || shape.next.text !== ")") return false;
  if (shape.pointers > 0) return true;
  const after = peek(cursor, shape.next);
  // `(x) y` can only be a cast, but in `(x) - 1` the name decides.
  return startsOperand(after) || (isTypeWord(shape.name) && isSign(after));
}

/** `(T)`; but `(typeof(a))` with no operand after it, and `(typeof(a) == …)`, are values. */
function parseCastType(cursor: Cursor, start: number): Expression | TypeName {
  const type = parseTypeName(cursor);
  const value = typeOperator(type);
  if (value === undefined) {
    expect(cursor, ")");
    return type;
  }
  if (!at(cursor, ")")) {
    return enclosed(cursor, () => closeParenthesis(cursor, start, cursor.grammar.expressionFrom(cursor, value)));
  }
  advance(cursor);
  return startsOperand(cursor.token) || isSign(cursor.token) ? type : value;
}

/** A token that begins an operand and can be nothing else. */
function startsOperand(token: Token): boolean {
  if (token.kind === "punctuator") return token.text === "(" || token.text === "!" || token.text === "~";
  if (token.kind !== "word") return token.kind !== "end" && token.kind !== "bad";
  return !reservedWords.has(token.text) || wordsOfOperands.has(token.text);
}

const wordsOfOperands: ReadonlySet<string> = new Set(["sizeof", "offsetof", "typeof", "typeinfo", "true", "false"]);

function isSign(token: Token): boolean {
  return (
    (unaryOperators.has(token.text) && token.text !== "!" && token.text !== "~") ||
    token.text === "++" ||
    token.text === "--"
  );
}
