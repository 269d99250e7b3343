import type { Block, Expression, ForMap, ForRange } from "../ast.ts";
import { accept, advance, at, type Cursor, enclosed, expect, fail, spanFrom, unexpected } from "./cursor.ts";

type Domain = Pick<ForRange, "from" | "to"> | Pick<ForMap, "map">;

/** `for $i : 0..10 { … }` and `for $kv : @x { … }`, with or without parentheses. */
export function parseForLoop(cursor: Cursor, parseBody: (cursor: Cursor) => Block): ForRange | ForMap {
  const { start } = advance(cursor);
  const open = accept(cursor, "(");
  if (cursor.token.kind !== "variable") unexpected(cursor, "a variable");
  const token = advance(cursor);
  expect(cursor, ":");
  const domain = enclosed(cursor, () => parseDomain(cursor));
  if (open) expect(cursor, ")");
  const body = parseBody(cursor);
  const variable = token.text;
  const variableSpan = { start: token.start, end: token.end };
  const span = spanFrom(cursor, start);
  if ("map" in domain) return { kind: "for-map", variable, variableSpan, map: domain.map, body, span };
  return { kind: "for-range", variable, variableSpan, from: domain.from, to: domain.to, body, span };
}

function parseDomain(cursor: Cursor): Domain {
  const from = cursor.grammar.expression(cursor);
  if (!at(cursor, "..")) return mapDomain(cursor, from);
  advance(cursor);
  return { from, to: cursor.grammar.expression(cursor) };
}

function mapDomain(cursor: Cursor, domain: Expression): Domain {
  if (domain.kind === "map") return { map: domain };
  fail(cursor, domain.span, "a for loop goes over a map or a range", "write a range as 0..10");
}
