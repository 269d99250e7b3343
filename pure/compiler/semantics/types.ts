/** The types of the language, and the rules by which they meet. */
import type { StackMode } from "@beetrace/output";

/** Whose memory a pointer points into, hence how it is read. */
export type Space =
  /** Kernel memory: bpf_probe_read_kernel. */
  | "kernel"
  /** Memory of the current process: bpf_probe_read_user. */
  | "user"
  /** Kernel memory that the verifier lets a program load from directly (BTF-typed arguments). */
  | "trusted"
  /** The program's own memory: stack, map values. */
  | "bpf"
  /** The program's context: direct loads at constant offsets only. */
  | "ctx"
  /** Not known: read as kernel memory. */
  | "none";

/** `uint8` to `int64`, `bool` not among them. */
export interface IntType {
  readonly kind: "int";
  readonly bits: 8 | 16 | 32 | 64;
  readonly signed: boolean;
  /** Of a literal that is not negative, and of what holds nothing else: it takes the sign of what it meets. */
  readonly flexible?: true;
}

/** An enum of C. It computes as an integer of its size and sign, and prints as the name of its constant. */
export interface EnumType {
  readonly kind: "enum";
  readonly name: string;
  readonly sizeBytes: 1 | 2 | 4 | 8;
  readonly signed: boolean;
  readonly variants: readonly (readonly [value: bigint, name: string])[];
}

/** `struct task_struct *`, with whose memory it points into. Eight bytes in memory. */
export interface PointerType {
  readonly kind: "pointer";
  /** `none` is void. */
  readonly to: Type;
  readonly space: Space;
  /** How many bytes there are, where that is known: behind the address of a variable, whatever it is cast to. */
  readonly room?: number;
}

/** `uint8[4]`, or an array of C; one of `char` is a string instead. */
export interface ArrayType {
  readonly kind: "array";
  readonly of: Type;
  readonly count: number;
}

/** A struct or union of C: its fields are looked up when they are needed, for they may point back. */
export interface StructType {
  readonly kind: "struct";
  readonly tag: "struct" | "union";
  readonly name: string;
  readonly sizeBytes: number;
  readonly alignBytes: number;
  readonly fields: () => readonly Field[];
  /** Hears of every field that is looked up by its name. */
  readonly onField?: (field: Field) => void;
}

/** A member of a struct or union, at `offsetBytes` from its start. */
export interface Field {
  /** Empty for an anonymous struct or union, whose own fields count as the outer one's. */
  readonly name: string;
  readonly type: Type;
  readonly offsetBytes: number;
  /** Counted from the lowest bit of the little-endian integer of `type` at `offsetBytes`. */
  readonly bitfield?: { readonly shift: number; readonly width: number };
  /** A `__data_loc` field of a tracepoint: a u32 of offset and length stands where the data would. */
  readonly dataLoc?: "absolute" | "relative";
}

/**
 * The integer that holds the bits, and where they are in it. As in bpftrace the bits are a number of the declared type:
 * only a field as wide as that can be negative.
 */
export function bitfield(name: string, type: Type, bitOffset: number, width: number): Field {
  const declaredBits = isInteger(type) ? bitsOf(type) : 8;
  const signed = type.kind === "int" && type.signed && width >= declaredBits;
  const endByte = Math.ceil((bitOffset + width) / 8);
  for (const bits of [8, 16, 32, 64]) {
    const aligned = Math.floor(bitOffset / bits) * bits;
    // Beyond its own type, in packed structs, a field ends where the integer does: nothing behind it is read.
    const start = bits <= declaredBits ? aligned : Math.max(0, endByte * 8 - bits);
    if (bitOffset < start || bitOffset + width > start + bits) continue;
    return { name, type: intType(bits, signed), offsetBytes: start / 8, bitfield: { shift: bitOffset - start, width } };
  }
  const start = Math.floor(bitOffset / 8) * 8;
  return { name, type: intType(64, signed), offsetBytes: start / 8, bitfield: { shift: bitOffset - start, width } };
}

/** `(1, "a")`, and the key of `@x[1, "a"]`. */
export interface TupleType {
  readonly kind: "tuple";
  readonly elements: readonly Type[];
}

/** `(x = 1, y = 2)`: a tuple whose elements have names. */
export interface RecordType {
  readonly kind: "record";
  readonly fields: readonly { readonly name: string; readonly type: Type }[];
}

/** `float`, `double`, `long double`, and integers of more than 64 bits. */
export interface FloatType {
  readonly kind: "float";
  readonly name: string;
  readonly sizeBytes: number;
}

