/** The fields of an event: where each argument of printf and print stands, and how it is written there. */
import { alignOf, type DecimalExpression, type PrintfArg, sizeOf } from "@beetrace/output";
import { invariant } from "@beetrace/std";
import type { Expression } from "../ast.ts";
import { EVENT_HEADER_BYTES } from "../compiled.ts";
import type { Operand } from "../ir/ir.ts";
import { alignUp, layoutOf } from "../semantics/storage.ts";
import { INT64, isAggregate, isScalar, type Type, UINT64 } from "../semantics/types.ts";
import type { Lowerer } from "./lowerer.ts";
import { copyBytes } from "./memory.ts";
import { type Place, shifted } from "./place.ts";

/** A value on its way into an event. */
export interface EventField {
  readonly offset: number;
  readonly type: Type;
  readonly expression: Expression;
  /** Already computed, for what must not run while an event is reserved. */
  readonly ready?: { readonly operand: Operand } | { readonly place: Place };
}

export interface EventFields {
  readonly fields: readonly EventField[];
  readonly args: readonly PrintfArg[];
  readonly sizeBytes: number;
}

/** Lays out the arguments behind the header. Arguments with effects are computed now, in their order. */
export function eventFields(l: Lowerer, args: readonly Expression[]): EventFields {
  const fields: EventField[] = [];
  let at = EVENT_HEADER_BYTES;
  const place = (expression: Expression): { offset: number; type: Type } => {
    const own = l.type(expression);
    const type = isAggregate(own) ? ("signed" in own && own.signed ? INT64 : UINT64) : own;
    const layout = layoutOf(type);
    const offset = alignUp(at, alignOf(layout));
    at = offset + sizeOf(layout);
    fields.push({ offset, type, expression, ...prepared(l, expression, type) });
    return { offset, type };
  };
  const printed = args.map((arg): PrintfArg => {
    if (l.type(arg).kind === "decimal") return { decimal: decimalOf(l, arg, place) };
    const { offset, type } = place(arg);
    return { offset, type: layoutOf(type) };
  });
  return { fields, args: printed, sizeBytes: alignUp(at, 8) };
}

function prepared(l: Lowerer, e: Expression, type: Type): Pick<EventField, "ready"> {
  if (isSimple(e)) return {};
  return { ready: isScalar(type) ? { operand: l.b.inReg(l.scalar(e)) } : { place: l.stored(e, type) } };
}

/** Nothing in it leaves the probe or changes anything. */
function isSimple(e: Expression): boolean {
  switch (e.kind) {
    case "step":
    case "block-expression":
    case "if-expression":
      return false;
    case "unary":
    case "cast":
      return isSimple(e.operand);
    case "binary":
      return isSimple(e.left) && isSimple(e.right);
    case "conditional":
      return isSimple(e.condition) && (!e.then || isSimple(e.then)) && isSimple(e.else);
    case "field":
      return isSimple(e.object);
    case "index":
      return isSimple(e.object) && isSimple(e.index);
    case "tuple":
      return e.elements.every(isSimple);
    case "record":
      return e.fields.every((field) => isSimple(field.value));
    case "map":
      return e.key === undefined || isSimple(e.key);
    case "call":
      return e.args.every((arg) => arg.kind === "type-name" || isSimple(arg));
    default:
      return true;
  }
}

/** The operators of decimals stay for user space; what is under them is computed in the kernel. */
function decimalOf(l: Lowerer, e: Expression, place: (e: Expression) => { offset: number; type: Type }): DecimalExpression {
  if (e.kind === "decimal") return { kind: "literal", value: e.value };
  const { constant, type } = l.info(e);
  if (typeof constant === "bigint") return { kind: "literal", value: Number(constant) };
  if (type.kind !== "decimal") {
    const field = place(e);
    return { kind: "field", offset: field.offset, type: layoutOf(field.type) };
  }
  if (e.kind === "unary" && e.operator === "-") return { kind: "unary", op: "-", operand: decimalOf(l, e.operand, place) };
  invariant(e.kind === "binary", "decimals are made by operators");
  const op = e.operator as "+" | "-" | "*" | "/" | "%";
  return { kind: "binary", op, left: decimalOf(l, e.left, place), right: decimalOf(l, e.right, place) };
}

/** Writes the fields of an event. */
export function writeFields(l: Lowerer, record: Place, fields: readonly EventField[]): void {
  for (const { offset, type, expression, ready } of fields) {
    const to = shifted(record, offset);
    if (!ready) l.into(expression, type, to);
    else if ("operand" in ready) l.store(to, type, ready.operand);
    else copyBytes(l, to, ready.place, sizeOf(layoutOf(type)));
  }
}
