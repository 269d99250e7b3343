import { ByteReader } from "@beetrace/std";

/** A cursor over the bytes of a DWARF section, which reads numbers in the forms that only DWARF has. */
export class DwarfReader extends ByteReader {
  /** An unsigned integer of so many bytes. Exact below 2^53, which all offsets and addresses of programs are. */
  unsigned(sizeBytes: number): number {
    switch (sizeBytes) {
      case 1:
        return this.u8();
      case 2:
        return this.u16();
      case 3:
        return this.#u24();
      case 4:
        return this.u32();
      default:
        return this.#u64();
    }
  }

  /** An unsigned LEB128 number (section 7.6). Exact below 2^53. */
  uleb(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }

  /** An unsigned LEB128 number of up to 64 bits. */
  wideUleb(): bigint {
    return BigInt.asUintN(64, this.#leb().value);
  }

  /** A signed LEB128 number of up to 64 bits. */
  sleb(): bigint {
    const { value, bits, negative } = this.#leb();
    return BigInt.asIntN(64, negative && bits < 64 ? value - (1n << BigInt(bits)) : value);
  }

  skipLeb(): void {
    while (this.u8() >= 0x80);
  }

  #leb(): { readonly value: bigint; readonly bits: number; readonly negative: boolean } {
    let value = 0n;
    for (let bits = 0; ; ) {
      const byte = this.u8();
      // What lies beyond 64 bits can only be padding.
      if (bits < 64) value |= BigInt(byte & 0x7f) << BigInt(bits);
      bits += 7;
      if (byte < 0x80) return { value, bits, negative: (byte & 0x40) !== 0 };
    }
  }

  #u24(): number {
    const [a, b, c] = this.take(3);
    return this.littleEndian ? a | (b << 8) | (c << 16) : (a << 16) | (b << 8) | c;
  }

  #u64(): number {
    const first = this.u32();
    const second = this.u32();
    return this.littleEndian ? second * 0x1_0000_0000 + first : first * 0x1_0000_0000 + second;
  }
}
