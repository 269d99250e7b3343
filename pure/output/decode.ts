import { type Int, intFromWords, narrowInt, unreachable } from "@beetrace/std";
import { type Memory, memoryOf } from "./memory.ts";
import { alignOf, type RecordField, sizeOf, type TupleField, type ValueType } from "./type.ts";
import type { Value } from "./value.ts";

/** Reads one value whose first byte is at offset `at`. */
export type Decoder = (memory: Memory, at: number) => Value;

/**
 * The decoder of a type, made once and used for every event. `aligned` false is for bytes at any offset (fields of
 * packed structures, keys that follow one another without padding); it costs a copy of the value.
 */
export function decoder(type: ValueType, aligned = true): Decoder {
  return aligned ? alignedDecoder(type) : movingDecoder(type);
}

/** The value of all zero bytes: what a missing map element reads as. */
export function zeroValue(type: ValueType): Value {
  switch (type.kind) {
    case "hist":
    case "lhist":
      return { kind: "histogram", buckets: new Map() };
    case "tseries":
      return { kind: "tseries", values: new Map() };
    default:
      return decoder(type)(memoryOf(new Uint8Array(sizeOf(type))), 0);
  }
}

function movingDecoder(type: ValueType): Decoder {
  const decode = alignedDecoder(type);
  if (alignOf(type) === 1) return decode;
  const size = sizeOf(type);
  return (memory, at) => decode(memoryOf(memory.u8.slice(at, at + size)), 0);
}

function alignedDecoder(type: ValueType): Decoder {
  switch (type.kind) {
    case "none":
      return () => null;
    case "int":
    case "enum":
      return intDecoder(type.size, type.signed);
    case "bool":
      return (memory, at) => memory.u8[at] !== 0;
    case "string":
      return stringDecoder(type.size);
    case "buffer":
      return bufferDecoder(type.capacity);
    case "array":
      return arrayDecoder(type.element, type.count, type.stride);
    case "tuple":
      return listDecoder(type.fields.map(fieldDecoder));
    case "record":
      return listDecoder(type.fields.map(recordFieldDecoder));
    case "pointer":
    case "ksym":
    case "timestamp":
    case "cgroup-path":
    case "username":
    case "probe":
    case "name":
    case "count":
    case "hist":
    case "lhist":
      return intDecoder(8, false);
    case "sum":
      return intDecoder(8, type.signed);
    case "usym":
      return (memory, at) => ({ kind: "address", address: wide(memory, at, false), pid: memory.u32[(at >>> 2) + 2] });
    case "kstack":
      return (memory, at) => ({ kind: "stack", id: wide(memory, at, true), pid: 0 });
    case "ustack":
      return (memory, at) => ({ kind: "stack", id: wide(memory, at, true), pid: memory.u32[(at >>> 2) + 2] });
    case "inet":
      return (memory, at) => bytesValue(memory, at + 4, inetSize(memory.u32[at >>> 2]));
    case "mac":
      return (memory, at) => bytesValue(memory, at, 6);
    default:
      return aggregateDecoder(type);
  }
}

type PairOrSlot = Extract<ValueType, { kind: "min" | "max" | "avg" | "stats" | "tseries" }>;

function aggregateDecoder(type: PairOrSlot): Decoder {
  const { signed } = type;
  switch (type.kind) {
    case "min":
    case "max":
      return (memory, at) => ({
        kind: "extreme",
        value: wide(memory, at, signed),
        seen: memory.u32[(at >>> 2) + 2] !== 0,
      });
    case "avg":
    case "stats":
      return (memory, at) => ({ kind: "average", total: wide(memory, at, signed), count: wide(memory, at + 8, false) });
    case "tseries":
      return (memory, at) => ({
        kind: "slot",
        epoch: wide(memory, at, false),
        value: wide(memory, at + 8, signed),
        weight: wide(memory, at + 16, false),
      });
    default:
      return unreachable(type, "aggregate type");
  }
}

function wide(memory: Memory, at: number, signed: boolean): Int {
  const word = at >>> 2;
  return intFromWords(memory.u32[word], memory.u32[word + 1], signed);
}

