import { ByteWriter } from "@beetrace/std";
import { expect, test } from "vitest";
import { decoder, zeroValue } from "./decode.ts";
import { memoryOf } from "./memory.ts";
import type { ValueType } from "./type.ts";

const bytesOf = (write: (writer: ByteWriter) => void) => {
  const writer = new ByteWriter();
  write(writer);
  return writer.finish();
};
const decode = (type: ValueType, write: (writer: ByteWriter) => void) => decoder(type)(memoryOf(bytesOf(write)), 0);
const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

test("integers of every size, at both ends of their range", () => {
  for (const size of [1, 2, 4, 8] as const) {
    const bits = BigInt(size * 8);
    const top = (w: ByteWriter) => w.u64((1n << (bits - 1n)) - 1n);
    const bottom = (w: ByteWriter) => w.u64(-(1n << (bits - 1n)));
    const all = (w: ByteWriter) => w.u64(-1n);
    expect(BigInt(decode({ kind: "int", size, signed: true }, top) as bigint)).toBe((1n << (bits - 1n)) - 1n);
    expect(BigInt(decode({ kind: "int", size, signed: true }, bottom) as bigint)).toBe(-(1n << (bits - 1n)));
    expect(BigInt(decode({ kind: "int", size, signed: true }, all) as bigint)).toBe(-1n);
    expect(BigInt(decode({ kind: "int", size, signed: false }, all) as bigint)).toBe((1n << bits) - 1n);
  }
});

test("64-bit integers are numbers up to 2^53 and bigints beyond", () => {
  const u64: ValueType = { kind: "int", size: 8, signed: false };
  expect(decode(u64, (w) => w.u64(9007199254740991n))).toBe(9007199254740991);
  expect(decode(u64, (w) => w.u64(9007199254740992n))).toBe(9007199254740992n);
});

test("a string ends at its NUL, or is as long as its type", () => {
  const type: ValueType = { kind: "string", size: 12 };
  expect(decode(type, (w) => w.append(ascii("abcdefghij\0z")))).toBe("abcdefghij");
  expect(decode(type, (w) => w.append(ascii("abcdefghijkl")))).toBe("abcdefghijkl");
  expect(decode(type, (w) => w.append(ascii("a\0cdefghijkl")))).toBe("a");
  expect(decode(type, (w) => w.append(Uint8Array.of(0xc3, 0xa9, 0xff, 0, 1, 1, 1, 1, 1, 1, 1, 1)))).toBe(
    "\xc3\xa9\xff",
  );
});

test("strings of every length around the eight-byte steps", () => {
  const text = "abcdefghijklmnopqrstuvwxyz";
  for (let length = 0; length <= 20; length++) {
    const bytes = new Uint8Array(24);
    bytes.set(ascii(text.slice(0, length)));
    expect(decoder({ kind: "string", size: 21 })(memoryOf(bytes), 0)).toBe(text.slice(0, length));
  }
});

test("a buffer's length is clipped to its capacity", () => {
  const type: ValueType = { kind: "buffer", capacity: 4 };
  expect(decode(type, (w) => w.u32(2).append(ascii("abcd")))).toEqual({ kind: "bytes", bytes: ascii("ab") });
  expect(decode(type, (w) => w.u32(0xffffffff).append(ascii("abcd")))).toEqual({ kind: "bytes", bytes: ascii("abcd") });
});

test("arrays, tuples and records, nested", () => {
  const u16: ValueType = { kind: "int", size: 2, signed: false };
  const type: ValueType = {
    kind: "record",
    size: 16,
    fields: [
      { name: "a", offset: 0, type: { kind: "array", element: u16, count: 3, stride: 2 } },
      { name: "t", offset: 8, type: { kind: "tuple", size: 8, fields: [{ offset: 4, type: { kind: "bool" } }] } },
    ],
  };
  expect(decode(type, (w) => w.u16(1).u16(2).u16(3).u16(0).u32(0).u32(1))).toEqual({
    kind: "list",
    items: [
      { kind: "list", items: [1, 2, 3] },
      { kind: "list", items: [true] },
    ],
  });
});

