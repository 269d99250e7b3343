import type { Expression } from "../ast.ts";
import type { CDefinition, CEnum, CField, CStruct, CType } from "../c-ast.ts";
import { parseDeclarator } from "./c-declarators.ts";
import { type ConstantScope, evaluateConstant } from "./constants.ts";
import {
  accept,
  advance,
  at,
  atEnd,
  type Cursor,
  enter,
  expect,
  expectWord,
  fail,
  recover,
  report,
  skipParenthesis,
  skipStatement,
  spanFrom,
  unexpected,
} from "./cursor.ts";
import { isArithmeticWord, isQualifier, parseArithmetic } from "./type-names.ts";

/** The names that C definitions use and add to. */
export interface CNames extends ConstantScope {
  readonly constants: Map<string, bigint>;
}

/** Whether a C definition starts at the current token. */
export function atDefinition(cursor: Cursor): boolean {
  return cursor.token.kind === "word" && tag(cursor.token.text) !== undefined;
}

function tag(text: string): "struct" | "union" | "enum" | undefined {
  return text === "struct" || text === "union" || text === "enum" ? text : undefined;
}

/** `struct x { … };` and the like. `undefined` for a declaration without a body (`struct x;`), which adds nothing. */
export function parseDefinition(cursor: Cursor, names: CNames): CDefinition | undefined {
  const type = parseTagged(cursor, names);
  if (!accept(cursor, ";") && type.kind !== "inline") unexpected(cursor, "'{' or ';'");
  return type.kind === "inline" ? type.definition : undefined;
}

/** What attributes say of the layout. */
export interface Attributes {
  packed: boolean;
  alignedBytes?: number;
}

/** `struct x`, `struct x { … }`, `struct { … }`, with attributes before the name or after the body. */
function parseTagged(cursor: Cursor, names: CNames): CType {
  enter(cursor);
  const { text, start } = advance(cursor);
  const kind = tag(text);
  if (kind === undefined) fail(cursor, cursor.token, "expected a C definition");
  const attributes: Attributes = { packed: false };
  parseAttributes(cursor, names, attributes);
  const name = cursor.token.kind === "word" ? advance(cursor).text : "";
  const type = at(cursor, "{")
    ? parseBodied(cursor, names, kind, name, start, attributes)
    : namedTag(cursor, kind, name);
  cursor.depth--;
  return type;
}

function namedTag(cursor: Cursor, kind: "struct" | "union" | "enum", name: string): CType {
  if (name === "") unexpected(cursor, `a name or '{' after '${kind}'`);
  return { kind, name };
}

function parseBodied(
  cursor: Cursor,
  names: CNames,
  kind: "struct" | "union" | "enum",
  name: string,
  start: number,
  attributes: Attributes,
): CType {
  if (kind === "enum") {
    const constants = parseConstants(cursor, names);
    parseAttributes(cursor, names, attributes);
    const definition: CEnum = { kind, name, constants, span: spanFrom(cursor, start) };
    return { kind: "inline", definition };
  }
  const fields = parseFields(cursor, names);
  parseAttributes(cursor, names, attributes);
  const definition: CStruct = { kind, name, fields, ...attributes, span: spanFrom(cursor, start) };
  return { kind: "inline", definition };
}

function parseConstants(cursor: Cursor, names: CNames): CEnum["constants"] {
  const constants: CEnum["constants"][number][] = [];
  let next = 0n;
  expect(cursor, "{");
  while (!at(cursor, "}")) {
    const { text: name, start } = expectWord(cursor, "a name");
    if (accept(cursor, "=")) next = parseConstant(cursor, names);
    constants.push({ name, value: next, span: spanFrom(cursor, start) });
    names.constants.set(name, next);
    next++;
    if (!accept(cursor, ",")) break;
  }
  expect(cursor, "}");
  return constants;
}

function parseConstant(cursor: Cursor, names: CNames): bigint {
  const expression: Expression = cursor.grammar.expression(cursor);
  const value = evaluateConstant(expression, names);
  if (value === undefined) report(cursor, expression.span, "this is not an integer constant");
  return value ?? 0n;
}

