import { type Int, narrowInt, wrapInt } from "@beetrace/std";

/** `a + b` as a 64-bit integer of the kernel wraps. */
export function addInts(a: Int, b: Int, signed: boolean): Int {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isSafeInteger(sum) && (signed || sum >= 0)) return sum;
  }
  return narrowInt(wrapInt(BigInt(a) + BigInt(b), 64, signed));
}

/** `a / b` truncated toward zero; 0 when `b` is 0. */
export function divideInts(a: Int, b: Int): Int {
  if (typeof a === "number" && typeof b === "number") {
    const quotient = b === 0 ? 0 : (a - (a % b)) / b;
    return quotient === 0 ? 0 : quotient;
  }
  return BigInt(b) === 0n ? 0 : narrowInt(BigInt(a) / BigInt(b));
}

/** Negative when `a` comes before `b`, for `sort`. */
export function compareInts(a: Int, b: Int): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The integer as the kernel's unsigned comparison sees it. */
export function asUnsigned(value: Int): Int {
  return value < 0 ? BigInt.asUintN(64, BigInt(value)) : value;
}

/** The average of a total, truncated toward zero; 0 when nothing was counted. */
export function averageOf(value: { readonly total: Int; readonly count: Int }): Int {
  return divideInts(value.total, value.count);
}
