import type { Call, Expression, Identifier } from "../ast.ts";
import { intType, isAggregate } from "../semantics/types.ts";
import type { Info } from "./model.ts";

/** Castable aggregates are read as the integer that they stand for. */
export function readable(info: Info): Info {
  if (!isAggregate(info.type)) return info;
  return { type: intType(64, "signed" in info.type && info.type.signed) };
}

/** `count()` and its like, not a map that holds one. */
export function isAggregation(e: Expression, info: Info): e is Call | Identifier {
  return (e.kind === "call" || e.kind === "identifier") && isAggregate(info.type);
}
