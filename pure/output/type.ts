/**
 * How the bytes of a value in an event or a map are laid out. The compiler writes these descriptions,
 * the decoder reads them; they are plain data, so that a compiled script can be kept on disk.
 * Offsets and sizes are in bytes, little-endian; every field stands at its natural alignment.
 */
export type ValueType =
  /** What is not shown; it may have a size, as a float inside of a struct. */
  | { readonly kind: "none"; readonly size?: number }
  | { readonly kind: "int"; readonly size: 1 | 2 | 4 | 8; readonly signed: boolean }
  /** One byte. */
  | { readonly kind: "bool" }
  /** `variants` are the constants' names by value; an unknown value prints as a number. */
  | {
      readonly kind: "enum";
      readonly size: 1 | 2 | 4 | 8;
      readonly signed: boolean;
      readonly name: string;
      readonly variants: readonly (readonly [value: bigint, name: string])[];
    }
  /** Eight bytes. */
  | { readonly kind: "pointer" }
  /** `size` bytes, the text ends at the first NUL; with no NUL in it, it was cut (the trailer is shown), or is a full array. */
  | { readonly kind: "string"; readonly size: number; readonly isArray?: boolean }
  /** u32 length, then `capacity` bytes. */
  | { readonly kind: "buffer"; readonly capacity: number }
  | { readonly kind: "array"; readonly element: ValueType; readonly count: number; readonly stride: number }
  | { readonly kind: "tuple"; readonly size: number; readonly fields: readonly TupleField[] }
  | { readonly kind: "record"; readonly size: number; readonly fields: readonly RecordField[] }
  /** u64 address. */
  | { readonly kind: "ksym" }
  /** u64 address, u32 pid, u32 zero. */
  | { readonly kind: "usym" }
  /** i32 stack id (negative: errno), index into the stack map `map`; u32 number of frames, or 0; at most `limit` of them. */
  | { readonly kind: "kstack"; readonly map: string; readonly mode: StackMode; readonly limit: number }
  /** i32 stack id, u32 number of frames, u32 pid, u32 zero. */
  | { readonly kind: "ustack"; readonly map: string; readonly mode: StackMode; readonly limit: number }
  /** u32 address size (4 or 16, 0 unknown), then 16 bytes. */
  | { readonly kind: "inet" }
  /** Six bytes, then two of zero. */
  | { readonly kind: "mac" }
  /** u64 nanoseconds of `clock`; shown by strftime. */
  | { readonly kind: "timestamp"; readonly clock: "boot" | "monotonic" | "tai" | "sw_tai"; readonly format: string }
  /** u64 cgroup id. */
  | { readonly kind: "cgroup-path"; readonly pattern: string }
  /** u64 user id. */
  | { readonly kind: "username" }
  /** u64 index into the probe names of the script. */
  | { readonly kind: "probe" }
  /** u64 index into `names` (a value of a closed set of strings). */
  | { readonly kind: "name"; readonly names: readonly string[] }
  // Aggregates: values of maps only, one per CPU, merged by the reader.
  /** u64 */
  | { readonly kind: "count" }
  /** i64 or u64 */
  | { readonly kind: "sum"; readonly signed: boolean }
  /** i64 or u64 value, u64 set (0 or 1) */
  | { readonly kind: "min" | "max"; readonly signed: boolean }
  /** i64 or u64 total, u64 count */
  | { readonly kind: "avg" | "stats"; readonly signed: boolean }
  /** Buckets: see {@link BucketMap}. `bits` is 0 to 5. */
  | { readonly kind: "hist"; readonly bits: number }
  | { readonly kind: "lhist"; readonly min: Int; readonly max: Int; readonly step: Int }
  /** Buckets of {u64 epoch, i64 value, u64 count}: `agg` tells how they are merged. */
  | {
      readonly kind: "tseries";
      readonly intervalNs: number;
      readonly count: number;
      readonly agg: "last" | "avg" | "min" | "max" | "sum";
      readonly signed: boolean;
    };

import type { Int } from "@beetrace/std";

/** How the frames of a stack are printed: as names, as perf does, as addresses, or as build ids with file offsets. */
export type StackMode = "bpftrace" | "perf" | "raw" | "build_id";

/** An element of a tuple; `offset` counts from the start of the tuple. */
export interface TupleField {
  readonly offset: number;
  readonly type: ValueType;
}

/** A field of a record, with the name that it is printed under. */
export interface RecordField extends TupleField {
  readonly name: string;
  /** Bits of the little-endian integer of `type` at `offset`. */
  readonly bitfield?: { readonly shift: number; readonly width: number };
}

/** Size in bytes of a value of this type where it stands inline (not of aggregates' bucket sets). */
export function sizeOf(type: ValueType): number {
  switch (type.kind) {
    case "none":
      return type.size ?? 0;
    case "int":
    case "enum":
      return type.size;
    case "bool":
      return 1;
    case "string":
      return type.size;
    case "buffer":
      return 4 + type.capacity;
    case "array":
      return type.stride * type.count;
    case "tuple":
    case "record":
      return type.size;
    case "usym":
    case "ustack":
    case "min":
    case "max":
    case "avg":
    case "stats":
      return 16;
    case "inet":
      return 20;
    case "tseries":
      return 24;
    default:
      return 8;
  }
}

/** Alignment in bytes. */
export function alignOf(type: ValueType): number {
  switch (type.kind) {
    case "none":
    case "bool":
    case "string":
      return 1;
    case "int":
    case "enum":
      return type.size;
    case "buffer":
    case "inet":
      return 4;
    case "array":
      return alignOf(type.element);
    case "tuple":
    case "record":
      return type.fields.reduce((most, field) => Math.max(most, alignOf(field.type)), 1);
    default:
      return 8;
  }
}
