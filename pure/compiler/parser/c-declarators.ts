import type { CType } from "../c-ast.ts";
import { accept, advance, at, type Cursor, enter, expect, skipParenthesis } from "./cursor.ts";
import { isQualifier } from "./type-names.ts";

/** A declared name with its type. The name is empty for an unnamed bitfield. */
export interface Declared {
  readonly name: string;
  readonly type: CType;
}

interface Declarator {
  readonly name: string;
  /** The type of the name, from the type that stands before the declarator. */
  readonly apply: (base: CType) => CType;
}

/** Reads `*name[4]`, `(*name)(int)` and the like after the type `base`; `parseSize` reads an array size. */
export function parseDeclarator(cursor: Cursor, base: CType, parseSize: () => number): Declared {
  const { name, apply } = readDeclarator(cursor, parseSize);
  return { name, type: apply(base) };
}

/** C's declarators read from the inside out (C11 6.7.6): suffixes bind before pointers, parentheses change that. */
function readDeclarator(cursor: Cursor, parseSize: () => number): Declarator {
  enter(cursor);
  const pointers = readPointers(cursor);
  const inner = readDirect(cursor, parseSize);
  const suffixes = readSuffixes(cursor, parseSize);
  cursor.depth--;
  const apply = (base: CType): CType => {
    let type = base;
    for (let i = 0; i < pointers; i++) type = { kind: "pointer", to: type };
    for (const suffix of suffixes) type = suffix(type);
    return inner.apply(type);
  };
  return { name: inner.name, apply };
}

function readPointers(cursor: Cursor): number {
  let pointers = 0;
  while (at(cursor, "*") || isQualifier(cursor.token.text)) {
    if (advance(cursor).text === "*") pointers++;
  }
  return pointers;
}

function readDirect(cursor: Cursor, parseSize: () => number): Declarator {
  if (accept(cursor, "(")) {
    const inner = readDeclarator(cursor, parseSize);
    expect(cursor, ")");
    return inner;
  }
  const name = cursor.token.kind === "word" ? advance(cursor).text : "";
  return { name, apply: (base) => base };
}

/** `[2][3]`, the last first: an array of 2 arrays of 3. */
function readSuffixes(cursor: Cursor, parseSize: () => number): ((base: CType) => CType)[] {
  const suffixes: ((base: CType) => CType)[] = [];
  for (;;) {
    if (at(cursor, "(")) {
      skipParenthesis(cursor);
      suffixes.unshift(() => ({ kind: "function" }));
    } else if (accept(cursor, "[")) {
      const count = at(cursor, "]") ? undefined : parseSize();
      expect(cursor, "]");
      suffixes.unshift((of) => (count === undefined ? { kind: "array", of } : { kind: "array", of, count }));
    } else {
      return suffixes;
    }
  }
}
