/** Reading and writing values in memory: the program's own, the kernel's and the process's. */
import { invariant } from "@beetrace/std";
import type { Expression } from "../ast.ts";
import type { Operand, Reg, Size } from "../ir/ir.ts";
import { layoutOf, storageSize } from "../semantics/storage.ts";
import { bitsOf, isInteger, isScalar, isSigned, type Space, type Type, typeName } from "../semantics/types.ts";
import type { Lowerer } from "./lowerer.ts";
import { type Place, shifted } from "./place.ts";

/** Longest copy that is written out as loads and stores; a helper call costs about as much as sixteen of them. */
const INLINE_COPY_BYTES = 64;

/** Whether a program may load from there without asking a helper. */
export function isDirect(space: Space): boolean {
  return space === "bpf" || space === "ctx" || space === "trusted";
}

/**
 * Reads memory that is not the program's own: bpf_probe_read_{kernel,user}[_str]. A pointer that may be of either
 * kind is told by its sign: kernel addresses have the highest bit set, on x86-64 and on arm64.
 */
export function probeRead(
  l: Lowerer,
  space: Space,
  to: Place,
  sizeBytes: Operand,
  pointer: Operand,
  text = false,
): Reg {
  const read = (which: "kernel" | "user") => {
    const helper = `probe_read_${which}${text ? "_str" : ""}`;
    const given = l.b.call(helper, addressArgument(l, to), sizeBytes, pointer);
    if (l.options.countFailedReads) l.countFailure(helper, given);
    return given;
  };
  if (space !== "none") return read(space === "user" ? "user" : "kernel");
  const result = l.b.reg();
  const kernel = l.b.block();
  const user = l.b.block();
  const after = l.b.block();
  l.b.branch("slt", pointer, 0n, kernel, user);
  for (const [block, which] of [
    [kernel, "kernel"],
    [user, "user"],
  ] as const) {
    l.b.enter(block);
    l.b.copy(read(which), result);
    l.b.jump(after);
  }
  l.b.enter(after);
  return result;
}

/** The address of a place in a register. */
export function addressOf(l: Lowerer, place: Place): Reg {
  if (typeof place.base === "object") return l.b.address({ kind: "slot", slot: place.base.slot, offset: place.offset });
  return place.offset === 0 ? place.base : l.b.add(place.base, BigInt(place.offset));
}

/** The address of a place as an argument of a call. */
export function addressArgument(l: Lowerer, place: Place): Reg | { kind: "slot"; slot: number; offset: number } {
  if (typeof place.base === "object") return { kind: "slot", slot: place.base.slot, offset: place.offset };
  return addressOf(l, place);
}

/** Bytes of a scalar in memory. */
export function scalarSize(type: Type): Size {
  return storageSize(type) as Size;
}

/** Loads a scalar and extends it to 64 bits. */
export function readScalar(l: Lowerer, place: Place, type: Type): Operand {
  invariant(isScalar(type), `${type.kind} is no scalar`);
  const size = scalarSize(type);
  let source = place;
  if (!isDirect(place.space)) {
    source = l.temp(8);
    probeRead(l, place.space, source, BigInt(size), addressOf(l, place));
  }
  const value = isMisaligned(source, size) ? loadBytes(l, source, size) : l.b.load(source.base, source.offset, size);
  return size < 8 && isSigned(type) ? l.b.extend(value, (size * 8) as 8 | 16 | 32, true) : value;
}

/** The verifier takes no loads across the words of the stack: fields of packed structs can lie so. */
function isMisaligned({ base, offset }: Place, size: Size): boolean {
  return typeof base === "object" && offset % size !== 0;
}

function loadBytes(l: Lowerer, { base, offset }: Place, size: Size): Reg {
  const value = l.b.copy(l.b.load(base, offset, 1));
  for (let at = 1; at < size; at++) {
    l.b.copy(l.b.alu("or", value, l.b.alu("lsh", l.b.load(base, offset + at, 1), BigInt(at * 8))), value);
  }
  return value;
}

/** Stores a scalar as a value of `type`. */
export function writeScalar(l: Lowerer, place: Place, type: Type, operand: Operand): void {
  l.b.store(place.base, place.offset, scalarSize(type), operand);
}

/** A register's value as one of another scalar type: cut and extended where the other is narrower or of another sign. */
export function convertScalar(l: Lowerer, operand: Operand, from: Type, to: Type): Operand {
  if (to.kind === "bool" && from.kind !== "bool") return truth(l, operand);
  if (!isInteger(to)) return operand;
  const bits = bitsOf(to);
  if (bits === 64) return operand;
  if (typeof operand === "bigint") return to.signed ? BigInt.asIntN(bits, operand) : BigInt.asUintN(bits, operand);
  if (from.kind === "bool") return operand;
  if (isInteger(from) && fits(from, to)) return operand;
  return l.b.extend(operand, bits, to.signed);
}

function fits(from: Type, to: Type): boolean {
  if (!isInteger(from) || !isInteger(to)) return false;
  const [narrow, wide] = [bitsOf(from), bitsOf(to)];
  if (from.signed === to.signed) return narrow <= wide;
  return to.signed && narrow < wide;
}