/** A call stack, kept as an id: at most `limit` frames, printed in the form that `mode` says. */
export interface StackType {
  readonly kind: "kstack" | "ustack";
  readonly mode: StackMode;
  readonly limit: number;
  /** Unwound by call frame information: its frames are in a map that programs write. */
  readonly unwound?: true;
}

/** What only a map can hold: `count()`, `hist(n)` and the like, kept for each CPU and put together by the reader. */
export type AggregateType =
  | { readonly kind: "count" }
  | { readonly kind: "sum" | "min" | "max" | "avg" | "stats"; readonly signed: boolean }
  | { readonly kind: "hist"; readonly bits: number }
  | { readonly kind: "lhist"; readonly min: bigint; readonly max: bigint; readonly step: bigint }
  | TimeSeriesType;

/** `tseries(n, interval, count, "agg")`: the last `count` intervals; `last` is what no function makes of an interval. */
export interface TimeSeriesType {
  readonly kind: "tseries";
  readonly intervalNs: number;
  readonly count: number;
  readonly agg: "last" | "avg" | "min" | "max" | "sum";
  readonly signed: boolean;
}

/** What the checker finds an expression, variable or map to be. Sizes are in bytes, those of strings with the NUL. */
export type Type =
  | { readonly kind: "none" }
  | IntType
  | { readonly kind: "bool" }
  | EnumType
  /** `isArray`: an array of C, which may be full without a NUL. Any other string that is full was cut. */
  | { readonly kind: "string"; readonly size: number; readonly isArray?: boolean }
  | { readonly kind: "buffer"; readonly capacity: number }
  | PointerType
  | ArrayType
  | StructType
  | TupleType
  | RecordType
  | { readonly kind: "ksym" }
  | { readonly kind: "usym" }
  | StackType
  | { readonly kind: "inet" }
  | { readonly kind: "mac" }
  | { readonly kind: "timestamp"; readonly clock: "boot" | "monotonic" | "tai" | "sw_tai"; readonly format: string }
  | { readonly kind: "cgroup-path"; readonly pattern: string }
  | { readonly kind: "username" }
  /** The name of the probe that fired: kept as a number, shown as text. */
  | { readonly kind: "probe"; readonly size: number }
  /** A number of C that BPF cannot compute with: it is there, and shown as nothing. */
  | FloatType
  /** A decimal number: exists in user space only. */
  | { readonly kind: "decimal" }
  | AggregateType;

/** No value, behind a pointer void. It is also the type of what was wrong, so that nothing further is said of it. */
export const NONE: Type = { kind: "none" };
/** What comparisons and `true` are; one byte in memory. */
export const BOOL: Type = { kind: "bool" };
/** What a number is that nothing makes narrower or unsigned: the variable of `for $i : 0..10`, `@x++`. */
export const INT64: IntType = { kind: "int", bits: 64, signed: true };
/** What addresses, `nsecs` and `arg0` are. */
export const UINT64: IntType = { kind: "int", bits: 64, signed: false };
/** What `pid` and `tid` are. */
export const UINT32: IntType = { kind: "int", bits: 32, signed: false };

/** `name` is that of C. */
export function floatType(name: string, sizeBytes: number): FloatType {
  return { kind: "float", name, sizeBytes };
}

/** `bits` must be 8, 16, 32 or 64. */
export function intType(bits: number, signed: boolean): IntType {
  return { kind: "int", bits: bits as IntType["bits"], signed };
}

/** `to *`, into the memory of `space`. */
export function pointerTo(to: Type, space: Space): PointerType {
  return { kind: "pointer", to, space };
}

/** `string[size]`: `size` bytes, of which the NUL is one. */
export function stringOf(size: number): Type {
  return { kind: "string", size };
}

/** Values that live in a register while they are computed with. */
export function isScalar(type: Type): boolean {
  switch (type.kind) {
    case "int":
    case "bool":
    case "enum":
    case "pointer":
    case "ksym":
    case "timestamp":
    case "cgroup-path":
    case "username":
    case "probe":
      return true;
    default:
      return false;
  }
}

/** Whether a type computes as an integer: enums do, booleans and pointers do not. */
export function isInteger(type: Type): type is IntType | EnumType {
  return type.kind === "int" || type.kind === "enum";
}

const AGGREGATES = new Set(["count", "sum", "min", "max", "avg", "stats", "hist", "lhist", "tseries"]);

/** Whether values of a type live in maps only and are assigned by a function such as `count()`. */
export function isAggregate(type: Type): type is AggregateType {
  return AGGREGATES.has(type.kind);
}

