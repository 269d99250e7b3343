/** Types of the language as the oracle sees them: rules N1 to N4, written from the rules and not from the compiler. */

/** `int8` to `uint64`. */
export interface IntType {
  readonly kind: "int";
  readonly bits: 8 | 16 | 32 | 64;
  readonly signed: boolean;
  /** Of literals that are not negative only: it takes the sign of what it meets. */
  readonly flexible: boolean;
}

/** `string[size]`; the NUL counts. */
export interface StringType {
  readonly kind: "string";
  readonly size: number;
}

export interface TupleType {
  readonly kind: "tuple";
  readonly elements: readonly Type[];
}

export type Type = IntType | StringType | TupleType | { readonly kind: "bool" };

/** What an expression gives: a number that its type can hold, a truth value, a text or a tuple of these. */
export type Value = bigint | boolean | string | readonly Value[];

export const BOOL: Type = { kind: "bool" };

export function intType(bits: number, signed: boolean, flexible = false): IntType {
  return { kind: "int", bits: bits as IntType["bits"], signed, flexible };
}

export const INT64 = intType(64, true);
export const UINT64 = intType(64, false);

/** The eight integer types. */
export const INT_TYPES: readonly IntType[] = [8, 16, 32, 64].flatMap((bits) => [
  intType(bits, true),
  intType(bits, false),
]);

/** N1: the smallest signed type that holds a literal, uint64 beyond; flexible when it is not negative. */
export function literalType(value: bigint): IntType {
  const bits = [8, 16, 32, 64].find((each) => BigInt.asIntN(each, value) === value);
  return bits === undefined ? UINT64 : intType(bits, true, value >= 0n);
}

/** A number as a value of an integer type. */
export function wrap(type: IntType, value: bigint): bigint {
  return type.signed ? BigInt.asIntN(type.bits, value) : BigInt.asUintN(type.bits, value);
}

/** N4: what holds the values of both. */
export function promoteInts(a: IntType, b: IntType): IntType {
  const bits = Math.max(a.bits, b.bits);
  if (a.signed === b.signed) return intType(bits, a.signed, a.flexible && b.flexible);
  if (a.flexible) return intType(bits, b.signed);
  if (b.flexible) return intType(bits, a.signed);
  const [signed, unsigned] = a.signed ? [a, b] : [b, a];
  return intType(signed.bits > unsigned.bits ? signed.bits : Math.min(64, bits * 2), true);
}

/** N4 for all types; `undefined` when there is no such type. */
export function promote(a: Type, b: Type): Type | undefined {
  if (a.kind === "int" && b.kind === "int") return promoteInts(a, b);
  if (a.kind === "string" && b.kind === "string") return { kind: "string", size: Math.max(a.size, b.size) };
  if (a.kind === "bool" && b.kind === "bool") return BOOL;
  if (a.kind !== "tuple" || b.kind !== "tuple" || a.elements.length !== b.elements.length) return undefined;
  const elements: Type[] = [];
  for (const [index, element] of a.elements.entries()) {
    const met = promote(element, b.elements[index]);
    if (met === undefined) return undefined;
    elements.push(met);
  }
  return { kind: "tuple", elements };
}

/** Whether two types are the same, whatever they would do when they meet others. */
export function sameType(a: Type, b: Type): boolean {
  return typeName(a) === typeName(b);
}

/** A type as it is written in a script; a tuple has no such name and is shown for messages. */
export function typeName(type: Type): string {
  switch (type.kind) {
    case "int":
      return `${type.signed ? "" : "u"}int${type.bits}`;
    case "bool":
      return "bool";
    case "string":
      return `string[${type.size}]`;
    case "tuple":
      return `(${type.elements.map(typeName).join(", ")})`;
  }
}

/** A value as one of a type that can hold all values of its own. */
export function convert(type: Type, value: Value): Value {
  if (type.kind === "int" && typeof value === "bigint") return wrap(type, value);
  if (type.kind === "tuple" && typeof value === "object")
    return value.map((each, index) => convert(type.elements[index], each));
  return value;
}

/** A value as print() shows it: rules Y1 and Y4. */
export function show(value: Value): string {
  return typeof value === "object" ? `(${value.map(show).join(", ")})` : String(value);
}
