import type { BinaryOperator, Conditional, Expression, Span, Step, TypeName } from "../ast.ts";
import {
  accept,
  advance,
  at,
  type Cursor,
  enclosed,
  enter,
  expect,
  peek,
  seekAfter,
  spanFrom,
  unexpected,
} from "./cursor.ts";
import { skipLayout } from "./lexer.ts";
import { binaryRules, unaryOperators } from "./operators.ts";
import { parseParenthesis } from "./parentheses.ts";
import { parsePrimary } from "./primary.ts";

/** A whole expression: everything but assignment, which is a statement. */
export function parseExpression(cursor: Cursor): Expression {
  enter(cursor);
  const result = parseConditional(cursor, parseUnary(cursor));
  cursor.depth--;
  return result;
}

/** The rest of an expression that begins with the operand `first`. */
export function parseExpressionFrom(cursor: Cursor, first: Expression): Expression {
  return parseConditional(cursor, parsePostfix(cursor, first));
}

/** `comptime e` reaches as far as the expression does. */
function parseComptime(cursor: Cursor): Expression {
  const { start } = advance(cursor);
  const operand = parseExpression(cursor);
  return { kind: "comptime", operand, span: spanFrom(cursor, start) };
}

/** `c ? a : b` groups from the right; `c ?: b` takes the condition for `a`. */
function parseConditional(cursor: Cursor, first: Expression): Expression {
  const condition = parseBinary(cursor, first, 1);
  if (!accept(cursor, "?")) return condition;
  const then = at(cursor, ":") ? undefined : parseExpression(cursor);
  expect(cursor, ":");
  const otherwise = parseExpression(cursor);
  const span = spanFrom(cursor, condition.span.start);
  const result: Conditional = { kind: "conditional", condition, else: otherwise, span };
  return then === undefined ? result : { ...result, then };
}

/** Precedence climbing (Richards 1979): takes operators that bind at least as tightly as `least`. */
function parseBinary(cursor: Cursor, first: Expression, least: number): Expression {
  let left = first;
  for (;;) {
    const rule = binaryRules.get(cursor.token.text);
    if (rule === undefined || rule.precedence < least || closesPredicate(cursor)) return left;
    const operatorSpan = advance(cursor);
    const right = parseBinary(cursor, parseUnary(cursor), rule.precedence + 1);
    left = binary(rule.operator, operatorSpan, left, right);
  }
}

function binary(operator: BinaryOperator, operatorSpan: Span, left: Expression, right: Expression): Expression {
  const span = { start: left.span.start, end: right.span.end };
  const { start, end } = operatorSpan;
  return { kind: "binary", operator, operatorSpan: { start, end }, left, right, span };
}

/** The slash that ends a predicate is the one before `{`. */
function closesPredicate(cursor: Cursor): boolean {
  return cursor.slashEnds && at(cursor, "/") && peek(cursor).text === "{";
}

function parseUnary(cursor: Cursor): Expression {
  const { token } = cursor;
  const operator = unaryOperators.get(token.text);
  if (operator !== undefined) {
    const operand = parseOperand(cursor);
    return { kind: "unary", operator, operand, span: spanFrom(cursor, token.start) };
  }
  const step = stepOperator(token.text);
  if (step !== undefined) {
    const operand = parseOperand(cursor);
    return { kind: "step", operator: step, prefix: true, operand, span: spanFrom(cursor, token.start) };
  }
  if (token.text === "comptime") return parseComptime(cursor);
  if (token.text !== "(") return parsePostfix(cursor, parsePrimary(cursor));
  const inside = parseParenthesis(cursor);
  return inside.kind === "type-name" ? parseCast(cursor, token.start, inside) : parsePostfix(cursor, inside);
}

function parseOperand(cursor: Cursor): Expression {
  enter(cursor);
  advance(cursor);
  const operand = parseUnary(cursor);
  cursor.depth--;
  return operand;
}

function parseCast(cursor: Cursor, start: number, type: TypeName): Expression {
  enter(cursor);
  const operand = parseUnary(cursor);
  cursor.depth--;
  return { kind: "cast", type, operand, span: spanFrom(cursor, start) };
}

function stepOperator(text: string): Step["operator"] | undefined {
  return text === "++" || text === "--" ? text : undefined;
}

/** `e[i]`, `e.f`, `e->f`, `e++`, `e--` */
function parsePostfix(cursor: Cursor, first: Expression): Expression {
  let object = first;
  const { start } = first.span;
  for (;;) {
    const { token } = cursor;
    const step = stepOperator(token.text);
    if (token.text === "[") {
      const index = parseIndex(cursor);
      object = { kind: "index", object, index, span: spanFrom(cursor, start) };
    } else if (token.text === "." || token.text === "->") {
      const { field, fieldSpan } = parseField(cursor);
      object = { kind: "field", object, field, fieldSpan, arrow: token.text === "->", span: spanFrom(cursor, start) };
    } else if (step !== undefined) {
      advance(cursor);
      return { kind: "step", operator: step, prefix: false, operand: object, span: spanFrom(cursor, start) };
    } else {
      return object;
    }
  }
}

function parseIndex(cursor: Cursor): Expression {
  expect(cursor, "[");
  const index = enclosed(cursor, () => parseExpression(cursor));
  expect(cursor, "]");
  return index;
}

const fieldName = /[A-Za-z_]\w*|\d+/y;

/**
 * A name, which may be a keyword, or a tuple index. Read from the text and not as a token: in `$t.1.2` the
 * `1.2` is no decimal number.
 */
function parseField(cursor: Cursor): { field: string; fieldSpan: Span } {
  const dot = cursor.token.text;
  const start = skipLayout(cursor.source, cursor.token.end, cursor.comments).end;
  fieldName.lastIndex = start;
  const field = fieldName.exec(cursor.source)?.[0];
  if (field === undefined) {
    advance(cursor);
    unexpected(cursor, `a field name after '${dot}'`);
  }
  const fieldSpan = { start, end: start + field.length };
  seekAfter(cursor, fieldSpan.end);
  return { field, fieldSpan };
}
