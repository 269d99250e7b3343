import fc from "fast-check";
import { expect, test } from "vitest";
import { Btf } from "./btf.ts";
import { buildBtfIndex, decodeBtfIndex, encodeBtfIndex } from "./btf-index.ts";
import { BtfWriter } from "./btf-writer.ts";
import { BtfError } from "./format.ts";
import { cTypeName, printCType } from "./print-c.ts";
import type { BtfType } from "./type.ts";

const RUNS = { seed: 20260101, numRuns: 1500 };

/** Whatever the types refer to: ids that do not exist and cycles are as likely as what is well formed. */
function anyType(ids: number): fc.Arbitrary<BtfType> {
  const id = fc.nat(ids + 1);
  const name = fc.constantFrom("", "a", "b", "long name", "é");
  const u32 = fc.oneof(fc.nat(64), fc.constantFrom(0xffffff, 0xffffffff));
  const members = fc.array(
    fc.record({ name, type: id, bitOffset: fc.nat(0xffffff) }, { requiredKeys: ["name", "type", "bitOffset"] }),
    { maxLength: 4 },
  );
  return fc.oneof(
    fc.record({ kind: fc.constantFrom("struct", "union"), name, size: u32, members }),
    fc.record({ kind: fc.constantFrom("const", "volatile", "restrict"), type: id }),
    fc.record({ kind: fc.constantFrom("typedef", "type_tag"), name, type: id }),
    fc.record({ kind: fc.constant("ptr" as const), to: id }),
    fc.record({ kind: fc.constant("array" as const), element: id, index: id, count: u32 }),
    fc.record({
      kind: fc.constant("func_proto" as const),
      result: id,
      params: fc.array(fc.record({ name, type: id }), { maxLength: 3 }),
      variadic: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant("enum" as const),
      name,
      size: fc.constantFrom(1, 4, 8),
      signed: fc.boolean(),
      constants: fc.array(fc.record({ name, value: fc.bigInt(-(1n << 31n), 1n << 31n) }), { maxLength: 3 }),
    }),
    fc.constant<BtfType>({ kind: "int", name: "int", size: 4, bits: 32, signed: true, bool: false, char: false }),
  );
}

const blobs = fc.array(anyType(12), { maxLength: 12 }).map((types) => {
  const writer = new BtfWriter();
  for (const type of types) writer.add(type);
  return writer.encode();
});

/** Does everything that can be done with types; nothing but a BtfError may come out. */
function exercise(open: () => Btf): void {
  let btf: Btf;
  try {
    btf = open();
  } catch (error) {
    expect(error).toBeInstanceOf(BtfError);
    return;
  }
  for (let id = 0; id <= btf.typeCount; id++) {
    for (const look of [
      () => btf.type(id),
      () => btf.resolve(id),
      () => btf.sizeOf(id),
      () => printCType(btf, id),
      () => cTypeName(btf, id),
    ]) {
      try {
        look();
      } catch (error) {
        expect(error).toBeInstanceOf(BtfError);
      }
    }
  }
  for (const name of ["a", "b", "long name"]) {
    btf.findType("struct", name);
    btf.findType("typedef", name);
    try {
      btf.findEnumConstant(name);
    } catch (error) {
      expect(error).toBeInstanceOf(BtfError);
    }
  }
  expect([...btf.names("enum")].length).toBeLessThanOrEqual(btf.typeCount);
}

test("types that refer to anything", () => {
  fc.assert(
    fc.property(blobs, (bytes) => exercise(() => Btf.parse(bytes))),
    RUNS,
  );
});

test("types that were cut short or overwritten", () => {
  const damage = fc.record({
    bytes: blobs,
    keep: fc.double({ min: 0, max: 1, noNaN: true }),
    edits: fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 6 }),
  });
  fc.assert(
    fc.property(damage, ({ bytes, keep, edits }) => {
      const damaged = bytes.slice(0, Math.ceil(bytes.length * keep));
      for (const [at, value] of edits) if (at < damaged.length) damaged[at] = value;
      exercise(() => Btf.parse(damaged));
    }),
    RUNS,
  );
});

test("random bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => exercise(() => Btf.parse(bytes))),
    RUNS,
  );
});

test("a damaged index", () => {
  const damage = fc.record({ bytes: blobs, edits: fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 6 }) });
  fc.assert(
    fc.property(damage, ({ bytes, edits }) => {
      let kept: Uint8Array;
      try {
        kept = encodeBtfIndex(buildBtfIndex(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(BtfError);
        return;
      }
      for (const [at, value] of edits) if (at < kept.length && at >= 16) kept[at] = value;
      exercise(() => Btf.parse(bytes, { index: decodeBtfIndex(kept) }));
    }),
    RUNS,
  );
});
