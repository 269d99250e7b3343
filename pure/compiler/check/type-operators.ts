/** `typeof` and `typeinfo`: what is known of a type, when the script is compiled. */
import type { Binary, Expression, FieldAccess, TypeOperator } from "../ast.ts";
import { BOOL, NONE, stringOf, type Type, typeName } from "../semantics/types.ts";
import type { Info } from "./model.ts";
import type { UnitChecker } from "./unit-checker.ts";

/** `typeinfo(x)` is a record of two texts; `typeof(x)` has no value of its own. */
export function checkTypeOperator(c: UnitChecker, e: TypeOperator): Info {
  const { type } = c.check(e.operand);
  if (e.kind === "typeof")
    return c.error(e.span, "typeof() stands where a type does, or in a comparison: typeof(a) == typeof(b)");
  const fields = typeFields(type).map(([name, text]) => ({ name, type: stringOf(text.length + 1) }));
  return { type: { kind: "record", fields } };
}

/** The fields of `typeinfo`: the kind of a type, and its whole name. */
export function typeFields(type: Type): readonly (readonly [name: string, text: string])[] {
  return [
    ["base_type", baseName(type)],
    ["full_type", typeName(type)],
  ];
}

function baseName(type: Type): string {
  return type.kind === "struct" ? type.tag : type.kind;
}

/** `typeinfo(x).base_type`, whose value is known. */
export function checkTypeField(c: UnitChecker, e: FieldAccess, operator: TypeOperator): Info {
  const { type } = c.check(operator.operand);
  const names = typeFields(type);
  const field = names.find(([name]) => name === e.field);
  if (type.kind === "none") return { type: NONE };
  if (!field) return c.error(e.fieldSpan, `typeinfo() has no field '${e.field}'`, "it has base_type and full_type");
  return { type: stringOf(field[1].length + 1), constant: field[1] };
}

/** `typeof(a) == typeof(b)`; `undefined` when this is no comparison of types. */
export function checkTypeComparison(c: UnitChecker, e: Binary): Info | undefined {
  if (!isTypeOperator(e.left) || !isTypeOperator(e.right) || (e.operator !== "==" && e.operator !== "!="))
    return undefined;
  const [left, right] = [e.left, e.right].map(({ operand }) => c.check(operand).type);
  if (left.kind === "none" || right.kind === "none") return { type: BOOL };
  return { type: BOOL, constant: (typeName(left) === typeName(right)) === (e.operator === "==") };
}

function isTypeOperator(e: Expression): e is TypeOperator {
  return e.kind === "typeof" || e.kind === "typeinfo";
}
