/**
 * The grammar of expressions. Nodes are made by functions that keep them valid: where the language would refuse an
 * operation (a constant that overflows, a literal divisor of zero), one of the operands is given instead.
 */
import {
  BOOL,
  INT64,
  type IntType,
  intType,
  literalType,
  promote,
  promoteInts,
  type StringType,
  sameType,
  type TupleType,
  type Type,
  UINT64,
} from "./types.ts";

export const ARITHMETIC = ["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"] as const;
export const COMPARISONS = ["==", "!=", "<", "<=", ">", ">="] as const;
export type ArithmeticOperator = (typeof ARITHMETIC)[number];
export type ComparisonOperator = (typeof COMPARISONS)[number];

interface Node<T extends Type = Type> {
  readonly type: T;
  /** The value of what is folded before the script runs: made of nothing but literals. */
  readonly literal?: bigint | boolean;
  /** Nothing in it is read from a variable or map. */
  readonly constant: boolean;
}

/** Where a value is kept: `$v`, `@m` or `@m[key]`. */
export interface Place {
  readonly name: string;
  readonly key?: Expression;
}

export type Expression = Node &
  (
    | { readonly kind: "number"; readonly value: bigint }
    | { readonly kind: "truth"; readonly value: boolean }
    | { readonly kind: "text"; readonly value: string }
    | { readonly kind: "read"; readonly place: Place; readonly keyType?: Type }
    | { readonly kind: "cast"; readonly of: Expression }
    | { readonly kind: "unary"; readonly operator: "-" | "~" | "!"; readonly of: Expression }
    | {
        readonly kind: "arithmetic";
        readonly operator: ArithmeticOperator;
        readonly left: Expression;
        readonly right: Expression;
      }
    | {
        readonly kind: "comparison";
        readonly operator: ComparisonOperator;
        readonly left: Expression;
        readonly right: Expression;
      }
    | { readonly kind: "logic"; readonly operator: "&&" | "||"; readonly left: Expression; readonly right: Expression }
    /** `c ? a : b`; without `then` it is `c ?: b`; `form` is how it is written. */
    | {
        readonly kind: "choice";
        readonly form: "?:" | "if";
        readonly condition: Expression;
        readonly then?: Expression;
        readonly else: Expression;
      }
    | { readonly kind: "tuple"; readonly elements: readonly Expression[] }
    | { readonly kind: "part"; readonly of: Expression; readonly index: number }
    /** `s[index]`: a byte of a string. */
    | { readonly kind: "byte"; readonly of: Expression; readonly index: Expression }
    | { readonly kind: "strncmp"; readonly left: Expression; readonly right: Expression; readonly count: number }
    /** `{ let $t = value; $t }` */
    | { readonly kind: "block"; readonly value: Expression }
    /** `++@m[key]` and its like. */
    | {
        readonly kind: "step";
        readonly operator: "++" | "--";
        readonly prefix: boolean;
        readonly place: Place;
        readonly stored: Type;
        readonly keyType?: Type;
      }
    /** A call of a function of the script: its arguments are cast to the parameters' types, its body is one expression. */
    | { readonly kind: "call"; readonly name: string; readonly callee: Callee; readonly args: readonly Expression[] }
    /** A use of a macro, and what stands there once its arguments are put in. */
    | {
        readonly kind: "macro";
        readonly name: string;
        readonly args: readonly Expression[];
        readonly expansion: Expression;
      }
  );

/** A function of the script: `fn name($p0: T, …): R { return body; }` */
export interface Callee {
  readonly name: string;
  readonly params: readonly Type[];
  readonly result: Type;
  readonly body: Expression;
}

export function number(value: bigint): Expression {
  return { kind: "number", value, type: literalType(value), literal: value, constant: true };
}

export function truth(value: boolean): Expression {
  return { kind: "truth", value, type: BOOL, literal: value, constant: true };
}

export function text(value: string): Expression {
  return { kind: "text", value, type: { kind: "string", size: value.length + 1 }, constant: true };
}

export function read(place: Place, type: Type, keyType?: Type): Expression {
  return { kind: "read", place, type, keyType, constant: false };
}

export function cast(type: Type, of: Expression): Expression {
  return { kind: "cast", of, type, constant: of.constant };
}

/** `of` as exactly this type, by a cast where it is of another. */
export function ofType(type: Type, of: Expression): Expression {
  if (type.kind === "int") return sameType(type, of.type) && !isFlexible(of.type) ? of : cast(type, of);
  if (type.kind === "tuple" && of.kind === "tuple")
    return tuple(type.elements.map((element, index) => ofType(element, of.elements[index])));
  return of;
}