test("bitfields, signed and across bytes", () => {
  const field = (shift: number, width: number, signed: boolean) => ({
    name: "f",
    offset: 0,
    type: { kind: "int", size: 4, signed } as const,
    bitfield: { shift, width },
  });
  const type: ValueType = {
    kind: "record",
    size: 4,
    fields: [field(0, 3, false), field(3, 10, true), field(31, 1, false)],
  };
  // 0b1000…0 1111111110 101
  expect(decode(type, (w) => w.u32(0x8000_0000 + (0b1111111110 << 3) + 0b101))).toEqual({
    kind: "list",
    items: [5, -2, 1],
  });
});

test("fields of packed structures stand at any offset", () => {
  const type: ValueType = {
    kind: "record",
    size: 13,
    fields: [
      { name: "a", offset: 1, type: { kind: "int", size: 4, signed: false } },
      { name: "b", offset: 5, type: { kind: "int", size: 8, signed: true } },
    ],
  };
  expect(decode(type, (w) => w.u8(9).u32(0xdeadbeef).u64(-2n))).toEqual({ kind: "list", items: [0xdeadbeef, -2] });
});

test("elements of an array of packed structures stand at any offset", () => {
  const element: ValueType = {
    kind: "record",
    size: 5,
    fields: [
      { name: "a", offset: 0, type: { kind: "int", size: 4, signed: false } },
      { name: "b", offset: 4, type: { kind: "int", size: 1, signed: false } },
    ],
  };
  expect(decode({ kind: "array", element, count: 2, stride: 5 }, (w) => w.u32(7).u8(1).u32(0x01020304).u8(2))).toEqual({
    kind: "list",
    items: [
      { kind: "list", items: [7, 1] },
      { kind: "list", items: [0x01020304, 2] },
    ],
  });
});

test("an unaligned decoder reads keys that follow one another without padding", () => {
  const type: ValueType = { kind: "buffer", capacity: 3 };
  const bytes = bytesOf((w) => w.u32(1).append(ascii("abc")).u32(2).append(ascii("def")));
  expect(decoder(type, false)(memoryOf(bytes), 7)).toEqual({ kind: "bytes", bytes: ascii("de") });
});

test("addresses, stacks, internet and hardware addresses", () => {
  expect(decode({ kind: "usym" }, (w) => w.u64(0x1234n).u32(77).u32(0))).toEqual({
    kind: "address",
    address: 0x1234,
    pid: 77,
  });
  expect(decode({ kind: "ustack", map: "s", mode: "raw", limit: 1 }, (w) => w.u64(-14n).u32(5).u32(0))).toEqual({
    kind: "stack",
    id: -14,
    pid: 5,
  });
  expect(
    decode({ kind: "inet" }, (w) =>
      w
        .u32(4)
        .append(Uint8Array.of(127, 0, 0, 1))
        .u64(0n)
        .u32(0),
    ),
  ).toEqual({ kind: "bytes", bytes: Uint8Array.of(127, 0, 0, 1) });
  expect(decode({ kind: "inet" }, (w) => w.u32(0).u64(1n).u64(1n))).toEqual({
    kind: "bytes",
    bytes: new Uint8Array(0),
  });
  expect(decode({ kind: "mac" }, (w) => w.u64(0x0000_0605_0403_0201n))).toEqual({
    kind: "bytes",
    bytes: Uint8Array.of(1, 2, 3, 4, 5, 6),
  });
});

test("memoryOf shares aligned bytes and copies others", () => {
  const buffer = new Uint8Array(32);
  buffer[8] = 1;
  buffer[9] = 2;
  const shared = memoryOf(buffer.subarray(8, 16));
  buffer[8] = 7;
  expect(shared.u8[0]).toBe(7);
  expect(memoryOf(buffer.subarray(9, 12)).u8[0]).toBe(2);
  expect(memoryOf(buffer.subarray(8, 12)).u32[0]).toBe(0x0207);
});

test("the zero value of every kind that a scalar map can hold", () => {
  expect(zeroValue({ kind: "int", size: 4, signed: true })).toBe(0);
  expect(zeroValue({ kind: "string", size: 16 })).toBe("");
  expect(zeroValue({ kind: "stats", signed: false })).toEqual({ kind: "average", total: 0, count: 0 });
  expect(zeroValue({ kind: "hist", bits: 0 })).toEqual({ kind: "histogram", buckets: new Map() });
});