function intDecoder(size: 1 | 2 | 4 | 8, signed: boolean): (memory: Memory, at: number) => Int {
  switch (size) {
    case 1:
      return signed ? (memory, at) => (memory.u8[at] << 24) >> 24 : (memory, at) => memory.u8[at];
    case 2:
      return signed ? (memory, at) => (memory.u16[at >>> 1] << 16) >> 16 : (memory, at) => memory.u16[at >>> 1];
    case 4:
      return signed ? (memory, at) => memory.i32[at >>> 2] : (memory, at) => memory.u32[at >>> 2];
    case 8:
      return signed ? (memory, at) => wide(memory, at, true) : (memory, at) => wide(memory, at, false);
  }
}

/** Byte text of the bytes at `at` up to a NUL, at most `size` of them. */
export function textAt(u8: Uint8Array, at: number, size: number): string {
  const end = at + size;
  let text = "";
  let from = at;
  // Eight bytes a call: String.fromCharCode takes them without an array, and a short name needs one or two calls.
  for (; from + 8 <= end; from += 8) {
    const a = u8[from];
    const b = u8[from + 1];
    const c = u8[from + 2];
    const d = u8[from + 3];
    const e = u8[from + 4];
    const f = u8[from + 5];
    const g = u8[from + 6];
    const h = u8[from + 7];
    if (a === 0 || b === 0 || c === 0 || d === 0 || e === 0 || f === 0 || g === 0 || h === 0) break;
    text += String.fromCharCode(a, b, c, d, e, f, g, h);
  }
  for (; from < end; from++) {
    const byte = u8[from];
    if (byte === 0) break;
    text += String.fromCharCode(byte);
  }
  return text;
}

function stringDecoder(size: number): Decoder {
  return (memory, at) => textAt(memory.u8, at, size);
}

function bufferDecoder(capacity: number): Decoder {
  return (memory, at) => bytesValue(memory, at + 4, Math.min(memory.u32[at >>> 2], capacity));
}

/** Copied: the value may outlive the ring's memory. */
function bytesValue(memory: Memory, at: number, size: number): Value {
  return { kind: "bytes", bytes: memory.u8.slice(at, at + size) };
}

function inetSize(written: number): number {
  return written === 4 || written === 16 ? written : 0;
}

function arrayDecoder(element: ValueType, count: number, stride: number): Decoder {
  const decode = decoder(element, stride % alignOf(element) === 0);
  return (memory, at) => {
    const items = new Array<Value>(count);
    for (let index = 0; index < count; index++) items[index] = decode(memory, at + index * stride);
    return { kind: "list", items };
  };
}

function listDecoder(fields: readonly Decoder[]): Decoder {
  return (memory, at) => {
    const items = new Array<Value>(fields.length);
    for (let index = 0; index < fields.length; index++) items[index] = fields[index](memory, at);
    return { kind: "list", items };
  };
}

function fieldDecoder(field: TupleField): Decoder {
  const { offset } = field;
  const decode = decoder(field.type, offset % alignOf(field.type) === 0);
  return (memory, at) => decode(memory, at + offset);
}

function recordFieldDecoder(field: RecordField): Decoder {
  return field.bitfield === undefined ? fieldDecoder(field) : bitfieldDecoder(field, field.bitfield);
}

/** Bits may lie across words of a packed structure: they are gathered byte by byte. */
function bitfieldDecoder(field: RecordField, bits: { readonly shift: number; readonly width: number }): Decoder {
  const firstByte = field.offset + (bits.shift >>> 3);
  const shift = bits.shift & 7;
  const byteCount = (shift + bits.width + 7) >>> 3;
  const signed = (field.type.kind === "int" || field.type.kind === "enum") && field.type.signed;
  const isBool = field.type.kind === "bool";
  return (memory, at) => {
    let raw = 0n;
    for (let index = byteCount - 1; index >= 0; index--) raw = (raw << 8n) | BigInt(memory.u8[at + firstByte + index]);
    const value = signed
      ? BigInt.asIntN(bits.width, raw >> BigInt(shift))
      : BigInt.asUintN(bits.width, raw >> BigInt(shift));
    return isBool ? value !== 0n : narrowInt(value);
  };
}
