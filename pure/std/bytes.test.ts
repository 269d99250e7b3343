import { describe, expect, it } from "vitest";
import { ByteReader, ByteWriter, concatBytes, OutOfBoundsError } from "./bytes.ts";

describe("ByteWriter", () => {
  it("grows in the middle of any write", () => {
    const writer = new ByteWriter(1);
    writer.u8(1).u16(0x0302).u32(0x07060504).u64(0x0f0e0d0c0b0a0908n).append(Uint8Array.of(0x10));
    expect([...writer.finish()]).toEqual(Array.from({ length: 16 }, (_, index) => index + 1));
  });
});

describe("ByteReader", () => {
  it("reads what was written and refuses what is not there", () => {
    const reader = new ByteReader(new ByteWriter().u16(0xfffe).u64(5n).align(4).finish());
    expect(reader.i16()).toBe(-2);
    expect(reader.u64()).toBe(5n);
    expect(reader.remaining).toBe(2);
    expect(() => reader.u32()).toThrow(OutOfBoundsError);
  });
});

describe("concatBytes", () => {
  it("puts parts one after the other, empty ones too", () => {
    expect(concatBytes([Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3)])).toEqual(Uint8Array.of(1, 2, 3));
    expect(concatBytes([])).toEqual(new Uint8Array(0));
  });
});
