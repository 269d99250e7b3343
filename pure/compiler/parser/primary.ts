import type { Call, Expression, MapAccess, OffsetOf, TypeName } from "../ast.ts";
import {
  accept,
  advance,
  at,
  type Cursor,
  enclosed,
  enter,
  expect,
  expectWord,
  fail,
  report,
  spanFrom,
  unexpected,
} from "./cursor.ts";
import type { Token } from "./lexer.ts";
import { decodeInt, decodeString } from "./literals.ts";
import { parseTypeOperand, parseTypeOrExpression, reservedWords } from "./type-names.ts";

/** An operand without prefix, postfix or parenthesis. */
export function parsePrimary(cursor: Cursor): Expression {
  const { token } = cursor;
  switch (token.kind) {
    case "number":
      return parseNumber(cursor, advance(cursor));
    case "string":
      return parseString(cursor);
    case "variable":
      advance(cursor);
      return { kind: "variable", name: token.text, span: spanFrom(cursor, token.start) };
    case "map":
      return parseMapAccess(cursor);
    case "positional":
      return parsePositional(cursor);
    case "positional-count":
      advance(cursor);
      return { kind: "positional-count", span: spanFrom(cursor, token.start) };
    case "word":
      return parseWord(cursor);
    default:
      return at(cursor, "{") ? parseBlockExpression(cursor) : unexpectedOperand(cursor);
  }
}

function unexpectedOperand(cursor: Cursor): never {
  unexpected(cursor, "an expression");
}

function parseNumber(cursor: Cursor, token: Token): Expression {
  const { text } = token;
  const span = spanFrom(cursor, token.start);
  if (text.includes(".")) {
    if (!/^\d+(?:_\d+)*\.\d+(?:_\d+)*$/.test(text)) report(cursor, token, `invalid number '${text}'`);
    return { kind: "decimal", value: Number.parseFloat(text.replaceAll("_", "")), text, span };
  }
  const decoded = decodeInt(text);
  if (!("problem" in decoded)) return { kind: "int", ...decoded, text, span };
  report(cursor, token, decoded.problem);
  return { kind: "int", value: 0n, text, span };
}

function parseString(cursor: Cursor): Expression {
  // Told already. What follows a missing quote is not worth reading.
  if (cursor.token.problem !== undefined) fail(cursor, cursor.token, cursor.token.problem);
  const { text, start } = advance(cursor);
  const { value, problems } = decodeString(text);
  for (const { offset, length, message } of problems) {
    report(cursor, { start: start + offset, end: start + offset + length }, message);
  }
  return { kind: "string", value, text, span: spanFrom(cursor, start) };
}

function parsePositional(cursor: Cursor): Expression {
  const token = advance(cursor);
  const index = Number(token.text.slice(1));
  if (index < 1 || index > 0xffff)
    report(cursor, token, `invalid positional parameter '${token.text}'`, "they count from $1");
  return { kind: "positional", index, span: spanFrom(cursor, token.start) };
}

function parseBlockExpression(cursor: Cursor): Expression {
  const block = enclosed(cursor, () => cursor.grammar.block(cursor));
  return { kind: "block-expression", block, span: block.span };
}

function parseWord(cursor: Cursor): Expression {
  const { token } = cursor;
  const { text, start } = token;
  if (text === "true" || text === "false") {
    advance(cursor);
    return { kind: "bool", value: text === "true", span: spanFrom(cursor, start) };
  }
  if (text === "if") return enclosed(cursor, () => cursor.grammar.ifExpression(cursor));
  if (text === "offsetof") return parseOffsetOf(cursor);
  if (text === "sizeof" || text === "typeof" || text === "typeinfo") {
    advance(cursor);
    const operand = parseTypeOperand(cursor);
    return { kind: text, operand, span: spanFrom(cursor, start) };
  }
  if (reservedWords.has(text)) unexpectedOperand(cursor);
  advance(cursor);
  if (at(cursor, "(")) return parseCall(cursor, token);
  return { kind: "identifier", name: text, span: spanFrom(cursor, start) };
}

function parseCall(cursor: Cursor, name: Token): Call {
  expect(cursor, "(");
  const args = enclosed(cursor, () => parseArguments(cursor));
  expect(cursor, ")");
  const nameSpan = { start: name.start, end: name.end };
  return { kind: "call", name: name.text, nameSpan, args, span: spanFrom(cursor, name.start) };
}

function parseArguments(cursor: Cursor): (Expression | TypeName)[] {
  if (at(cursor, ")")) return [];
  const args = [parseTypeOrExpression(cursor)];
  while (accept(cursor, ",")) args.push(parseTypeOrExpression(cursor));
  if (!at(cursor, ")")) unexpected(cursor, "',' or ')'");
  return args;
}

/** `offsetof(struct x, a.b)` */
function parseOffsetOf(cursor: Cursor): OffsetOf {
  const { start } = advance(cursor);
  enter(cursor);
  expect(cursor, "(");
  const type = enclosed(cursor, () => parseTypeOrExpression(cursor));
  expect(cursor, ",");
  const path = [expectWord(cursor, "a field name").text];
  while (accept(cursor, ".")) path.push(expectWord(cursor, "a field name").text);
  expect(cursor, ")");
  cursor.depth--;
  return { kind: "offsetof", type, path, span: spanFrom(cursor, start) };
}

/** `@x[k]`; `@x[a, b]` has a tuple for its key. */
export function parseMapAccess(cursor: Cursor): MapAccess {
  const { text: name, start } = advance(cursor);
  if (!at(cursor, "[")) return { kind: "map", name, span: spanFrom(cursor, start) };
  const open = advance(cursor);
  if (at(cursor, "]"))
    fail(cursor, { start: open.start, end: cursor.token.end }, "a map key is missing between the brackets");
  const keys = enclosed(cursor, () => parseKeys(cursor));
  const inside = spanFrom(cursor, open.end);
  expect(cursor, "]");
  const key: Expression = keys.length === 1 ? keys[0] : { kind: "tuple", elements: keys, span: inside };
  return { kind: "map", name, key, span: spanFrom(cursor, start) };
}

function parseKeys(cursor: Cursor): Expression[] {
  const keys = [cursor.grammar.expression(cursor)];
  while (accept(cursor, ",")) keys.push(cursor.grammar.expression(cursor));
  return keys;
}
