/** The types that preprocessed C declares. Functions, variables and what cannot be read are passed over. */
import type { CDefinition, CType } from "../c-ast.ts";
import { Diagnostics } from "../diagnostic.ts";
import { parseDeclarator } from "../parser/c-declarators.ts";
import { type CNames, parseAttributes, parseSize, parseSpecifiers } from "../parser/c-definitions.ts";
import { accept, advance, at, atEnd, type Cursor, cursorAt, expect, type Grammar, recover } from "../parser/cursor.ts";

/** What declarations add to. */
export interface Declarations {
  readonly definitions: CDefinition[];
  readonly typedefs: Map<string, CType>;
}

/** Reads all declarations of a text. Never fails. */
export function readDeclarations(text: string, grammar: Grammar, names: CNames, into: Declarations): void {
  const cursor = cursorAt(text, 0, new Diagnostics(), grammar);
  while (!atEnd(cursor)) {
    const { start } = cursor.token;
    const found: Declarations = { definitions: [], typedefs: new Map() };
    recover(cursor, () => readDeclaration(cursor, names, found), skipDeclaration);
    // A struct of which a field could not be read would have the fields behind it at wrong places.
    if (cursor.errors === 0) keep(found, into);
    cursor.errors = 0;
    cursor.lastErrorAt = -1;
    if (cursor.token.start === start && !atEnd(cursor)) advance(cursor);
  }
}

function keep(found: Declarations, { definitions, typedefs }: Declarations): void {
  for (const definition of found.definitions) definitions.push(definition);
  for (const [name, type] of found.typedefs) typedefs.set(name, type);
}

function readDeclaration(cursor: Cursor, names: CNames, into: Declarations): void {
  if (accept(cursor, ";") || accept(cursor, "}")) return;
  if (accept(cursor, "typedef")) readTypedef(cursor, names, into);
  else if (at(cursor, "struct") || at(cursor, "union") || at(cursor, "enum")) {
    const type = parseSpecifiers(cursor, names);
    if (type.kind === "inline") into.definitions.push(type.definition);
    if (!accept(cursor, ";")) skipDeclaration(cursor);
  } else skipDeclaration(cursor);
}

function readTypedef(cursor: Cursor, names: CNames, into: Declarations): void {
  const base = parseSpecifiers(cursor, names);
  let shared = base;
  do {
    parseAttributes(cursor, names);
    const { name, type } = parseDeclarator(cursor, shared, () => parseSize(cursor, names));
    parseAttributes(cursor, names);
    if (base.kind === "inline" && shared === base) {
      // A struct without a tag is shown by the name of its typedef, and is the same one under each of them.
      const definition = base.definition.name === "" ? { ...base.definition, name } : base.definition;
      into.definitions.push(definition);
      shared = { kind: definition.kind, name: definition.name };
      if (type === base) {
        into.typedefs.set(name, shared);
        continue;
      }
    }
    if (name !== "") into.typedefs.set(name, type);
  } while (accept(cursor, ","));
  expect(cursor, ";");
}

/** Goes beyond a declaration that is none of a type: to its semicolon, or the body of its function. */
function skipDeclaration(cursor: Cursor): void {
  let open = 0;
  let initialized = false;
  while (!atEnd(cursor)) {
    const { text } = advance(cursor);
    if (text === "{" || text === "(") open++;
    else if (text === "}" || text === ")") open--;
    if (text === "=" && open === 0) initialized = true;
    if (open <= 0 && (text === ";" || (text === "}" && !initialized))) return;
  }
}