function isFlexible(type: Type): boolean {
  return type.kind === "int" && type.flexible;
}

/** Whether a place of type `to` can be given a value of type `from` without its type growing. */
export function fits(from: Type, to: Type): boolean {
  const met = promote(to, from);
  return met !== undefined && sameType(met, to);
}

const U64_MAX = (1n << 64n) - 1n;
const I64_MIN = -(1n << 63n);

/** N6, O4: what is made of literals is computed exactly, and is a literal again; `undefined`: refused. */
function folded(operator: ArithmeticOperator, a: bigint, b: bigint): bigint | undefined {
  const shiftable = b >= 0n && b <= 63n;
  const [low, high] = a < b ? [a, b] : [b, a];
  // What is beyond int64 meets no negative number.
  if (low < 0n && high > 0x7fff_ffff_ffff_ffffn) return undefined;
  switch (operator) {
    case "+":
      return inRange(a + b);
    case "-":
      return inRange(a - b);
    case "*":
      return inRange(a * b);
    case "/":
      return b === 0n ? undefined : inRange(a / b);
    case "%":
      return b === 0n ? undefined : a % b;
    case "&":
      return a & b;
    case "|":
      return a | b;
    case "^":
      return a ^ b;
    case "<<":
      if (!shiftable) return undefined;
      return a < 0n ? BigInt.asIntN(64, a << b) : BigInt.asUintN(64, a << b);
    case ">>":
      return shiftable ? a >> b : undefined;
  }
}

function inRange(value: bigint): bigint | undefined {
  return value > U64_MAX || value < I64_MIN ? undefined : value;
}

/** N2, N3, O3: the type of what is computed when the script runs. */
function arithmeticType(operator: ArithmeticOperator, a: IntType, b: IntType): IntType {
  if (operator === "-") return INT64;
  const left = a.flexible && !b.flexible ? b.signed : a.signed;
  const right = b.flexible && !a.flexible ? a.signed : b.signed;
  if (operator === "<<" || operator === ">>") return intType(64, a.signed);
  return intType(64, left || right);
}

export function arithmetic(operator: ArithmeticOperator, left: Expression, right: Expression): Expression {
  const [a, b] = [left.type, right.type];
  if (a.kind !== "int" || b.kind !== "int") return left;
  const constant = left.constant && right.constant;
  const divides = operator === "/" || operator === "%";
  const shifts = operator === "<<" || operator === ">>";
  if (typeof left.literal === "bigint" && typeof right.literal === "bigint") {
    const literal = folded(operator, left.literal, right.literal);
    if (literal === undefined) return left;
    return { kind: "arithmetic", operator, left, right, type: literalType(literal), literal, constant };
  }
  // A constant divisor may be zero, and a constant shift too wide: both are refused.
  if (divides && right.constant && !(typeof right.literal === "bigint" && right.literal !== 0n)) return left;
  if (shifts && right.constant && !(typeof right.literal === "bigint" && right.literal >= 0n && right.literal < 64n))
    return left;
  return { kind: "arithmetic", operator, left, right, type: arithmeticType(operator, a, b), constant };
}

export function comparison(operator: ComparisonOperator, left: Expression, right: Expression): Expression {
  const node = { kind: "comparison", operator, left, right, type: BOOL } as const;
  const constant = left.constant && right.constant;
  const [a, b] = [left.literal, right.literal];
  if (typeof a === "bigint" && typeof b === "bigint") {
    const [low, high] = a < b ? [a, b] : [b, a];
    if (low < 0n && high > 0x7fff_ffff_ffff_ffffn) return truth(false);
    return { ...node, constant, literal: holds(operator, a, b) };
  }
  return { ...node, constant };
}

/** Whether a comparison is true. */
export function holds<T extends bigint | string>(operator: ComparisonOperator, a: T, b: T): boolean {
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
    case ">=":
      return a >= b;
  }
}

/** O5; the operands are numbers or truth values. */
export function logic(operator: "&&" | "||", left: Expression, right: Expression): Expression {
  const constant = left.constant && right.constant;
  const node = { kind: "logic", operator, left, right, type: BOOL, constant } as const;
  if (left.literal === undefined || right.literal === undefined) return node;
  const [a, b] = [Boolean(left.literal), Boolean(right.literal)];
  return { ...node, literal: operator === "&&" ? a && b : a || b };
}

export function not(of: Expression): Expression {
  const node = { kind: "unary", operator: "!", of, type: BOOL, constant: of.constant } as const;
  return of.literal === undefined ? node : { ...node, literal: !of.literal };
}

