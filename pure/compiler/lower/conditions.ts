/** Conditions as branches: no truth value is made where only a way is chosen. */
import { invariant } from "@beetrace/std";
import type { Binary, Expression } from "../ast.ts";
import { comparesSigned } from "../check/operators.ts";
import type { BlockId, Condition } from "../ir/ir.ts";
import { aggregateValue, isAggregate, isScalar, type Type } from "../semantics/types.ts";
import { compareMemory } from "./compare.ts";
import type { Lowerer } from "./lowerer.ts";

const UNSIGNED: Partial<Record<Binary["operator"], Condition>> = {
  "==": "eq",
  "!=": "ne",
  "<": "lt",
  "<=": "le",
  ">": "gt",
  ">=": "ge",
};
const SIGNED: Partial<Record<Binary["operator"], Condition>> = {
  ...UNSIGNED,
  "<": "slt",
  "<=": "sle",
  ">": "sgt",
  ">=": "sge",
};

/** Goes to `yes` or `no`. */
export function lowerCondition(l: Lowerer, e: Expression, yes: BlockId, no: BlockId): void {
  const { constant } = l.info(e);
  l.at(e.span);
  if (constant !== undefined && typeof constant !== "string") {
    l.b.jump(constant ? yes : no);
    return;
  }
  if (e.kind === "unary" && e.operator === "!") return lowerCondition(l, e.operand, no, yes);
  if (e.kind === "binary" && (e.operator === "&&" || e.operator === "||")) {
    const second = l.b.block();
    if (e.operator === "&&") lowerCondition(l, e.left, second, no);
    else lowerCondition(l, e.left, yes, second);
    l.b.enter(second);
    return lowerCondition(l, e.right, yes, no);
  }
  const condition = e.kind === "binary" ? (signedComparison(l, e) ? SIGNED : UNSIGNED)[e.operator] : undefined;
  if (e.kind === "binary" && condition) return compare(l, e, condition, yes, no);
  l.b.branch("ne", l.scalar(e), 0n, yes, no);
}

function compare(l: Lowerer, e: Binary, condition: Condition, yes: BlockId, no: BlockId): void {
  const isText = (type: Type) => type.kind === "string" || type.kind === "probe";
  const [left, right] = [l.type(e.left), l.type(e.right)];
  if ((isText(left) && isText(right)) || !isComparable(left) || !isComparable(right)) {
    invariant(condition === "eq" || condition === "ne", "memory is compared for equality only");
    return condition === "eq" ? compareMemory(l, e, yes, no) : compareMemory(l, e, no, yes);
  }
  const a = l.scalar(e.left);
  const b = l.scalar(e.right);
  l.at(e.operatorSpan);
  l.b.branch(condition, a, b, yes, no);
}

function isComparable(type: Type): boolean {
  return isScalar(type) || ["count", "sum", "min", "max", "avg"].includes(type.kind);
}

/** Whether two integers are compared as signed. */
function signedComparison(l: Lowerer, e: Binary): boolean {
  return comparesSigned(asInteger(l.type(e.left)), asInteger(l.type(e.right)));
}

function asInteger(type: Type): Type {
  return isAggregate(type) ? aggregateValue(type) : type;
}
