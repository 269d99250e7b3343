/** Calls of the script's own functions: their bodies stand in place, and `return` goes behind them. */
import { invariant } from "@beetrace/std";
import type { InlineCall } from "../ast.ts";
import { isScalar } from "../semantics/types.ts";
import type { Lowerer } from "./lowerer.ts";
import { readScalar } from "./memory.ts";
import { NO_VALUE, scalar, type Value } from "./place.ts";
import { assignVariable, clearVariable } from "./statements.ts";

/** The value that the function returned. */
export function inlineCallValue(l: Lowerer, e: InlineCall): Value {
  e.params.forEach((param, index) => {
    const argument = e.args[index];
    invariant(argument.kind !== "type-name", "the checker refuses types");
    assignVariable(l, param, argument);
  });
  const result = l.unit.variables.get(e);
  if (result) clearVariable(l, e);
  const after = l.b.block();
  const leave = l.onReturn;
  l.onReturn = () => l.b.jump(after);
  l.block(e.body);
  l.onReturn = leave;
  l.b.jump(after);
  l.b.enter(after);
  if (!result) return NO_VALUE;
  const home = l.home(result);
  if (home.kind === "reg") return scalar(l.b.copy(home.reg));
  return isScalar(result.type) ? scalar(readScalar(l, home.place, result.type)) : { kind: "place", place: home.place };
}
