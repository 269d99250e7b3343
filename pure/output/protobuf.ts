import { ByteWriter } from "@beetrace/std";
import { encodeUtf8 } from "./byte-text.ts";

const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** Writes a message in the wire format of protocol buffers (https://protobuf.dev/programming-guides/encoding). */
export class ProtobufWriter {
  readonly #writer = new ByteWriter();

  /** What was written so far. */
  get bytes(): Uint8Array {
    return this.#writer.finish();
  }

  /** An integer; a zero is left out, as it is what a reader takes for what is missing. */
  int(field: number, value: number | bigint): this {
    if (BigInt(value) !== 0n) {
      this.#tag(field, VARINT);
      this.#varint(value);
    }
    return this;
  }

  /** Unicode text, also when it is empty. */
  text(field: number, value: string): this {
    const bytes = Uint8Array.from(encodeUtf8(value), (byte) => byte.charCodeAt(0));
    return this.#delimited(field, bytes);
  }

  /** Integers, packed. */
  ints(field: number, values: readonly (number | bigint)[]): this {
    const packed = new ProtobufWriter();
    for (const value of values) packed.#varint(value);
    return this.#delimited(field, packed.bytes);
  }

  /** A message within the message. */
  message(field: number, write: (message: ProtobufWriter) => void): this {
    const inner = new ProtobufWriter();
    write(inner);
    return this.#delimited(field, inner.bytes);
  }

  #delimited(field: number, bytes: Uint8Array): this {
    this.#tag(field, LENGTH_DELIMITED);
    this.#varint(bytes.length);
    this.#writer.append(bytes);
    return this;
  }

  #tag(field: number, wireType: number): void {
    this.#varint((field << 3) | wireType);
  }

  /** Seven bits a byte, the lowest first; negative numbers have ten bytes. */
  #varint(value: number | bigint): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 0x7fn) {
      this.#writer.u8(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.#writer.u8(Number(rest));
  }
}
