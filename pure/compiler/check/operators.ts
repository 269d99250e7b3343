/** Types of operators: the rules N1 to N17 and O1 to O12 of the language. */
import type { Binary, BinaryOperator, CompoundOperator, Span } from "../ast.ts";
import {
  BOOL,
  bitsOf,
  type EnumType,
  INT64,
  type IntType,
  intType,
  isInteger,
  isSigned,
  literalType,
  NONE,
  type PointerType,
  pointerTo,
  sameType,
  signBeside,
  type Type,
  typeName,
  UINT64,
  unify,
  unifyInts,
  wrapped,
} from "../semantics/types.ts";
import type { Info } from "./model.ts";
import { readOperand } from "./readable.ts";
import { checkTypeComparison } from "./type-operators.ts";
import type { UnitChecker } from "./unit-checker.ts";

const COMPARISONS = new Set<BinaryOperator>(["==", "!=", "<", "<=", ">", ">="]);

/** The type of an operation, `bool` for comparisons and logic, and its value where both sides are known. */
export function checkBinary(c: UnitChecker, expression: Binary): Info {
  const types = checkTypeComparison(c, expression);
  if (types) return types;
  const left = readOperand(c, c.check(expression.left), expression.left.span);
  const right = readOperand(c, c.check(expression.right), expression.right.span);
  const { operator } = expression;
  const truth = COMPARISONS.has(operator) || operator === "&&" || operator === "||";
  if (truth && (left.type.kind === "none" || right.type.kind === "none")) return { type: BOOL };
  if (operator === "&&" || operator === "||") return checkLogical(c, operator, left, right, expression);
  if (COMPARISONS.has(operator)) return checkComparison(c, operator, left, right, expression);
  return binaryType(c, operator as CompoundOperator, left, right, expression.span, expression.right.span);
}

function bothLiteral(left: Info, right: Info): { readonly literal?: boolean } {
  return left.literal && right.literal ? { literal: true } : {};
}

function truthy(info: Info): boolean | undefined {
  return info.constant === undefined || typeof info.constant === "string" ? undefined : Boolean(info.constant);
}

function checkLogical(c: UnitChecker, operator: "&&" | "||", left: Info, right: Info, expression: Binary): Info {
  for (const [info, side] of [
    [left, expression.left],
    [right, expression.right],
  ] as const) {
    if (!["int", "bool", "enum", "pointer", "ksym", "username", "timestamp"].includes(info.type.kind)) {
      c.error(
        side.span,
        `The operands of ${operator} must be numbers, booleans or pointers ('${typeName(info.type)}' provided)`,
      );
    }
  }
  const [a, b] = [truthy(left), truthy(right)];
  if (a !== undefined && b !== undefined) {
    return { type: BOOL, constant: operator === "&&" ? a && b : a || b, ...bothLiteral(left, right) };
  }
  return { type: BOOL };
}

function checkComparison(c: UnitChecker, operator: BinaryOperator, left: Info, right: Info, expression: Binary): Info {
  const [a, b] = [left.type, right.type];
  const texts = [a, b].every((type) => type.kind === "string" || type.kind === "probe");
  if (texts) {
    if (typeof left.constant === "string" && typeof right.constant === "string") {
      return { type: BOOL, constant: compare(operator, left.constant, right.constant) };
    }
    if (operator === "==" || operator === "!=") return { type: BOOL };
    return c.error(
      expression.span,
      `The ${operator} operator can not be used on strings`,
      "strings can be compared with == and !=",
    );
  }
  const numeric = (type: Type) => isInteger(type) || type.kind === "bool" || type.kind === "decimal";
  if (numeric(a) && numeric(b)) {
    if (a.kind === "decimal" || b.kind === "decimal")
      return c.error(expression.span, "Decimal numbers cannot be compared: BPF has no floating point");
    if (typeof left.constant === "bigint" && typeof right.constant === "bigint") {
      return { type: BOOL, constant: compareConstants(operator, left, right), ...bothLiteral(left, right) };
    }
    warnSigns(c, left, right, expression.span);
    return { type: BOOL };
  }
  const addressLike = (type: Type) =>
    type.kind === "pointer" ||
    type.kind === "ksym" ||
    isInteger(type) ||
    type.kind === "username" ||
    type.kind === "timestamp" ||
    type.kind === "cgroup-path";
  if (addressLike(a) && addressLike(b)) {
    if (a.kind === "pointer" && b.kind === "pointer") warnPointers(c, a, b, expression.span);
    return { type: BOOL };
  }
  if (a.kind === b.kind && (operator === "==" || operator === "!=") && unify(a, b)) return { type: BOOL };
  return c.error(expression.span, `Type mismatch for '${operator}': comparing '${typeName(a)}' with '${typeName(b)}'`);
}

