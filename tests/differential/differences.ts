/** Where bpftrace 0.17 gives another value than the rules of today's language, by what an expression has in it. */
import { evaluate, type Store } from "./evaluate.ts";
import { children, type Expression, some } from "./expressions.ts";

/** A way in which bpftrace 0.17 differs. */
export interface Difference {
  readonly reason: string;
  /** Whether an expression has in it what is computed otherwise; `store` holds what it reads. */
  readonly appliesTo: (e: Expression, store: Store) => boolean;
}

const isSigned = ({ type }: Expression) => type.kind === "int" && type.signed;
const isUnsigned = ({ type }: Expression) => type.kind === "bool" || (type.kind === "int" && !type.signed);
const isNarrow = ({ type }: Expression) => type.kind === "bool" || (type.kind === "int" && type.bits < 64);

/** Every way that is known. */
export const DIFFERENCES: readonly Difference[] = [
  {
    reason:
      "operands of different signs: 0.17 compares them as unsigned, has no literals that take the other's sign, and " +
      "keeps differences and negated numbers of unsigned operands unsigned, which decides the comparison they are in",
    appliesTo: (e) => e.kind === "comparison" && some(e, isSigned) && some(e, isUnsigned),
  },
  {
    reason: "- and ~ of a number that was cast: 0.17 computes in the width of the cast and pads with zeros",
    appliesTo: (e) => e.kind === "unary" && e.operator !== "!" && isNarrow(e.of) && e.of.kind !== "read",
  },
  {
    reason: "a cast of a cast, and arms of different widths: 0.17 pads with zeros what was cut to a signed type",
    appliesTo: (e) =>
      (e.kind === "cast" || e.kind === "choice") && children(e).some((of) => isNarrow(of) && of.kind !== "read"),
  },
  {
    reason: "division by zero: BPF gives 0, and the dividend as the remainder; today's bpftrace gives 1",
    appliesTo: (e, store) =>
      e.kind === "arithmetic" && (e.operator === "/" || e.operator === "%") && evaluate(e.right, store) === 0n,
  },
  {
    reason: "a shift by 64 bits or more: LLVM may make anything of it",
    appliesTo: (e, store) =>
      e.kind === "arithmetic" &&
      (e.operator === "<<" || e.operator === ">>") &&
      BigInt.asUintN(64, evaluate(e.right, store) as bigint) > 63n,
  },
];

/** Why an expression may give another value in bpftrace 0.17. */
export function differenceOf(e: Expression, store: Store): Difference | undefined {
  return DIFFERENCES.find(({ appliesTo }) => some(e, (inner) => appliesTo(inner, store)));
}
