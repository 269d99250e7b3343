import type { BinaryOperator, CompoundOperator, Unary } from "../ast.ts";

/** How tightly a binary operator binds: 1 is the loosest. All of them group from the left. */
export interface BinaryRule {
  readonly operator: BinaryOperator;
  readonly precedence: number;
}

const levels: readonly (readonly BinaryOperator[])[] = [
  ["||"],
  ["&&"],
  ["|"],
  ["^"],
  ["&"],
  ["==", "!="],
  ["<", "<=", ">", ">="],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
];

/** Binary operators by their text. */
export const binaryRules: ReadonlyMap<string, BinaryRule> = new Map(
  levels.flatMap((operators, index) =>
    operators.map((operator): [string, BinaryRule] => [operator, { operator, precedence: index + 1 }]),
  ),
);

/** `+=` to its operator, and so on. */
export const compoundOperators: ReadonlyMap<string, CompoundOperator> = new Map([
  ["+=", "+"],
  ["-=", "-"],
  ["*=", "*"],
  ["/=", "/"],
  ["%=", "%"],
  ["<<=", "<<"],
  [">>=", ">>"],
  ["&=", "&"],
  ["|=", "|"],
  ["^=", "^"],
]);

/** Prefix operators by their text, without `++` and `--`. */
export const unaryOperators: ReadonlyMap<string, Unary["operator"]> = new Map([
  ["!", "!"],
  ["~", "~"],
  ["-", "-"],
  ["+", "+"],
  ["*", "*"],
  ["&", "&"],
]);