/** A constant that counts or measures something, as the size of an array; zero, with a diagnostic, when it is no sensible number for that. */
export function parseSize(cursor: Cursor, names: CNames): number {
  const { start } = cursor.token;
  const value = parseConstant(cursor, names);
  if (value >= 0n && value <= 0x7fff_ffffn) return Number(value);
  report(cursor, spanFrom(cursor, start), `size ${value} is out of range`);
  return 0;
}

function parseFields(cursor: Cursor, names: CNames): CField[] {
  const fields: CField[] = [];
  expect(cursor, "{");
  while (!at(cursor, "}") && !atEnd(cursor)) {
    if (accept(cursor, ";")) continue;
    recover(cursor, () => parseField(cursor, names, fields), skipStatement);
  }
  expect(cursor, "}");
  return fields;
}

/** `T a, *b[4], c : 3;` or an anonymous `struct { … };` */
function parseField(cursor: Cursor, names: CNames, into: CField[]): void {
  const { start } = cursor.token;
  const before = fieldAttributes(cursor, names);
  const base = parseSpecifiers(cursor, names);
  if (base.kind === "inline" && (at(cursor, ";") || at(cursor, "}"))) {
    // A named struct inside another declares no field (C11 6.7.2.1): only an anonymous one does.
    if (base.definition.kind !== "enum") into.push({ name: "", type: base, span: spanFrom(cursor, start) });
  } else {
    do into.push({ ...before, ...parseMember(cursor, names, base) });
    while (accept(cursor, ","));
  }
  // As clang does, which only warns: the last field needs no semicolon.
  if (!at(cursor, "}")) expect(cursor, ";");
}

function parseMember(cursor: Cursor, names: CNames, base: CType): CField {
  const { start } = cursor.token;
  const before = fieldAttributes(cursor, names);
  const { name, type } = parseDeclarator(cursor, base, () => parseSize(cursor, names));
  const bitWidth = accept(cursor, ":") ? parseSize(cursor, names) : undefined;
  const attributes = { ...before, ...fieldAttributes(cursor, names) };
  const field: CField = { name, type, span: spanFrom(cursor, start), ...attributes };
  return bitWidth === undefined ? field : { ...field, bitWidth };
}

function fieldAttributes(cursor: Cursor, names: CNames): Partial<Attributes> {
  if (!at(cursor, "__attribute__")) return {};
  const { packed, alignedBytes } = parseAttributes(cursor, names);
  return { ...(packed ? { packed } : {}), ...(alignedBytes === undefined ? {} : { alignedBytes }) };
}

/** The type before the declarators: `const unsigned long`, `struct x`, `u32`. */
export function parseSpecifiers(cursor: Cursor, names: CNames): CType {
  while (isQualifier(cursor.token.text)) advance(cursor);
  const { text, kind } = cursor.token;
  if (kind !== "word") unexpected(cursor, "a type or '}'");
  const type = tag(text) === undefined ? parseNamed(cursor) : parseTagged(cursor, names);
  while (isQualifier(cursor.token.text)) advance(cursor);
  return type;
}

function parseNamed(cursor: Cursor): CType {
  if (isArithmeticWord(cursor.token.text)) return { kind: "named", name: parseArithmetic(cursor) };
  return { kind: "named", name: advance(cursor).text };
}

/** `__attribute__((packed, aligned(8)))`; attributes that do not change the layout are passed over. */
export function parseAttributes(cursor: Cursor, names: CNames, attributes: Attributes = { packed: false }): Attributes {
  while (accept(cursor, "__attribute__")) {
    expect(cursor, "(");
    expect(cursor, "(");
    while (!at(cursor, ")")) {
      const word = expectWord(cursor, "an attribute").text.replace(/^__(\w+)__$/, "$1");
      if (word === "packed") attributes.packed = true;
      if (word === "aligned") attributes.alignedBytes = parseAlignment(cursor, names);
      else if (at(cursor, "(")) skipParenthesis(cursor);
      if (!accept(cursor, ",")) break;
    }
    expect(cursor, ")");
    expect(cursor, ")");
  }
  return attributes;
}

/** `(n)`; a bare `aligned` is the largest alignment of the machine, 16 bytes on x86-64 and arm64. */
function parseAlignment(cursor: Cursor, names: CNames): number {
  if (!accept(cursor, "(")) return 16;
  const size = parseSize(cursor, names);
  expect(cursor, ")");
  return size;
}
