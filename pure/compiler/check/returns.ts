import type { Return } from "../ast.ts";
import { isInteger, typeName } from "../semantics/types.ts";
import { readOperand } from "./readable.ts";
import type { UnitChecker } from "./unit-checker.ts";

/** `return e;` in a function; in a probe the value is what the probe returns, which those that run tests read. */
export function checkReturn(c: UnitChecker, statement: Return): void {
  const { value } = statement;
  const func = c.openFunction;
  const info = value && readOperand(c, c.check(value), value.span);
  if (!func) {
    if (info && value && !isInteger(info.type) && info.type.kind !== "bool" && info.type.kind !== "none")
      c.error(value.span, `Probe return values can only be integers. Found ${typeName(info.type)}`);
    return;
  }
  if (func.result && info && value) {
    c.unit.variables.set(statement, func.result);
    c.assign(func.result, info, value.span);
  } else if (func.result) c.error(statement.span, `${func.name}() must return a value`);
  else if (value) c.error(value.span, `${func.name}() is declared void and returns no value`);
}
