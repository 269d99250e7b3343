import { ByteWriter } from "@beetrace/std";
import { describe, expect, test } from "vitest";
import { bucketOffset, type MapEntry, type MapLayout, readEntries } from "./map-layout.ts";
import { printMapText } from "./map-text.ts";
import { bareResolver } from "./resolver.ts";
import type { ValueType } from "./type.ts";
import type { Value } from "./value.ts";

const i64: ValueType = { kind: "int", size: 8, signed: true };
const entries = (...pairs: [Value, Value][]): MapEntry[] => pairs.map(([key, value]) => ({ key, value }));
const histogram = (...buckets: [number, number][]): Value => ({ kind: "histogram", buckets: new Map(buckets) });

describe("reading elements", () => {
  const bytes = (write: (writer: ByteWriter) => void) => {
    const writer = new ByteWriter();
    write(writer);
    return writer.finish();
  };

  test("plain and per-CPU elements", () => {
    const map: MapLayout = {
      name: "@",
      key: { kind: "int", size: 4, signed: false },
      value: { kind: "count" },
      perCpu: true,
    };
    const keys = bytes((w) => w.u32(7).u32(8));
    const values = bytes((w) => w.u64(1n).u64(2n).u64(30n).u64(40n));
    expect(readEntries(map, { count: 2, keys, values, cpus: 2 })).toEqual(entries([7, 3], [8, 70]));
    expect(readEntries(map, { count: 0, keys: new Uint8Array(0), values: new Uint8Array(0), cpus: 2 })).toEqual([]);
  });

  test("small values are padded to eight bytes for each CPU", () => {
    const map: MapLayout = { name: "@", value: { kind: "int", size: 4, signed: true }, perCpu: true };
    const values = bytes((w) => w.u32(5).u32(0xff).u32(6).u32(0xff));
    expect(readEntries(map, { count: 1, keys: new Uint8Array(8), values, cpus: 2 })).toEqual(entries([null, 11]));
  });

  test("keys whose size is no multiple of their alignment", () => {
    const map: MapLayout = { name: "@", key: { kind: "buffer", capacity: 3 }, value: i64, perCpu: false };
    const keys = bytes((w) => w.u32(1).u8(65).u8(0).u8(0).u32(2).u8(66).u8(67).u8(0));
    const read = readEntries(map, { count: 2, keys, values: bytes((w) => w.u64(1n).u64(2n)), cpus: 1 });
    expect(printMapText(map, read, {}, bareResolver())).toBe("@[A]: 1\n@[BC]: 2\n");
  });

  test("buckets after the key, at the next multiple of eight", () => {
    const key: ValueType = { kind: "string", size: 4 };
    expect([undefined, key, i64, { kind: "inet" } as const].map(bucketOffset)).toEqual([0, 8, 8, 24]);
    const map: MapLayout = { name: "@", key, value: { kind: "hist", bits: 0 }, perCpu: true, buckets: "key" };
    const element = (name: string, bucket: bigint) => (w: ByteWriter) =>
      w
        .append(Uint8Array.from(`${name}\0\0\0`, (c) => c.charCodeAt(0)))
        .u32(0)
        .u64(bucket);
    const keys = bytes((w) =>
      [element("a", 3n), element("b", 1n), element("a", 5n), element("b", 2n)].map((put) => put(w)),
    );
    const values = bytes((w) => [1n, 1n, 2n, 0n, 3n, 3n, 0n, 0n].map((count) => w.u64(count)));
    expect(readEntries(map, { count: 4, keys, values, cpus: 2 })).toEqual(
      entries(["a", histogram([3, 2], [5, 6])], ["b", histogram([1, 2])]),
    );
  });

  test("buckets as an array", () => {
    const map: MapLayout = {
      name: "@",
      value: { kind: "lhist", min: 0, max: 2, step: 1 },
      perCpu: true,
      buckets: "value",
    };
    const values = bytes((w) => [0n, 1n, 0n, 5n, 0n, 2n, 0n, 0n].map((count) => w.u64(count)));
    expect(readEntries(map, { count: 1, keys: new Uint8Array(4), values, cpus: 2 })).toEqual(
      entries([null, histogram([1, 3], [3, 5])]),
    );
  });

  test("time series, slot by slot", () => {
    const map: MapLayout = {
      name: "@",
      value: { kind: "tseries", intervalNs: 1e9, count: 3, agg: "avg", signed: true },
      perCpu: true,
      buckets: "key",
    };
    const slot = (w: ByteWriter, epoch: bigint, value: bigint, weight: bigint) => w.u64(epoch).u64(value).u64(weight);
    const values = bytes((w) => {
      slot(slot(w, 100n, -7n, 2n), 100n, -2n, 2n);
      slot(slot(w, 101n, 5n, 1n), 98n, 50n, 1n);
      slot(slot(w, 0n, 0n, 0n), 0n, 0n, 0n);
    });
    const read = readEntries(map, { count: 3, keys: bytes((w) => w.u64(1n).u64(2n).u64(0n)), values, cpus: 2 });
    expect(read).toEqual(
      entries([
        null,
        {
          kind: "tseries",
          values: new Map([
            [100n, -2],
            [101n, 5],
            [0n, 0],
          ]),
        },
      ]),
    );
  });
});
