import { type Int, invariant } from "@beetrace/std";

/**
 * A decoded value. It says nothing by itself: its {@link ValueType} tells what an integer means (a pointer, an
 * enum, a kernel address, a user id…) and is given beside it wherever it is shown.
 */
export type Value =
  | null
  | boolean
  | Int
  /** Byte text up to the first NUL; as long as its type's size when it was cut. */
  | string
  | BytesValue
  | ListValue
  | AddressValue
  | StackValue
  | ExtremeValue
  | AverageValue
  | HistogramValue
  | SlotValue
  | TimeSeriesValue;

/** A buffer, a MAC address, or an internet address (4 or 16 bytes; none when its family is unknown). */
export interface BytesValue {
  readonly kind: "bytes";
  readonly bytes: Uint8Array;
}

/** The elements of an array or tuple, or the fields of a record in the order of its type. */
export interface ListValue {
  readonly kind: "list";
  readonly items: readonly Value[];
}

/** An address in the memory of a process. */
export interface AddressValue {
  readonly kind: "address";
  readonly address: Int;
  readonly pid: number;
}

/** A stack in a stack map. A negative id is an errno: no stack was taken. */
export interface StackValue {
  readonly kind: "stack";
  readonly id: Int;
  /** 0 for a kernel stack. */
  readonly pid: number;
}

/** Of `min()` and `max()`: `value` counts only if one was seen. */
export interface ExtremeValue {
  readonly kind: "extreme";
  readonly value: Int;
  readonly seen: boolean;
}

/** Of `avg()` and `stats()`. */
export interface AverageValue {
  readonly kind: "average";
  readonly total: Int;
  readonly count: Int;
}

/** Of `hist()` and `lhist()`: counts by bucket index; buckets that are not there are empty. */
export interface HistogramValue {
  readonly kind: "histogram";
  readonly buckets: ReadonlyMap<number, Int>;
}

/**
 * One slot of `tseries()` as the kernel keeps it. `epoch` is the interval's number since the Unix epoch, 0 when the
 * slot was never used; `weight` is the number of values for "avg" and the time of the write for "last".
 */
export interface SlotValue {
  readonly kind: "slot";
  readonly epoch: Int;
  readonly value: Int;
  readonly weight: Int;
}

/** Of `tseries()`: the reduced value by epoch. */
export interface TimeSeriesValue {
  readonly kind: "tseries";
  readonly values: ReadonlyMap<bigint, Int>;
}

type ObjectValue = Extract<Value, { readonly kind: string }>;

/** The value as the object its type says it is. */
export function expectKind<K extends ObjectValue["kind"]>(value: Value, kind: K): Extract<ObjectValue, { kind: K }> {
  invariant(isKind(value, kind), `a value of kind ${kind} expected`);
  return value;
}

function isKind<K extends ObjectValue["kind"]>(value: Value, kind: K): value is Extract<ObjectValue, { kind: K }> {
  return typeof value === "object" && value !== null && value.kind === kind;
}

/** The value as the integer its type says it is. */
export function expectInt(value: Value): Int {
  invariant(typeof value === "number" || typeof value === "bigint", "an integer expected");
  return value;
}

/** The value as the text its type says it is. */
export function expectText(value: Value): string {
  invariant(typeof value === "string", "text expected");
  return value;
}
