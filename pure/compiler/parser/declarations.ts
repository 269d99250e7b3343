import type {
  AttachPoint,
  ConfigEntry,
  Expression,
  FunctionDefinition,
  Item,
  MacroDefinition,
  MacroParam,
  MapDeclaration,
  Probe,
  Span,
  TypeName,
} from "../ast.ts";
import { scanAttachPoint } from "./attach-points.ts";
import {
  accept,
  advance,
  at,
  type Cursor,
  enclosed,
  expect,
  expectWord,
  fail,
  recover,
  report,
  seekAfter,
  skipStatement,
  spanFrom,
  unexpected,
} from "./cursor.ts";
import { decodeInt, decodeString } from "./literals.ts";
import { parseBlock, parseBody } from "./statements.ts";
import { parseTypeName } from "./type-names.ts";

/** A probe, macro, function or map declaration. */
export function parseItem(cursor: Cursor, params: readonly string[]): Item {
  switch (cursor.token.text) {
    case "macro":
      return parseMacro(cursor);
    case "fn":
      return parseFunction(cursor);
    case "let":
      return parseMapDeclaration(cursor);
    default:
      return parseProbe(cursor, params);
  }
}

function parseProbe(cursor: Cursor, params: readonly string[]): Probe {
  const { start } = cursor.token;
  const attachPoints = [parseAttachPoint(cursor, params)];
  while (accept(cursor, ",")) {
    if (at(cursor, "{") || at(cursor, "/")) break;
    attachPoints.push(parseAttachPoint(cursor, params));
  }
  const predicate = at(cursor, "/") ? parsePredicate(cursor) : undefined;
  if (!at(cursor, "{")) unexpected(cursor, predicate === undefined ? "'{', ',' or a predicate" : "'{'");
  const body = parseBody(cursor);
  const probe: Probe = { kind: "probe", attachPoints, body, span: spanFrom(cursor, start) };
  return predicate === undefined ? probe : { ...probe, predicate };
}

function parseAttachPoint(cursor: Cursor, params: readonly string[]): AttachPoint {
  const { start, kind, text } = cursor.token;
  if (kind === "end" || (kind === "punctuator" && text !== "*")) unexpected(cursor, "a probe");
  const { attachPoint, openQuote } = scanAttachPoint(cursor.source, start, params);
  if (openQuote !== undefined) fail(cursor, { start, end: openQuote }, "unterminated string in the attach point");
  seekAfter(cursor, attachPoint.span.end);
  if (cursor.previousEnd === start) unexpected(cursor, "a probe");
  return attachPoint;
}

function parsePredicate(cursor: Cursor): Expression {
  expect(cursor, "/");
  cursor.slashEnds = true;
  const predicate = cursor.grammar.expression(cursor);
  cursor.slashEnds = false;
  expect(cursor, "/");
  return predicate;
}

/** `macro name($x, @m, e) { … }` */
function parseMacro(cursor: Cursor): MacroDefinition {
  const { start } = advance(cursor);
  const name = expectWord(cursor, "a name").text;
  const params: MacroParam[] = [];
  if (accept(cursor, "(")) {
    while (!at(cursor, ")")) {
      params.push(parseMacroParam(cursor));
      if (!accept(cursor, ",")) break;
    }
    expect(cursor, ")");
  }
  const body = enclosed(cursor, () => parseBlock(cursor));
  return { kind: "macro", name, params, body, span: spanFrom(cursor, start) };
}

function parseMacroParam(cursor: Cursor): MacroParam {
  const { kind } = cursor.token;
  if (kind !== "word" && kind !== "variable" && kind !== "map") unexpected(cursor, "a macro parameter");
  const { text: name, start } = advance(cursor);
  return { kind: kind === "word" ? "expression" : kind, name, span: spanFrom(cursor, start) };
}

/** `fn name($a: T): R { … }`; without a result it is `void`. */
function parseFunction(cursor: Cursor): FunctionDefinition {
  const { start } = advance(cursor);
  const name = expectWord(cursor, "a name").text;
  const params: FunctionDefinition["params"][number][] = [];
  expect(cursor, "(");
  while (!at(cursor, ")")) {
    if (cursor.token.kind !== "variable") unexpected(cursor, "a parameter");
    const param = advance(cursor);
    expect(cursor, ":");
    const type = parseTypeName(cursor);
    params.push({ kind: "param", name: param.text, type, span: spanFrom(cursor, param.start) });
    if (!accept(cursor, ",")) break;
  }
  expect(cursor, ")");
  const result = accept(cursor, ":") ? parseTypeName(cursor) : voidType(spanFrom(cursor, cursor.previousEnd));
  const body = parseBody(cursor);
  return { kind: "function", name, params, result, body, span: spanFrom(cursor, start) };
}

function voidType(span: Span): TypeName {
  return { kind: "type-name", base: { kind: "named", name: "void" }, pointers: 0, dimensions: [], span };
}

/** `let @x = lruhash(100);` */
function parseMapDeclaration(cursor: Cursor): MapDeclaration {
  const { start } = advance(cursor);
  if (cursor.token.kind !== "map") unexpected(cursor, "a map: only maps are declared outside probes");
  const name = advance(cursor).text;
  expect(cursor, "=");
  const type = expectWord(cursor, "a map type").text;
  expect(cursor, "(");
  const maxEntries = at(cursor, ")") ? undefined : cursor.grammar.expression(cursor);
  expect(cursor, ")");
  expect(cursor, ";");
  const declaration: MapDeclaration = { kind: "map-declaration", name, type, span: spanFrom(cursor, start) };
  return maxEntries === undefined ? declaration : { ...declaration, maxEntries };
}

/** `config = { key = value; … }` */
export function parseConfig(cursor: Cursor): { entries: ConfigEntry[]; span: Span } {
  const entries: ConfigEntry[] = [];
  const { start } = advance(cursor);
  expect(cursor, "=");
  expect(cursor, "{");
  while (!at(cursor, "}") && cursor.token.kind !== "end") {
    if (accept(cursor, ";")) continue;
    const entry = recover(cursor, () => parseConfigEntry(cursor), skipStatement);
    if (entry !== undefined) entries.push(entry);
  }
  expect(cursor, "}");
  const span = spanFrom(cursor, start);
  accept(cursor, ";");
  return { entries, span };
}

function parseConfigEntry(cursor: Cursor): ConfigEntry {
  const key = expectWord(cursor, "the name of a setting");
  expect(cursor, "=");
  const { token } = cursor;
  const value = configValue(cursor);
  advance(cursor);
  const span = spanFrom(cursor, key.start);
  if (!at(cursor, "}") && !at(cursor, ";")) unexpected(cursor, "';' or '}'");
  const valueSpan = { start: token.start, end: token.end };
  return { key: key.text, keySpan: { start: key.start, end: key.end }, value, valueSpan, span };
}

function configValue(cursor: Cursor): ConfigEntry["value"] {
  const { token } = cursor;
  if (token.kind === "word") return { kind: "word", value: token.text };
  if (token.kind === "number") {
    const decoded = decodeInt(token.text);
    if ("value" in decoded) return { kind: "int", value: decoded.value };
    fail(cursor, token, decoded.problem);
  }
  if (token.kind !== "string") unexpected(cursor, "a number, a string or a word");
  const { value, problems } = decodeString(token.text);
  for (const { message } of problems) report(cursor, token, message);
  return { kind: "string", value };
}