/** 1 unless the operand is 0. */
export function truth(l: Lowerer, operand: Operand): Operand {
  if (typeof operand === "bigint") return operand === 0n ? 0n : 1n;
  const result = l.b.copy(1n);
  const zero = l.b.block();
  const after = l.b.block();
  l.b.branch("eq", operand, 0n, zero, after);
  l.b.enter(zero);
  l.b.copy(0n, result);
  l.b.jump(after);
  l.b.enter(after);
  return result;
}

/** Fills memory with zeros. */
export function zero(l: Lowerer, place: Place, sizeBytes: number): void {
  if (sizeBytes > 2 * INLINE_COPY_BYTES) {
    // Reading from address 0 fails, and on failure the helper clears the whole destination.
    l.b.call("probe_read_kernel", addressArgument(l, place), BigInt(sizeBytes), 0n);
    return;
  }
  for (const [offset, size] of words(place, sizeBytes)) l.b.store(place.base, place.offset + offset, size, 0n);
}

/** Steps of 8, 4, 2 and 1 bytes, as the place's alignment allows. */
function* words(place: Place, sizeBytes: number, align = 8): Generator<[number, Size]> {
  let offset = 0;
  while (offset < sizeBytes) {
    let size: Size = 8;
    while (size > 1 && (size > align || size > sizeBytes - offset || (place.offset + offset) % size !== 0))
      size = (size / 2) as Size;
    yield [offset, size];
    offset += size;
  }
}

/** Copies bytes from any memory to the program's own. */
export function copyBytes(l: Lowerer, to: Place, from: Place, sizeBytes: number): void {
  if (sizeBytes === 0) return;
  if (!isDirect(from.space)) {
    probeRead(l, from.space, to, BigInt(sizeBytes), addressOf(l, from));
    return;
  }
  if (sizeBytes > INLINE_COPY_BYTES) {
    l.b.call("probe_read_kernel", addressArgument(l, to), BigInt(sizeBytes), addressOf(l, from));
    return;
  }
  const misaligned = (to.offset ^ from.offset) & 7;
  const align = misaligned === 0 ? 8 : misaligned & 1 ? 1 : misaligned & 2 ? 2 : 4;
  for (const [offset, size] of words(to, sizeBytes, align)) {
    l.b.store(to.base, to.offset + offset, size, l.b.load(from.base, from.offset + offset, size));
  }
}

/** Copies a value in memory of type `from` to one of type `to`, which holds everything that `from` does. */
export function convertPlace(l: Lowerer, source: Place, from: Type, to: Type, target: Place): void {
  if (isScalar(from)) {
    writeScalar(l, target, to, convertScalar(l, readScalar(l, source, from), from, to));
    return;
  }
  if (from.kind === "string" && to.kind === "string") {
    copyBytes(l, target, source, Math.min(from.size, to.size));
    if (to.size > from.size) zero(l, shifted(target, from.size), to.size - from.size);
    return;
  }
  if (from.kind === "buffer" && to.kind === "buffer") {
    copyBytes(l, target, source, 4 + Math.min(from.capacity, to.capacity));
    if (to.capacity > from.capacity) zero(l, shifted(target, 4 + from.capacity), to.capacity - from.capacity);
    return;
  }
  const [fromParts, toParts] = [parts(from), parts(to)];
  if (fromParts && toParts && typeName(from) !== typeName(to)) {
    zero(l, target, storageSize(to));
    for (const [name, part] of toParts) {
      const own = fromParts.get(name);
      if (own) convertPlace(l, shifted(source, own.offset), own.type, part.type, shifted(target, part.offset));
    }
    return;
  }
  copyBytes(l, target, source, storageSize(to));
}

/** Writes a value where another of the type lies, which it may be made from: then it is completed first. */
export function replaceValue(l: Lowerer, e: Expression, type: Type, to: Place): void {
  if (!isComposed(e)) return l.into(e, type, to);
  copyBytes(l, to, l.stored(e, type), storageSize(type));
}

/** Whether a value comes about in several steps. */
function isComposed({ kind }: Expression): boolean {
  return ["tuple", "record", "conditional", "if-expression", "block-expression"].includes(kind);
}

/** The parts of a tuple (by index) or record (by name). */
export function parts(type: Type): Map<string, { offset: number; type: Type }> | undefined {
  const layout = layoutOf(type);
  if (type.kind === "tuple" && layout.kind === "tuple") {
    return new Map(
      type.elements.map((element, index) => [String(index), { offset: layout.fields[index].offset, type: element }]),
    );
  }
  if (type.kind === "record" && layout.kind === "record") {
    return new Map(
      type.fields.map((field, index) => [field.name, { offset: layout.fields[index].offset, type: field.type }]),
    );
  }
  return undefined;
}

/** Whether a tuple or record has bytes between its parts, which must be zero in a key. */
export function hasPadding(type: Type): boolean {
  const inner = parts(type);
  if (!inner) return type.kind === "buffer";
  let end = 0;
  for (const part of inner.values()) {
    if (part.offset !== end || hasPadding(part.type)) return true;
    end = part.offset + storageSize(part.type);
  }
  return end !== storageSize(type);
}

/** The smaller of a length and a constant, in a form that the verifier follows. */
export function bounded(l: Lowerer, length: Operand, most: number): Operand {
  const size = l.b.copy(length);
  const over = l.b.block();
  const after = l.b.block();
  l.b.branch("gt", size, BigInt(most), over, after);
  l.b.enter(over);
  l.b.copy(BigInt(most), size);
  l.b.jump(after);
  l.b.enter(after);
  return size;
}