function compare<T extends bigint | string>(operator: BinaryOperator, a: T, b: T): boolean {
  switch (operator) {
    case "==":
      return a === b;
    case "!=":
      return a !== b;
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    default:
      return a >= b;
  }
}

/** Literals are compared as they are, other constants as they would be when the script runs. */
function compareConstants(operator: BinaryOperator, left: Info, right: Info): boolean {
  const [a, b] = [left.constant as bigint, right.constant as bigint];
  if ((left.literal && right.literal) || !isInteger(left.type) || !isInteger(right.type))
    return compare(operator, a, b);
  const type = unifyInts(left.type, right.type);
  return compare(operator, wrapped(type, a), wrapped(type, b));
}

/** Whether two integers are compared as signed: if the type that holds both is. */
export function comparesSigned(left: Type, right: Type): boolean {
  return isInteger(left) && isInteger(right) && unifyInts(left, right).signed;
}

function warnSigns(c: UnitChecker, left: Info, right: Info, span: Span): void {
  if (!isInteger(left.type) || !isInteger(right.type)) return;
  if (signBeside(left.type, right.type) === signBeside(right.type, left.type)) return;
  if (bitsOf(left.type) < 64 && !left.type.signed) return;
  if (bitsOf(right.type) < 64 && !right.type.signed) return;
  c.warning(
    span,
    `comparison of integers of different signs: '${typeName(left.type)}' and '${typeName(right.type)}' can lead to undefined behavior`,
  );
}

function warnPointers(c: UnitChecker, a: PointerType, b: PointerType, span: Span): void {
  if (!sameType(a.to, b.to) && a.to.kind !== "none" && b.to.kind !== "none")
    c.warning(span, `comparison of distinct pointer types: ${typeName(a)}, ${typeName(b)}`);
  warnSpaces(c, a, b, span);
}

/** A pointer into a process is none into the kernel. */
function warnSpaces(c: UnitChecker, a: PointerType, b: PointerType, span: Span): void {
  if (a.space === "none" || b.space === "none") return;
  if ((a.space === "user") !== (b.space === "user"))
    c.warning(span, "Addrspace mismatch", "kptr(p) and uptr(p) say whose memory a pointer points into");
}

/** The type (and constant) of an arithmetic or bitwise operation. */
export function binaryType(
  c: UnitChecker,
  operator: CompoundOperator,
  left: Info,
  right: Info,
  span: Span,
  rightSpan: Span,
): Info {
  const [a, b] = [left.type, right.type];
  // A map or variable that is made from itself (`@x = @x + 1`): the other side tells what it is.
  if (a.kind === "none" && b.kind !== "none")
    return isInteger(b) ? { type: operator === "-" ? INT64 : widest(b) } : { type: NONE };
  if (b.kind === "none") return { type: isInteger(a) ? widest(a) : NONE };
  if (a.kind === "decimal" || b.kind === "decimal") return decimalOperation(c, operator, a, b, span);
  if (a.kind === "pointer" || b.kind === "pointer") return pointerOperation(c, operator, a, b, span);
  if (
    a.kind === "string" &&
    b.kind === "int" &&
    operator === "+" &&
    typeof left.constant === "string" &&
    typeof right.constant === "bigint"
  ) {
    const constant = left.constant.slice(Number(right.constant));
    return { type: { kind: "string", size: constant.length + 1 }, constant };
  }
  const number = (type: Type) =>
    isInteger(type) ||
    type.kind === "bool" ||
    type.kind === "ksym" ||
    type.kind === "timestamp" ||
    type.kind === "username";
  if (!number(a) || !number(b)) {
    return c.error(
      span,
      `The ${operator} operator can not be used on expressions of types '${typeName(a)}', '${typeName(b)}'`,
    );
  }
  if (typeof left.constant === "bigint" && typeof right.constant === "bigint") {
    return foldInts(c, operator, left, right, span, rightSpan);
  }
  if ((operator === "/" || operator === "%") && right.constant === 0n) return c.error(rightSpan, "Division by zero");
  if (!shiftsInside(operator, right)) return c.error(rightSpan, `A shift by ${right.constant}: it must be 0 to 63`);
  if (
    (operator === "/" || operator === "%") &&
    (signBeside(left.type, right.type) || signBeside(right.type, left.type))
  ) {
    c.warning(
      span,
      `signed operands for '${operator}' can lead to undefined behavior (cast to unsigned to silence warning)`,
      `BPF divides unsigned: a negative number gives a huge result; (uint64) says that it is never negative`,
    );
  }
  return { type: resultType(operator, left, right) };
}

