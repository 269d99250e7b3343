import { type Int, narrowInt } from "@beetrace/std";
import { decoder } from "./decode.ts";
import type { Memory } from "./memory.ts";
import type { ValueType } from "./type.ts";

/**
 * Arithmetic with fractions: BPF has no floating point, so the kernel sends the integers and user space computes,
 * in IEEE doubles. A field is an integer, boolean, enum or pointer of the event.
 */
export type DecimalExpression =
  | { readonly kind: "literal"; readonly value: number }
  | { readonly kind: "field"; readonly offset: number; readonly type: ValueType }
  | { readonly kind: "unary"; readonly op: "-"; readonly operand: DecimalExpression }
  | {
      readonly kind: "binary";
      readonly op: "+" | "-" | "*" | "/" | "%";
      readonly left: DecimalExpression;
      readonly right: DecimalExpression;
    };

/** The expression as a function of the event that starts at `base`. Division by zero gives an infinity or NaN. */
export function decimalEvaluator(expression: DecimalExpression): (memory: Memory, base: number) => number {
  switch (expression.kind) {
    case "literal": {
      const { value } = expression;
      return () => value;
    }
    case "field": {
      const { offset } = expression;
      const decode = decoder(expression.type);
      return (memory, base) => Number(decode(memory, base + offset));
    }
    case "unary": {
      const operand = decimalEvaluator(expression.operand);
      return (memory, base) => -operand(memory, base);
    }
    case "binary":
      return binaryEvaluator(expression.op, decimalEvaluator(expression.left), decimalEvaluator(expression.right));
  }
}

type Evaluator = (memory: Memory, base: number) => number;

function binaryEvaluator(op: "+" | "-" | "*" | "/" | "%", left: Evaluator, right: Evaluator): Evaluator {
  switch (op) {
    case "+":
      return (memory, base) => left(memory, base) + right(memory, base);
    case "-":
      return (memory, base) => left(memory, base) - right(memory, base);
    case "*":
      return (memory, base) => left(memory, base) * right(memory, base);
    case "/":
      return (memory, base) => left(memory, base) / right(memory, base);
    case "%":
      return (memory, base) => left(memory, base) % right(memory, base);
  }
}

/** The double truncated toward zero to a 64-bit integer; 0 when it is not finite. */
export function truncateDecimal(value: number): Int {
  if (!Number.isFinite(value)) return 0;
  const whole = Math.trunc(value);
  return Number.isSafeInteger(whole) ? whole : narrowInt(BigInt.asIntN(64, BigInt(whole)));
}

/** The conversions of C for doubles. */
export type DecimalStyle = "f" | "F" | "e" | "E" | "g" | "G";

/**
 * The digits of |value| as C's printf writes them: exact, halves to even, `inf` and `nan` by name. `alternate` (the
 * `#` flag) keeps the point and %g's trailing zeros. The sign is the caller's.
 */
export function decimalDigits(value: number, style: DecimalStyle, precision = 6, alternate = false): string {
  const magnitude = Math.abs(value);
  const lower = Number.isFinite(magnitude) ? finiteDigits(magnitude, style, precision, alternate) : nameOf(magnitude);
  return style === "F" || style === "E" || style === "G" ? lower.toUpperCase() : lower;
}

function nameOf(magnitude: number): string {
  return Number.isNaN(magnitude) ? "nan" : "inf";
}

function finiteDigits(magnitude: number, style: DecimalStyle, precision: number, alternate: boolean): string {
  switch (style) {
    case "f":
    case "F":
      return fixedDigits(magnitude, precision, alternate);
    case "e":
    case "E":
      return exponentDigits(magnitude, precision, alternate).text;
    case "g":
    case "G":
      return generalDigits(magnitude, precision === 0 ? 1 : precision, alternate);
  }
}

/** %g: %e when the exponent is below -4 or not below the precision, else %f; without trailing zeros. */
function generalDigits(magnitude: number, significant: number, alternate: boolean): string {
  const { text, exponent } = exponentDigits(magnitude, significant - 1, alternate);
  const scientific = exponent < -4 || exponent >= significant;
  const digits = scientific ? text : fixedDigits(magnitude, significant - 1 - exponent, alternate);
  return alternate ? digits : digits.replace(/(\.\d*?)0+(?=e|$)/, "$1").replace(/\.(?=e|$)/, "");
}

function fixedDigits(magnitude: number, precision: number, alternate: boolean): string {
  const digits = quickFixed(magnitude, precision) ?? exactFixed(magnitude, precision);
  return alternate && precision === 0 ? `${digits}.` : digits;
}

/** `toFixed` is exact but rounds halves up: any value that may be a half takes the exact way. */
function quickFixed(magnitude: number, precision: number): string | undefined {
  if (magnitude >= 2 ** 50 || precision > 20) return undefined;
  const scaled = magnitude * 10 ** precision;
  return scaled < 2 ** 51 && scaled % 1 !== 0.5 ? magnitude.toFixed(precision) : undefined;
}

function exactFixed(magnitude: number, precision: number): string {
  const { numerator, denominator } = ratioOf(magnitude);
  const digits = String(roundedRatio(numerator * 10n ** BigInt(precision), denominator)).padStart(precision + 1, "0");
  return precision === 0 ? digits : `${digits.slice(0, -precision)}.${digits.slice(-precision)}`;
}

function exponentDigits(magnitude: number, precision: number, alternate: boolean) {
  const { digits, exponent } = significantDigits(magnitude, precision + 1);
  const point = precision > 0 || alternate ? "." : "";
  const power = String(Math.abs(exponent)).padStart(2, "0");
  return { text: `${digits[0]}${point}${digits.slice(1)}e${exponent < 0 ? "-" : "+"}${power}`, exponent };
}

function significantDigits(magnitude: number, count: number): { readonly digits: string; readonly exponent: number } {
  if (magnitude === 0) return { digits: "0".repeat(count), exponent: 0 };
  const { numerator, denominator } = ratioOf(magnitude);
  // The shortest form's exponent can be one off after rounding, in either direction.
  let exponent = Number(magnitude.toExponential().split("e")[1]);
  for (;;) {
    const shift = count - 1 - exponent;
    const digits = String(
      shift >= 0
        ? roundedRatio(numerator * 10n ** BigInt(shift), denominator)
        : roundedRatio(numerator, denominator * 10n ** BigInt(-shift)),
    );
    if (digits.length === count) return { digits, exponent };
    exponent += digits.length > count ? 1 : -1;
  }
}

/** Halves go to the even neighbour. */
function roundedRatio(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  return twice > denominator || (twice === denominator && quotient % 2n === 1n) ? quotient + 1n : quotient;
}

/** The exact value of a finite, non-negative double. */
function ratioOf(magnitude: number): { readonly numerator: bigint; readonly denominator: bigint } {
  let scaled = magnitude;
  let denominator = 1n;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    denominator *= 2n;
  }
  return { numerator: BigInt(scaled), denominator };
}
