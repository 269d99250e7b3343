/**
 * The layout of BTF: header, type records and kinds.
 * Source: Documentation/bpf/btf.rst and include/uapi/linux/btf.h.
 */
import type { BtfStrings } from "./strings.ts";

/** Malformed BTF, or a type graph that cannot be followed. `offset` is in bytes from the start, where it is known. */
export class BtfError extends Error {
  override readonly name = "BtfError";
  readonly offset: number | undefined;
  constructor(message: string, offset?: number) {
    super(offset === undefined ? `BTF: ${message}` : `BTF: ${message} (at offset ${offset})`);
    this.offset = offset;
  }
}

export const BTF_KIND_INT = 1;
export const BTF_KIND_PTR = 2;
export const BTF_KIND_ARRAY = 3;
export const BTF_KIND_STRUCT = 4;
export const BTF_KIND_UNION = 5;
export const BTF_KIND_ENUM = 6;
export const BTF_KIND_FWD = 7;
export const BTF_KIND_TYPEDEF = 8;
export const BTF_KIND_VOLATILE = 9;
export const BTF_KIND_CONST = 10;
export const BTF_KIND_RESTRICT = 11;
export const BTF_KIND_FUNC = 12;
export const BTF_KIND_FUNC_PROTO = 13;
export const BTF_KIND_VAR = 14;
export const BTF_KIND_DATASEC = 15;
export const BTF_KIND_FLOAT = 16;
export const BTF_KIND_DECL_TAG = 17;
export const BTF_KIND_TYPE_TAG = 18;
export const BTF_KIND_ENUM64 = 19;

export const BTF_INT_SIGNED = 1;
export const BTF_INT_CHAR = 2;
export const BTF_INT_BOOL = 4;

export const BTF_MAGIC = 0xeb9f;
export const BTF_VERSION = 1;
/** `struct btf_header` as of version 1. */
export const BTF_HEADER_BYTES = 24;
/** `struct btf_type` in 32-bit words: name_off, info, and size or type. */
export const RECORD_WORDS = 3;

/** Words that follow the record, whatever its vlen. Indexed by kind. */
const FIXED_WORDS = [0, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0];
/** Words that follow the record for each of its vlen elements. Indexed by kind. */
const ELEMENT_WORDS = [0, 0, 0, 0, 3, 3, 2, 0, 0, 0, 0, 0, 0, 2, 0, 3, 0, 0, 0, 3];

/** The kind in the `info` word of a record. */
export function kindOf(info: number): number {
  return (info >>> 24) & 0x1f;
}

/** The number of elements (members, enumerators, parameters) in the `info` word of a record. */
export function vlenOf(info: number): number {
  return info & 0xffff;
}

/** Length in words of a record with this `info` word, or 0 for a kind that does not exist. */
export function recordWords(info: number): number {
  const kind = kindOf(info);
  if (kind === 0 || kind >= FIXED_WORDS.length) return 0;
  return RECORD_WORDS + FIXED_WORDS[kind] + ELEMENT_WORDS[kind] * vlenOf(info);
}

/** The two sections of a BTF blob. `words` views the type records, in the byte order of the host (little-endian). */
export interface BtfSections {
  readonly words: Uint32Array;
  /** Byte offset of the first type record, for errors. */
  readonly wordsOffset: number;
  readonly strings: BtfStrings;
}

/** Checks the header and finds the sections. `baseStrings` are those of the BTF that a split BTF extends. */
export function btfSections(bytes: Uint8Array, baseStrings?: BtfStrings): BtfSections {
  if (bytes.length < BTF_HEADER_BYTES) throw new BtfError("shorter than its header", bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint16(0, true);
  if (magic === 0x9feb) throw new BtfError("big-endian types are not supported", 0);
  if (magic !== BTF_MAGIC) throw new BtfError(`bad magic 0x${magic.toString(16)}`, 0);
  if (bytes[2] !== BTF_VERSION) throw new BtfError(`unknown version ${bytes[2]}`, 2);
  const headerBytes = view.getUint32(4, true);
  if (headerBytes < BTF_HEADER_BYTES || headerBytes > bytes.length) throw new BtfError("bad header length", 4);
  const typesAt = headerBytes + view.getUint32(8, true);
  const types = section(bytes, typesAt, view.getUint32(12, true), "type");
  const text = section(bytes, headerBytes + view.getUint32(16, true), view.getUint32(20, true), "string");
  if (types.length % 4 !== 0) throw new BtfError("type section is not a whole number of words", 12);
  if (text.length === 0 ? baseStrings === undefined : text[text.length - 1] !== 0) {
    throw new BtfError("string section does not end with a NUL", 20);
  }
  if (baseStrings === undefined && text[0] !== 0) throw new BtfError("string section does not start with a NUL", 16);
  const start = baseStrings === undefined ? 0 : baseStrings.start + baseStrings.bytes.length;
  return { words: wordsOf(types), wordsOffset: typesAt, strings: { bytes: text, start, base: baseStrings } };
}

function section(bytes: Uint8Array, from: number, length: number, what: string): Uint8Array {
  if (from + length > bytes.length) throw new BtfError(`${what} section ends beyond the data`, from);
  return bytes.subarray(from, from + length);
}

/** A view of the bytes as words, or a copy when they are not aligned. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
}
