import { ByteReader, utf8 } from "@beetrace/std";
import { expect, test } from "vitest";
import { pprof } from "./pprof.ts";
import type { ProfileStack } from "./profile.ts";
import { speedscope } from "./speedscope.ts";

const STACKS: readonly ProfileStack[] = [
  {
    frames: [
      { name: "leaf", module: "/lib/libc.so", address: 0xffff_ffff_8100_0000n },
      { name: "main", module: "/bin/a" },
    ],
    values: [3, 300],
    labels: { comm: "aé", pid: 70_000 },
  },
  { frames: [{ name: "main", module: "/bin/a" }], values: [1, -100] },
];

/** The fields of a message in the order they stand: numbers, or bytes. */
function fields(bytes: Uint8Array): [number, bigint | Uint8Array][] {
  const reader = new ByteReader(bytes);
  const found: [number, bigint | Uint8Array][] = [];
  while (reader.remaining > 0) {
    const tag = Number(varint(reader));
    found.push([tag >>> 3, (tag & 7) === 0 ? varint(reader) : reader.take(Number(varint(reader)))]);
  }
  return found;
}

function varint(reader: ByteReader): bigint {
  let value = 0n;
  for (let shift = 0n; ; shift += 7n) {
    const byte = reader.u8();
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asIntN(64, value);
  }
}

function packed(bytes: bigint | Uint8Array | undefined): bigint[] {
  const reader = new ByteReader(bytes as Uint8Array);
  const values: bigint[] = [];
  while (reader.remaining > 0) values.push(varint(reader));
  return values;
}

test("a profile for pprof has stacks, names and measures in its tables", () => {
  const profile = fields(
    pprof(STACKS, {
      measures: [
        { type: "samples", unit: "count" },
        { type: "cpu", unit: "nanoseconds" },
      ],
      period: { type: "cpu", unit: "nanoseconds", value: 100 },
      timeNs: 1_700_000_000_000_000_000n,
      durationNs: 5_000_000_000n,
    }),
  );
  const all = (field: number) => profile.filter(([each]) => each === field).map(([, value]) => value);
  const names = all(6).map((bytes) => utf8(bytes as Uint8Array));
  const nameOf = (index: bigint | Uint8Array | undefined) => names[Number(index)];
  const messages = (field: number) => all(field).map((bytes) => new Map(fields(bytes as Uint8Array)));

  expect(names[0]).toBe("");
  expect(messages(1).map((type) => [nameOf(type.get(1)), nameOf(type.get(2))])).toEqual([
    ["samples", "count"],
    ["cpu", "nanoseconds"],
  ]);
  const functions = messages(5).map((each) => [each.get(1), nameOf(each.get(2)), nameOf(each.get(4))]);
  expect(functions).toEqual([
    [1n, "leaf", "/lib/libc.so"],
    [2n, "main", "/bin/a"],
  ]);
  expect(messages(3).map((each) => [each.get(1), nameOf(each.get(5)), each.get(7)])).toEqual([
    [1n, "/lib/libc.so", 1n],
    [2n, "/bin/a", 1n],
  ]);
  const [leaf] = messages(4);
  expect([leaf.get(1), leaf.get(2), BigInt.asUintN(64, leaf.get(3) as bigint)]).toEqual([
    1n,
    1n,
    0xffff_ffff_8100_0000n,
  ]);
  expect(new Map(fields(leaf.get(4) as Uint8Array)).get(1)).toBe(1n);
  const samples = all(2).map((bytes) => fields(bytes as Uint8Array));
  expect(samples.map((sample) => [packed(new Map(sample).get(1)), packed(new Map(sample).get(2))])).toEqual([
    [
      [1n, 2n],
      [3n, 300n],
    ],
    [[2n], [1n, -100n]],
  ]);
  const labels = samples[0].filter(([field]) => field === 3).map(([, bytes]) => new Map(fields(bytes as Uint8Array)));
  expect(labels.map((label) => [nameOf(label.get(1)), nameOf(label.get(2)), label.get(3)])).toEqual([
    ["comm", "aé", undefined],
    ["pid", undefined, 70_000n],
  ]);
  expect([all(9), all(10), all(12)]).toEqual([[1_700_000_000_000_000_000n], [5_000_000_000n], [100n]]);
});

test("a profile for speedscope has its stacks from the root, and its frames once", () => {
  const text = speedscope(STACKS, {
    name: "cpu",
    measures: [
      { type: "samples", unit: "count" },
      { type: "cpu", unit: "nanoseconds" },
    ],
    exporter: "test",
  });
  const { shared, profiles } = JSON.parse(text);
  expect(shared.frames).toEqual([
    { name: "leaf", file: "/lib/libc.so" },
    { name: "main", file: "/bin/a" },
  ]);
  expect(profiles).toEqual([
    {
      type: "sampled",
      name: "cpu",
      unit: "nanoseconds",
      startValue: 0,
      endValue: 200,
      samples: [[1, 0], [1]],
      weights: [300, -100],
    },
  ]);
});
