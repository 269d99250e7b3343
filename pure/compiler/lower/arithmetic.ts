import type { CompoundOperator, Expression } from "../ast.ts";
import type { AluOperator, Operand } from "../ir/ir.ts";
import { strideOf, type Type } from "../semantics/types.ts";
import type { Lowerer } from "./lowerer.ts";

/** The operations of the language's operators. */
export const ALU_OPERATORS: Readonly<Record<CompoundOperator, AluOperator>> = {
  "+": "add",
  "-": "sub",
  "*": "mul",
  "/": "div",
  "%": "mod",
  "&": "and",
  "|": "or",
  "^": "xor",
  "<<": "lsh",
  ">>": "rsh",
};

/** An arithmetic operation with the language's own rules for pointers and for division by zero. */
export function arithmetic(
  l: Lowerer,
  alu: AluOperator,
  left: Operand,
  right: Operand,
  leftType: Type,
  rightType: Type,
  e: Expression | { readonly span: Expression["span"] },
): Operand {
  if (leftType.kind === "pointer" && rightType.kind !== "pointer" && (alu === "add" || alu === "sub")) {
    return l.b.alu(alu, left, scaled(l, right, leftType.to));
  }
  if (rightType.kind === "pointer" && leftType.kind !== "pointer" && alu === "add")
    return l.b.alu("add", right, scaled(l, left, rightType.to));
  if ((alu === "div" || alu === "mod") && typeof right === "number") return safeDivision(l, alu, left, right, e);
  return l.b.alu(alu, left, right);
}

function scaled(l: Lowerer, index: Operand, element: Type): Operand {
  return l.b.alu("mul", index, BigInt(strideOf(element)));
}

/** Dividing by zero gives 1, as bpftrace has it, and is counted. */
function safeDivision(
  l: Lowerer,
  alu: "div" | "mod",
  left: Operand,
  right: Operand,
  e: { readonly span: Expression["span"] },
): Operand {
  const result = l.b.copy(1n);
  const zeroBlock = l.b.block();
  const divide = l.b.block();
  const after = l.b.block();
  l.b.branch("eq", right, 0n, zeroBlock, divide);
  l.b.enter(zeroBlock);
  l.count({ kind: "division", at: e.span });
  l.b.jump(after);
  l.b.enter(divide);
  l.b.copy(l.b.alu(alu, left, right), result);
  l.b.jump(after);
  l.b.enter(after);
  return result;
}
