import { invariant } from "@beetrace/std";
import type { Assignment, Block, Expression, If, IfExpression, Statement, VariableDeclaration } from "../ast.ts";
import {
  accept,
  advance,
  at,
  type Cursor,
  enclosed,
  enter,
  expect,
  fail,
  peek,
  recover,
  report,
  skipStatement,
  spanFrom,
  unexpected,
} from "./cursor.ts";
import { decodeString } from "./literals.ts";
import { parseForLoop } from "./loops.ts";
import { compoundOperators } from "./operators.ts";
import { parseTypeName } from "./type-names.ts";
import { demoteBlock, demoteIf, hasValue } from "./values.ts";

/** `{ … }`. A last expression without a semicolon is its value. */
export function parseBlock(cursor: Cursor): Block {
  enter(cursor);
  const { start } = expect(cursor, "{");
  const statements: Statement[] = [];
  let value: Expression | undefined;
  while (value === undefined && !at(cursor, "}") && cursor.token.kind !== "end") {
    if (accept(cursor, ";")) continue;
    const last = recover(cursor, () => parseStatement(cursor, statements), skipStatement);
    if (last !== undefined) value = last.value;
  }
  expect(cursor, "}");
  cursor.depth--;
  const span = spanFrom(cursor, start);
  return value === undefined ? { kind: "block", statements, span } : { kind: "block", statements, value, span };
}

/** A body whose value nobody takes: that of a probe or a loop. */
export function parseBody(cursor: Cursor): Block {
  return demoteBlock(enclosed(cursor, () => parseBlock(cursor)));
}

interface Last {
  readonly value?: Expression;
}

/** Adds one statement to `into`, unless it turns out to be the value of the block. */
function parseStatement(cursor: Cursor, into: Statement[]): Last {
  const { start } = cursor.token;
  if (at(cursor, "{")) return finishBlock(cursor, into, parseBlock(cursor));
  if (at(cursor, "if")) return finishIf(cursor, into, parseIf(cursor));
  const rule = cursor.token.kind === "word" ? statementRules.get(cursor.token.text) : undefined;
  if (rule !== undefined) {
    into.push(rule(cursor));
    return {};
  }
  if (at(cursor, "_") && peek(cursor).text === "=") {
    advance(cursor);
    advance(cursor);
    const value = cursor.grammar.expression(cursor);
    return finishSimple(cursor, into, { kind: "discard", value, span: spanFrom(cursor, start) });
  }
  return parseExpressionStatement(cursor, into);
}

const statementRules: ReadonlyMap<string, (cursor: Cursor) => Statement> = new Map([
  ["let", (cursor) => ended(cursor, parseDeclaration(cursor))],
  ["while", parseWhile],
  ["for", (cursor) => parseForLoop(cursor, parseBody)],
  ["unroll", parseUnroll],
  ["break", (cursor) => ended(cursor, parseJump(cursor, "break"))],
  ["continue", (cursor) => ended(cursor, parseJump(cursor, "continue"))],
  ["return", (cursor) => ended(cursor, parseReturn(cursor))],
  ["import", (cursor) => ended(cursor, parseImport(cursor))],
]);

function finishBlock(cursor: Cursor, into: Statement[], block: Block): Last {
  if (at(cursor, "}") && block.value !== undefined) {
    return { value: { kind: "block-expression", block, span: block.span } };
  }
  into.push(demoteBlock(block));
  return {};
}

function finishIf(cursor: Cursor, into: Statement[], statement: If): Last {
  if (at(cursor, "}") && hasValue(statement)) {
    return { value: { kind: "if-expression", if: statement, span: statement.span } };
  }
  into.push(demoteIf(statement));
  return {};
}

function finishSimple(cursor: Cursor, into: Statement[], statement: Statement): Last {
  into.push(ended(cursor, statement));
  return {};
}

/** Passes the semicolon, which the last statement before a `}` does not need. */
function ended<T extends Statement>(cursor: Cursor, statement: T): T {
  if (!at(cursor, "}") && !accept(cursor, ";")) unexpected(cursor, "';' or '}'");
  return statement;
}

