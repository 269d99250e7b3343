import type { Expression } from "../ast.ts";
import type { Use } from "./builtin.ts";

/** The argument at `index`; undefined when there is none, or when it is a type. */
export function expressionAt(use: Use, index: number): Expression | undefined {
  const argument = use.args[index];
  return argument === undefined || argument.kind === "type-name" ? undefined : argument;
}