/** Aggregates that can be read as an integer. */
export function isCastable(type: Type): boolean {
  return (
    type.kind === "count" || type.kind === "sum" || type.kind === "min" || type.kind === "max" || type.kind === "avg"
  );
}

/** The integer type that reading a castable aggregate gives. */
export function aggregateValue(type: AggregateType): IntType {
  return "signed" in type && type.signed ? INT64 : UINT64;
}

/** The smallest signed type of a literal that fits, or uint64 beyond: rule L11. It is flexible unless it is negative. */
export function literalType(value: bigint): IntType {
  for (const bits of [8, 16, 32, 64] as const) {
    if (BigInt.asIntN(bits, value) !== value) continue;
    return value < 0n ? intType(bits, true) : { kind: "int", bits, signed: true, flexible: true };
  }
  return UINT64;
}

/** Whether an integer type can hold a value. */
export function holds(type: IntType | EnumType, value: bigint): boolean {
  const bits = bitsOf(type);
  return (type.signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)) === value;
}

/** A number cut to an integer type. */
export function wrapped(type: IntType | EnumType, value: bigint): bigint {
  return type.signed ? BigInt.asIntN(bitsOf(type), value) : BigInt.asUintN(bitsOf(type), value);
}

/** How many bits an integer has, or the integer that an enum is stored as. */
export function bitsOf(type: IntType | EnumType): 8 | 16 | 32 | 64 {
  return type.kind === "int" ? type.bits : ((type.sizeBytes * 8) as 8 | 16 | 32 | 64);
}

/** The integer type that holds the values of both: rule N4. */
export function unifyInts(a: IntType | EnumType, b: IntType | EnumType): IntType {
  const [wide, narrow] = bitsOf(a) >= bitsOf(b) ? [a, b] : [b, a];
  if (isFlexible(a) && isFlexible(b)) return { kind: "int", bits: bitsOf(wide), signed: true, flexible: true };
  const [own, other] = [signBeside(wide, narrow), signBeside(narrow, wide)];
  if (own === other) return intType(bitsOf(wide), own);
  if (wide.signed && bitsOf(narrow) < bitsOf(wide)) return intType(bitsOf(wide), true);
  return intType(Math.min(64, bitsOf(wide) * 2), true);
}

function isFlexible(type: Type): boolean {
  return type.kind === "int" && type.flexible === true;
}

/** Whether an operand counts as signed beside another: what is flexible takes the other's sign. */
export function signBeside(type: Type, other: Type): boolean {
  return isSigned(isFlexible(type) && !isFlexible(other) ? other : type);
}

/** Whether values of a type can be negative numbers. */
export function isSigned(type: Type): boolean {
  return isInteger(type) && type.signed;
}

/** The type that can hold values of both, or `undefined` when there is none. */
export function unify(a: Type, b: Type): Type | undefined {
  if (a === b) return a;
  if (isInteger(a) && isInteger(b)) {
    if (a.kind === "enum" && b.kind === "enum" && a.name === b.name) return a;
    return unifyInts(a, b);
  }
  if (a.kind === "string" && b.kind === "string" && a.isArray && b.isArray && a.size === b.size) return a;
  if (a.kind === "string" && b.kind === "string") return stringOf(Math.max(a.size, b.size));
  if (a.kind === "probe" && b.kind === "probe") return a.size >= b.size ? a : b;
  if (a.kind === "probe" && b.kind === "string") return stringOf(Math.max(a.size, b.size));
  if (a.kind === "string" && b.kind === "probe") return unify(b, a);
  if (a.kind !== b.kind) return undefined;
  switch (a.kind) {
    case "pointer":
      return unifyPointers(a, b as PointerType);
    case "buffer":
      return { kind: "buffer", capacity: Math.max(a.capacity, (b as typeof a).capacity) };
    case "array": {
      const other = b as ArrayType;
      return a.count === other.count && sameType(a.of, other.of) ? a : undefined;
    }
    case "struct":
      return a.name === (b as StructType).name && a.sizeBytes === (b as StructType).sizeBytes ? a : undefined;
    case "tuple":
      return unifyTuples(a, b as TupleType);
    case "record":
      return unifyRecords(a, b as RecordType);
    case "kstack":
    case "ustack": {
      const other = b as StackType;
      return a.mode === other.mode && a.unwound === other.unwound
        ? { ...a, limit: Math.max(a.limit, other.limit) }
        : undefined;
    }
    case "sum":
    case "min":
    case "max":
    case "avg":
    case "stats":
      return { kind: a.kind, signed: a.signed || (b as typeof a).signed };
    case "hist":
      return a.bits === (b as typeof a).bits ? a : undefined;
    case "lhist": {
      const other = b as typeof a;
      return a.min === other.min && a.max === other.max && a.step === other.step ? a : undefined;
    }
    case "tseries": {
      const other = b as TimeSeriesType;
      const same = a.intervalNs === other.intervalNs && a.count === other.count && a.agg === other.agg;
      return same ? { ...a, signed: a.signed || other.signed } : undefined;
    }
    default:
      return a;
  }
}

