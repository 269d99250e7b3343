import type { Expression } from "../ast.ts";
import { BUILTINS } from "../builtins/index.ts";
import { isCastable, type Type, typeName } from "../semantics/types.ts";
import type { UnitChecker } from "./unit-checker.ts";

/** What may stand where no value is needed: a call for its effect, and what chooses between such calls. */
export function mayBeVoid(e: Expression): boolean {
  switch (e.kind) {
    case "call":
      return true;
    case "identifier":
      return BUILTINS.has(e.name);
    case "block-expression":
    case "if-expression":
    case "conditional":
      return true;
    default:
      return false;
  }
}

const TRUE_OR_FALSE = new Set(["int", "bool", "enum", "pointer", "none", "ksym", "username", "timestamp"]);

/** Whether values of a type are true or false. */
export function hasTruth(type: Type): boolean {
  return TRUE_OR_FALSE.has(type.kind) || isCastable(type);
}

/** A predicate or condition: int, bool, pointer, or an aggregate that can be read. */
export function checkPredicate(c: UnitChecker, condition: Expression): void {
  const { type } = c.check(condition);
  if (hasTruth(type)) return;
  c.error(
    condition.span,
    `Invalid condition: a value of type '${typeName(type)}' is neither true nor false`,
    ...(type.kind === "string" ? ['compare it: $s != ""'] : []),
  );
}