function parseExpressionStatement(cursor: Cursor, into: Statement[]): Last {
  const expression = cursor.grammar.expression(cursor);
  const operator = compoundOperators.get(cursor.token.text);
  if (operator !== undefined || at(cursor, "=")) {
    advance(cursor);
    const value = cursor.grammar.expression(cursor);
    const span = spanFrom(cursor, expression.span.start);
    const assignment: Assignment = { kind: "assignment", target: expression, value, span };
    return finishSimple(cursor, into, operator === undefined ? assignment : { ...assignment, operator });
  }
  if (at(cursor, "}")) return { value: expression };
  return finishSimple(cursor, into, { kind: "expression-statement", expression, span: expression.span });
}

/** `if c { … } else if c { … } else { … }` used as a value. */
export function parseIfExpression(cursor: Cursor): IfExpression {
  const statement = parseIf(cursor);
  return { kind: "if-expression", if: statement, span: statement.span };
}

/** A chain of `else if` is read in a loop, so that a long one needs no deep recursion. */
function parseIf(cursor: Cursor): If {
  const arms: { start: number; condition: Expression; comptime: boolean; then: Block }[] = [];
  let last: Block | undefined;
  for (;;) {
    const { start } = expect(cursor, "if");
    const comptime = accept(cursor, "comptime");
    const condition = cursor.grammar.expression(cursor);
    arms.push({ start, condition, comptime, then: parseBlock(cursor) });
    if (!accept(cursor, "else")) break;
    if (at(cursor, "if")) continue;
    last = parseBlock(cursor);
    break;
  }
  let rest: Block | If | undefined = last;
  for (const { start, ...arm } of arms.reverse()) {
    const statement: If = { kind: "if", ...arm, span: spanFrom(cursor, start) };
    rest = rest === undefined ? statement : { ...statement, else: rest };
  }
  invariant(rest?.kind === "if", "an if has at least one arm");
  return rest;
}

/** `let $x: T = e` */
function parseDeclaration(cursor: Cursor): VariableDeclaration {
  const { start } = advance(cursor);
  if (cursor.token.kind === "map") {
    fail(cursor, cursor.token, "a map cannot be declared inside a block", "declare it before the probes");
  }
  if (cursor.token.kind !== "variable") unexpected(cursor, "a variable");
  const name = advance(cursor);
  const type = accept(cursor, ":") ? parseTypeName(cursor) : undefined;
  const value = accept(cursor, "=") ? cursor.grammar.expression(cursor) : undefined;
  return {
    kind: "let",
    name: name.text,
    nameSpan: { start: name.start, end: name.end },
    ...(type === undefined ? {} : { type }),
    ...(value === undefined ? {} : { value }),
    span: spanFrom(cursor, start),
  };
}

function parseWhile(cursor: Cursor): Statement {
  const { start } = advance(cursor);
  const condition = cursor.grammar.expression(cursor);
  const body = parseBody(cursor);
  return { kind: "while", condition, body, span: spanFrom(cursor, start) };
}

function parseUnroll(cursor: Cursor): Statement {
  const { start } = advance(cursor);
  const count = cursor.grammar.expression(cursor);
  const body = parseBody(cursor);
  return { kind: "unroll", count, body, span: spanFrom(cursor, start) };
}

function parseJump(cursor: Cursor, kind: "break" | "continue"): Statement {
  const { start } = advance(cursor);
  return { kind, span: spanFrom(cursor, start) };
}

function parseReturn(cursor: Cursor): Statement {
  const { start } = advance(cursor);
  if (at(cursor, ";") || at(cursor, "}")) return { kind: "return", span: spanFrom(cursor, start) };
  const value = cursor.grammar.expression(cursor);
  return { kind: "return", value, span: spanFrom(cursor, start) };
}

/** `import "path"`, without its semicolon. */
export function parseImport(cursor: Cursor): Extract<Statement, { kind: "import" }> {
  const { start } = advance(cursor);
  if (cursor.token.kind !== "string") unexpected(cursor, "a path in quotes");
  const token = advance(cursor);
  const { value, problems } = decodeString(token.text);
  for (const { message } of problems) report(cursor, token, message);
  return { kind: "import", path: value, span: spanFrom(cursor, start) };
}
