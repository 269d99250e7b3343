import type { Call, Expression, Identifier, Span } from "../ast.ts";
import { intType, isAggregate, isCastable, typeName } from "../semantics/types.ts";
import type { Info } from "./model.ts";

/** Castable aggregates are read as the integer that they stand for. */
export function readable(info: Info): Info {
  if (!isAggregate(info.type)) return info;
  return { type: intType(64, "signed" in info.type && info.type.signed) };
}

/** A value to compute with: aggregates that stand for a number are read, others are told off. */
export function readOperand(c: { error(span: Span, message: string): Info }, info: Info, span: Span): Info {
  if (!isAggregate(info.type) || isCastable(info.type)) return readable(info);
  return c.error(span, `A value of type '${typeName(info.type)}' cannot be used in an expression`);
}

/** What an expression gives its value: the last one of a block, and of a block in that. */
export function blockResult(e: Expression): Expression {
  let result = e;
  while (result.kind === "block-expression" && result.block.value) result = result.block.value;
  return result;
}

/** `count()` and its like, not a map that holds one. */
export function isAggregation(e: Expression, info: Info): e is Call | Identifier {
  return (e.kind === "call" || e.kind === "identifier") && isAggregate(info.type);
}