/** Rules N2, N3 and O3. */
function resultType(operator: CompoundOperator, left: Info, right: Info): IntType {
  if (operator === "<<" || operator === ">>") return intType(64, isSigned(left.type));
  if (operator === "-") return INT64;
  return signBeside(left.type, right.type) || signBeside(right.type, left.type) ? INT64 : UINT64;
}

function widest(type: IntType | EnumType): IntType {
  return type.signed ? INT64 : UINT64;
}

function decimalOperation(c: UnitChecker, operator: CompoundOperator, a: Type, b: Type, span: Span): Info {
  const fine = (type: Type) => type.kind === "decimal" || isInteger(type);
  if (!["+", "-", "*", "/", "%"].includes(operator) || !fine(a) || !fine(b)) {
    return c.error(
      span,
      `The ${operator} operator can not be used on expressions of types '${typeName(a)}', '${typeName(b)}'`,
    );
  }
  return { type: { kind: "decimal" } };
}

/** A pointer to somewhere else: how many bytes are there is not known. */
function moved(type: PointerType): PointerType {
  return type.room === undefined ? type : pointerTo(type.to, type.space);
}

function pointerOperation(c: UnitChecker, operator: CompoundOperator, a: Type, b: Type, span: Span): Info {
  if (a.kind === "pointer" && isInteger(b) && (operator === "+" || operator === "-")) return { type: moved(a) };
  if (b.kind === "pointer" && isInteger(a) && operator === "+") return { type: moved(b) };
  if (a.kind === "pointer" && b.kind === "pointer" && operator === "-") {
    warnSpaces(c, a, b, span);
    return { type: INT64 };
  }
  if ((a.kind === "pointer" || isInteger(a)) && (b.kind === "pointer" || isInteger(b)) && "&|^%".includes(operator))
    return { type: UINT64 };
  return c.error(
    span,
    `The ${operator} operator can not be used on expressions of types '${typeName(a)}', '${typeName(b)}'`,
  );
}

function foldInts(
  c: UnitChecker,
  operator: CompoundOperator,
  left: Info,
  right: Info,
  span: Span,
  rightSpan: Span,
): Info {
  const a = left.constant as bigint;
  const b = right.constant as bigint;
  if ((operator === "/" || operator === "%") && b === 0n) return c.error(rightSpan, "Division by zero");
  if (!shiftsInside(operator, right)) return c.error(rightSpan, `A shift by ${b}: it must be 0 to 63`);
  if (!left.literal || !right.literal) {
    const type = resultType(operator, left, right);
    return { type, constant: wrapped(type, foldedValue(operator, ...operands(operator, a, b))) };
  }
  const value = foldedValue(operator, a, b);
  if (value > 0xffffffffffffffffn || value < -0x8000000000000000n) {
    return c.error(span, `${a} ${operator} ${b} is out of range of 64 bits`);
  }
  return { type: literalType(value), constant: value, literal: true };
}

/** A constant shift must be one of 64 bits. */
function shiftsInside(operator: CompoundOperator, { constant }: Info): boolean {
  return (
    (operator !== "<<" && operator !== ">>") || typeof constant !== "bigint" || (constant >= 0n && constant <= 63n)
  );
}

/** The operands as BPF takes them: it divides, and shifts to the right, without signs. */
function operands(operator: CompoundOperator, a: bigint, b: bigint): [bigint, bigint] {
  return ["/", "%", ">>"].includes(operator) ? [BigInt.asUintN(64, a), BigInt.asUintN(64, b)] : [a, b];
}

function foldedValue(operator: CompoundOperator, a: bigint, b: bigint): bigint {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    case "%":
      return a % b;
    case "<<":
      return a < 0n ? BigInt.asIntN(64, a << b) : BigInt.asUintN(64, a << b);
    case ">>":
      return a >> b;
    case "&":
      return a & b;
    case "|":
      return a | b;
    case "^":
      return a ^ b;
  }
}