function unifyPointers(a: PointerType, b: PointerType): PointerType | undefined {
  const space = unifySpaces(a.space, b.space);
  const isSame = a.to.kind === "none" || b.to.kind === "none" || sameType(a.to, b.to);
  if (!isSame) return undefined;
  const met = pointerTo(a.to.kind === "none" ? b.to : a.to, space);
  return a.room === undefined || b.room === undefined ? met : { ...met, room: Math.max(a.room, b.room) };
}

/** What may be either can be read as either: of kernel memory, by the helper. */
function unifySpaces(a: Space, b: Space): Space {
  if (a === "none" || (a === "trusted" && b === "kernel")) return b;
  return a;
}

function unifyTuples(a: TupleType, b: TupleType): TupleType | undefined {
  if (a.elements.length !== b.elements.length) return undefined;
  const elements: Type[] = [];
  for (let index = 0; index < a.elements.length; index++) {
    const met = unify(a.elements[index], b.elements[index]);
    if (!met) return undefined;
    elements.push(met);
  }
  return { kind: "tuple", elements };
}

function unifyRecords(a: RecordType, b: RecordType): RecordType | undefined {
  if (a.fields.length !== b.fields.length) return undefined;
  const fields: { name: string; type: Type }[] = [];
  for (const field of a.fields) {
    const other = b.fields.find((candidate) => candidate.name === field.name);
    const met = other && unify(field.type, other.type);
    if (!met) return undefined;
    fields.push({ name: field.name, type: met });
  }
  return { kind: "record", fields };
}

/** Whether two types are the same, for pointers' and arrays' elements. */
export function sameType(a: Type, b: Type): boolean {
  if (a === b) return true;
  return typeName(a) === typeName(b);
}

/** How many bytes pointer arithmetic counts for one element. */
export function strideOf(type: Type): number {
  switch (type.kind) {
    case "int":
      return type.bits / 8;
    case "enum":
    case "float":
      return type.sizeBytes;
    case "bool":
    case "none":
      return 1;
    case "string":
      return type.size;
    case "array":
      return type.count * strideOf(type.of);
    case "struct":
      return type.sizeBytes;
    default:
      return 8;
  }
}

/** Whether a type is another as it was before, or has grown: wider, or bound to a sign. */
export function hasGrown(was: Type, is: Type): boolean {
  const exact = (type: IntType) => `${type.flexible ? "literal " : ""}${intName(type)}`;
  return spelled(was, exact) !== spelled(is, exact);
}

/** A type as a user would write it, for messages. */
export function typeName(type: Type): string {
  return spelled(type, intName);
}

function intName(type: IntType): string {
  return `${type.signed ? "" : "u"}int${type.bits}`;
}

function spelled(type: Type, int: (type: IntType) => string): string {
  switch (type.kind) {
    case "int":
      return int(type);
    case "enum":
      return `enum ${type.name}`;
    case "float":
      return type.name;
    case "string":
      return `string[${type.size}]`;
    case "buffer":
      return `buffer[${type.capacity}]`;
    case "pointer":
      return type.to.kind === "none" ? "void *" : `${spelled(type.to, int)} *`;
    case "array":
      return `${spelled(type.of, int)}[${type.count}]`;
    case "struct":
      return `${type.tag} ${type.name || "(anonymous)"}`;
    case "tuple":
      return `(${type.elements.map((element) => spelled(element, int)).join(",")})`;
    case "record":
      return `(${type.fields.map((field) => `${field.name}=${spelled(field.type, int)}`).join(",")})`;
    case "kstack":
    case "ustack":
      return `${type.unwound ? "dw_" : ""}${type.kind}_${type.mode}_${type.limit}`;
    case "mac":
      return "macaddr_t";
    case "cgroup-path":
      return "cgroup_path_t";
    case "probe":
      return `string[${type.size}]`;
    case "none":
    case "bool":
    case "inet":
    case "timestamp":
    case "decimal":
      return type.kind;
    case "ksym":
    case "usym":
    case "username":
    case "count":
    case "hist":
    case "lhist":
    case "tseries":
      return `${type.kind}_t`;
    case "sum":
    case "min":
    case "max":
    case "avg":
    case "stats":
      return `${type.signed ? "" : "u"}${type.kind}_t`;
  }
}