/** O18: int64 unless it is a literal. */
export function negative(of: Expression): Expression {
  const node = { kind: "unary", operator: "-", of, constant: of.constant } as const;
  if (typeof of.literal !== "bigint") return { ...node, type: INT64 };
  const literal = inRange(-of.literal);
  return literal === undefined ? of : { ...node, type: literalType(literal), literal };
}

export function complement(of: Expression): Expression {
  const node = { kind: "unary", operator: "~", of, constant: of.constant } as const;
  if (of.type.kind !== "int") return of;
  if (typeof of.literal !== "bigint") return { ...node, type: of.type.signed ? INT64 : UINT64 };
  const literal = BigInt.asUintN(64, ~of.literal);
  return { ...node, type: literalType(literal), literal };
}

/** O10: both arms as one type; `then` undefined is `condition ?: else`. */
export function choice(
  form: "?:" | "if",
  condition: Expression,
  then: Expression | undefined,
  otherwise: Expression,
): Expression {
  const taken = then ?? condition;
  const type = promote(taken.type, otherwise.type);
  if (type === undefined) return otherwise;
  // A compiler may see which arm it is, and that this is a constant.
  const constant = condition.constant && (taken.constant || otherwise.constant);
  const node = { kind: "choice", form, condition, then, else: otherwise, constant } as const;
  const known = form === "?:" && condition.literal !== undefined;
  if (!known || taken.literal === undefined || otherwise.literal === undefined) return { ...node, type };
  const arm = condition.literal ? taken : otherwise;
  return { ...node, type: arm.type, literal: arm.literal };
}

export function tuple(elements: readonly Expression[]): Expression {
  const type: TupleType = { kind: "tuple", elements: elements.map((element) => element.type) };
  return { kind: "tuple", elements, type, constant: elements.every((element) => element.constant) };
}

export function part(of: Expression, index: number): Expression {
  const type = (of.type as TupleType).elements[index];
  return { kind: "part", of, index, type, constant: of.constant };
}

/** The index is brought into the string, its NUL included. */
export function byte(of: Expression, index: Expression): Expression {
  const { size } = of.type as StringType;
  const inside = arithmetic("%", cast(UINT64, index), number(BigInt(size)));
  // `@s[i]` would be an element of a map.
  const string = of.kind === "read" && of.place.name.startsWith("@") ? block(of) : of;
  return { kind: "byte", of: string, index: inside, type: intType(8, true), constant: of.constant && index.constant };
}

export function strncmp(left: Expression, right: Expression, count: number): Expression {
  return { kind: "strncmp", left, right, count, type: BOOL, constant: left.constant && right.constant };
}

export function block(value: Expression): Expression {
  return { kind: "block", value, type: value.type, constant: false };
}

/** O11: of a variable whose type is inferred, and of a map, the stored type is int64 or uint64 already. */
export function step(
  operator: "++" | "--",
  prefix: boolean,
  place: Place,
  stored: IntType,
  keyType?: Type,
): Expression {
  return { kind: "step", operator, prefix, place, stored, keyType, type: stored, constant: false };
}

export function call(callee: Callee, args: readonly Expression[]): Expression {
  return {
    kind: "call",
    name: callee.name,
    callee,
    args: args.map((each, index) => ofType(callee.params[index], each)),
    type: callee.result,
    constant: false,
  };
}

export function macro(name: string, args: readonly Expression[], expansion: Expression): Expression {
  const { type, literal, constant } = expansion;
  return { kind: "macro", name, args, expansion, type, constant, ...(literal === undefined ? {} : { literal }) };
}

/** The types that two integers meet as in a comparison: O6, N10. */
export function comparedAs(left: Expression, right: Expression): IntType | undefined {
  return left.type.kind === "int" && right.type.kind === "int" ? promoteInts(left.type, right.type) : undefined;
}

/** Expressions directly inside of one. */
export function children(e: Expression): readonly Expression[] {
  switch (e.kind) {
    case "number":
    case "truth":
    case "text":
      return [];
    case "read":
    case "step":
      return e.place.key ? [e.place.key] : [];
    case "cast":
    case "unary":
    case "part":
      return [e.of];
    case "arithmetic":
    case "comparison":
    case "logic":
    case "strncmp":
      return [e.left, e.right];
    case "choice":
      return e.then ? [e.condition, e.then, e.else] : [e.condition, e.else];
    case "tuple":
      return e.elements;
    case "byte":
      return [e.of, e.index];
    case "block":
      return [e.value];
    case "call":
      return [e.callee.body, ...e.args];
    case "macro":
      return [e.expansion];
  }
}

/** Whether something is true of an expression or of one inside of it. */
export function some(e: Expression, is: (e: Expression) => boolean): boolean {
  return is(e) || children(e).some((child) => some(child, is));
}
