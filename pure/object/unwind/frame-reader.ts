import { ByteReader } from "@beetrace/std";
import { ElfError } from "../elf-error.ts";

const TWO_32 = 0x1_0000_0000;

// Encodings of pointers, DW_EH_PE_*: Linux Standard Base Core Specification 5.0, 10.5.1.
const ABSOLUTE = 0x00;
const ULEB = 0x01;
const U16 = 0x02;
const U32 = 0x03;
const U64 = 0x04;
const SLEB = 0x09;
const S16 = 0x0a;
const S32 = 0x0b;
const S64 = 0x0c;
const FORMAT_MASK = 0x0f;
const PC_RELATIVE = 0x10;
const BASE_MASK = 0x70;
const INDIRECT = 0x80;

/** There is no pointer. */
export const OMITTED = 0xff;

/** A cursor over call frame information, which has LEB128 numbers and encoded pointers. */
export class FrameReader extends ByteReader {
  readonly #address: number;
  readonly #wordBytes: 4 | 8;

  /** `address`: where the first byte is loaded. */
  constructor(bytes: Uint8Array, address: number, wordBytes: 4 | 8, littleEndian: boolean, offset = 0) {
    super(bytes, littleEndian, offset);
    this.#address = address;
    this.#wordBytes = wordBytes;
  }

  /** An unsigned LEB128 number. Exact below 2^53. */
  uleb(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  /** A signed LEB128 number. Exact within 2^53. */
  sleb(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return byte & 0x40 ? value - scale * 128 : value;
    }
  }

  /** A number as wide as an address. Throws {@link ElfError} from 2^53 on. */
  word(): number {
    return this.#wordBytes === 8 ? this.#u64() : this.u32();
  }

  /** An encoded pointer. Throws {@link ElfError} for one that is to be read from memory or has an unknown base. */
  pointer(encoding: number): number {
    const at = this.#address + this.offset;
    const value = this.number(encoding);
    switch (encoding & (BASE_MASK | INDIRECT)) {
      case ABSOLUTE:
        return value;
      case PC_RELATIVE:
        return value + at;
      default:
        throw unknownEncoding(encoding);
    }
  }

  /** What an encoded pointer holds, without its base: a length is written so. */
  number(encoding: number): number {
    switch (encoding & FORMAT_MASK) {
      case ABSOLUTE:
        return this.word();
      case ULEB:
        return this.uleb();
      case U16:
        return this.u16();
      case U32:
        return this.u32();
      case U64:
        return this.#u64();
      case SLEB:
        return this.sleb();
      case S16:
        return this.i16();
      case S32:
        return this.i32();
      case S64:
        return Number(this.i64());
      default:
        throw unknownEncoding(encoding);
    }
  }

  #u64(): number {
    const first = this.u32();
    const second = this.u32();
    const value = this.littleEndian ? second * TWO_32 + first : first * TWO_32 + second;
    if (Number.isSafeInteger(value)) return value;
    throw new ElfError(`call frame information: a number of 64 bits is beyond 2^53`);
  }
}

function unknownEncoding(encoding: number): ElfError {
  return new ElfError(`call frame information: pointers of the encoding 0x${encoding.toString(16)} are not known`);
}
