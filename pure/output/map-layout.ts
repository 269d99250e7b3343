import { type Int, invariant, latin1 } from "@beetrace/std";
import { mergeCpus } from "./aggregate.ts";
import { averageOf } from "./arithmetic.ts";
import { decoder } from "./decode.ts";
import { memoryOf } from "./memory.ts";
import { alignOf, sizeOf, type ValueType } from "./type.ts";
import { expectInt, expectKind, type Value } from "./value.ts";

/** How a map of the script stands in the kernel. */
export interface MapLayout {
  /** With the `@`. */
  readonly name: string;
  /** Absent for a scalar map. */
  readonly key?: ValueType;
  readonly value: ValueType;
  /** Every element has a value for each possible CPU. */
  readonly perCpu: boolean;
  /**
   * Where the buckets of a hist, lhist or tseries stand. `key`: each is an element of its own, whose u64 index
   * follows the user's key (if there is one) at the next multiple of 8. `value`: the only element is an array of them.
   */
  readonly buckets?: "key" | "value";
}

/** An element as it is shown. */
export interface MapEntry {
  /** `null` in a scalar map. */
  readonly key: Value;
  readonly value: Value;
}

/** The bytes of a map as batched lookups give them: keys one after the other, and values, CPU by CPU within each. */
export interface RawElements {
  readonly count: number;
  readonly keys: Uint8Array;
  readonly values: Uint8Array;
  /** Values of one element: the number of possible CPUs of a per-CPU map, else 1. */
  readonly cpus: number;
}

/** Offset of the bucket index in the key of a map with `buckets: "key"`; the key is 8 bytes longer than that. */
export function bucketOffset(key: ValueType | undefined): number {
  return key === undefined ? 0 : (sizeOf(key) + 7) & ~7;
}

/** Decodes all elements, merging CPUs and gathering buckets under their key, in the order they came. */
export function readEntries(layout: MapLayout, raw: RawElements): MapEntry[] {
  if (layout.buckets === "value") return readBucketArray(layout, raw);
  return layout.buckets === "key" ? readBucketElements(layout, raw) : readPlain(layout, raw);
}

function readPlain(layout: MapLayout, raw: RawElements): MapEntry[] {
  const reader = elementReader(layout, raw);
  return Array.from({ length: raw.count }, (_, index) => ({ key: reader.key(index), value: reader.value(index, 0) }));
}

interface ElementReader {
  key(index: number): Value;
  /** The user key's bytes, to find the elements of one key. */
  keyBytes(index: number): string;
  bucket(index: number): number;
  /** `offset` is within the element's value. */
  value(index: number, offset: number): Value;
}

function elementReader(layout: MapLayout, raw: RawElements): ElementReader {
  const keys = memoryOf(raw.keys);
  const stride = strideOf(raw.keys, raw.count);
  const keySize = layout.key === undefined ? 0 : sizeOf(layout.key);
  const decodeKey = layout.key && decoder(layout.key, stride % alignOf(layout.key) === 0);
  const bucketAt = bucketOffset(layout.key);
  return {
    key: (index) => (decodeKey === undefined ? null : decodeKey(keys, index * stride)),
    keyBytes: (index) => latin1(raw.keys.subarray(index * stride, index * stride + keySize)),
    bucket: (index) => keys.u32[(index * stride + bucketAt) >>> 2],
    value: valueReader(layout.value, raw),
  };
}

function strideOf(bytes: Uint8Array, count: number): number {
  const stride = count === 0 ? 0 : bytes.length / count;
  invariant(Number.isInteger(stride), "map bytes are no whole number of elements");
  return stride;
}

function valueReader(type: ValueType, { values, count, cpus }: RawElements): ElementReader["value"] {
  const memory = memoryOf(values);
  const stride = strideOf(values, count * cpus);
  const decode = decoder(type, stride % alignOf(type) === 0);
  if (cpus === 1) return (index, offset) => decode(memory, index * stride + offset);
  return (index, offset) => {
    const perCpu = new Array<Value>(cpus);
    for (let cpu = 0; cpu < cpus; cpu++) perCpu[cpu] = decode(memory, (index * cpus + cpu) * stride + offset);
    return mergeCpus(type, perCpu);
  };
}

function readBucketArray(layout: MapLayout, raw: RawElements): MapEntry[] {
  const reader = elementReader(layout, raw);
  const size = sizeOf(layout.value);
  const bucketCount = Math.floor(strideOf(raw.values, raw.count * raw.cpus) / size);
  return Array.from({ length: raw.count }, (_, index) => {
    const gatherer = gathererOf(layout.value);
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      gatherer.add(bucket, reader.value(index, bucket * size));
    }
    return { key: null, value: gatherer.value };
  });
}

function readBucketElements(layout: MapLayout, raw: RawElements): MapEntry[] {
  const reader = elementReader(layout, raw);
  const byKey = new Map<string, { readonly key: Value; readonly gatherer: Gatherer }>();
  for (let index = 0; index < raw.count; index++) {
    const bytes = reader.keyBytes(index);
    let found = byKey.get(bytes);
    if (found === undefined) {
      found = { key: reader.key(index), gatherer: gathererOf(layout.value) };
      byKey.set(bytes, found);
    }
    found.gatherer.add(reader.bucket(index), reader.value(index, 0));
  }
  return Array.from(byKey.values(), ({ key, gatherer }) => ({ key, value: gatherer.value }));
}

/** Puts the buckets of one key together. */
interface Gatherer {
  readonly value: Value;
  add(bucket: number, merged: Value): void;
}

function gathererOf(type: ValueType): Gatherer {
  return type.kind === "tseries" ? slotGatherer(type.agg === "avg") : bucketGatherer();
}

function bucketGatherer(): Gatherer {
  const buckets = new Map<number, Int>();
  return {
    value: { kind: "histogram", buckets },
    add(bucket, merged) {
      const count = expectInt(merged);
      if (count !== 0) buckets.set(bucket, count);
    },
  };
}

function slotGatherer(averaged: boolean): Gatherer {
  const values = new Map<bigint, Int>();
  return {
    value: { kind: "tseries", values },
    add(_bucket, merged) {
      const slot = expectKind(merged, "slot");
      // What was never used, or was set to zero, is a 0 at the dawn of the clock: as a rule in no window.
      if (slot.epoch === 0) values.set(0n, 0);
      else values.set(BigInt(slot.epoch), averaged ? averageOf({ total: slot.value, count: slot.weight }) : slot.value);
    },
  };
}
