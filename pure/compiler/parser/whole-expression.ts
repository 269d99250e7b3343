import type { Expression } from "../ast.ts";
import { Diagnostics } from "../diagnostic.ts";
import { cursorAt, type Grammar, recover } from "./cursor.ts";

/** All of `source` from `start` as one expression, or `undefined` when it is none. Nothing is told. */
export function wholeExpression(source: string, start: number, grammar: Grammar): Expression | undefined {
  const diagnostics = new Diagnostics();
  const cursor = cursorAt(source, start, diagnostics, grammar);
  const value = recover(
    cursor,
    () => grammar.expression(cursor),
    () => {},
  );
  return cursor.token.kind === "end" && !diagnostics.hasErrors ? value : undefined;
}
