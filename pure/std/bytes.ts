/** A read or write beyond the end of a byte range. Parsers of files turn it into their own typed error. */
export class OutOfBoundsError extends Error {
  override readonly name = "OutOfBoundsError";
  readonly offset: number;
  readonly sizeBytes: number;
  constructor(offset: number, sizeBytes: number, available: number) {
    super(`read of ${sizeBytes} bytes at offset ${offset} is beyond the end (${available} bytes)`);
    this.offset = offset;
    this.sizeBytes = sizeBytes;
  }
}

/** A cursor over bytes. Every read is bounds-checked and throws {@link OutOfBoundsError}. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
  offset: number;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, littleEndian = true, offset = 0) {
    this.bytes = bytes;
    this.littleEndian = littleEndian;
    this.offset = offset;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.bytes.length - this.offset;
  }

  #take(sizeBytes: number): number {
    const at = this.offset;
    if (!(at >= 0 && sizeBytes >= 0 && at + sizeBytes <= this.bytes.length)) {
      throw new OutOfBoundsError(at, sizeBytes, this.bytes.length);
    }
    this.offset = at + sizeBytes;
    return at;
  }

  u8(): number {
    return this.bytes[this.#take(1)];
  }
  i8(): number {
    return this.#view.getInt8(this.#take(1));
  }
  u16(): number {
    return this.#view.getUint16(this.#take(2), this.littleEndian);
  }
  i16(): number {
    return this.#view.getInt16(this.#take(2), this.littleEndian);
  }
  u32(): number {
    return this.#view.getUint32(this.#take(4), this.littleEndian);
  }
  i32(): number {
    return this.#view.getInt32(this.#take(4), this.littleEndian);
  }
  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), this.littleEndian);
  }
  i64(): bigint {
    return this.#view.getBigInt64(this.#take(8), this.littleEndian);
  }

  /** The next `sizeBytes` bytes, as a view on the same memory. */
  take(sizeBytes: number): Uint8Array {
    const at = this.#take(sizeBytes);
    return this.bytes.subarray(at, at + sizeBytes);
  }

  skip(sizeBytes: number): void {
    this.#take(sizeBytes);
  }

  /** Moves forward to a multiple of `alignment`. */
  align(alignment: number): void {
    this.#take((alignment - (this.offset % alignment)) % alignment);
  }

  /** Bytes up to a NUL (which is consumed) as Latin-1 text. */
  cString(): string {
    const end = this.offset < 0 ? -1 : this.bytes.indexOf(0, this.offset);
    if (end < 0) throw new OutOfBoundsError(this.offset, this.remaining + 1, this.bytes.length);
    const text = stringAt(this.bytes, this.offset, end);
    this.offset = end + 1;
    return text;
  }
}

function stringAt(bytes: Uint8Array, from: number, to: number): string {
  let text = "";
  for (let at = from; at < to; at++) text += String.fromCharCode(bytes[at]);
  return text;
}

/** A growing byte buffer, little-endian. */
export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacityBytes = 256) {
    this.#bytes = new Uint8Array(capacityBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  /** Makes room; may replace the buffer, so that it must be called before the buffer is looked at. */
  #room(sizeBytes: number): number {
    const at = this.#length;
    if (at + sizeBytes > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#bytes.length * 2, at + sizeBytes));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = at + sizeBytes;
    return at;
  }

  u8(value: number): this {
    const at = this.#room(1);
    this.#view.setUint8(at, value);
    return this;
  }
  u16(value: number): this {
    const at = this.#room(2);
    this.#view.setUint16(at, value, true);
    return this;
  }
  i16(value: number): this {
    const at = this.#room(2);
    this.#view.setInt16(at, value, true);
    return this;
  }
  u32(value: number): this {
    const at = this.#room(4);
    this.#view.setUint32(at, value, true);
    return this;
  }
  i32(value: number): this {
    const at = this.#room(4);
    this.#view.setInt32(at, value, true);
    return this;
  }
  u64(value: bigint): this {
    const at = this.#room(8);
    this.#view.setBigUint64(at, BigInt.asUintN(64, value), true);
    return this;
  }
  append(bytes: Uint8Array): this {
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }
  align(alignment: number): this {
    this.#room((alignment - (this.#length % alignment)) % alignment);
    return this;
  }
  /** The bytes written so far, copied. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

/** The bytes of all parts, one after the other. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
