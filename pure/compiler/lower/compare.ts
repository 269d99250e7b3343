/** Equality of values in memory: strings up to their NUL, everything else byte by byte. */
import { invariant } from "@beetrace/std";
import type { Binary, Expression } from "../ast.ts";
import type { BlockId, Reg, Size } from "../ir/ir.ts";
import { storageSize } from "../semantics/storage.ts";
import { isScalar, type Type, unify } from "../semantics/types.ts";
import type { Lowerer } from "./lowerer.ts";
import { copyBytes, isDirect } from "./memory.ts";
import type { Place } from "./place.ts";

/** Bytes of a comparison that are written out; longer ones loop. */
const UNROLLED_BYTES = 64;

/** Goes to `yes` when both sides are equal. */
export function compareMemory(l: Lowerer, e: Binary, yes: BlockId, no: BlockId): void {
  const left = l.info(e.left);
  const right = l.info(e.right);
  const texts = isText(left.type) && isText(right.type);
  if (texts || typeof right.constant === "string" || typeof left.constant === "string")
    return compareStrings(l, e.left, e.right, Number.POSITIVE_INFINITY, yes, no);
  const type = unify(left.type, right.type);
  invariant(type, "compared values have a common type");
  const [a, b] = [l.stored(e.left, type), l.stored(e.right, type)];
  compareBytes(l, a, b, storageSize(type), yes, no);
}

/** Goes to `yes` when the first `most` characters of two strings are the same; what is behind a NUL does not count. */
export function compareStrings(
  l: Lowerer,
  left: Expression,
  right: Expression,
  most: number,
  yes: BlockId,
  no: BlockId,
): void {
  const [known, other] = [l.info(right).constant, l.info(left).constant];
  if (typeof known === "string") return compareLiteral(l, left, known, most, yes, no);
  if (typeof other === "string") return compareLiteral(l, right, other, most, yes, no);
  const [a, b] = [textPlace(l, left), textPlace(l, right)];
  compareTexts(l, a, b, most, yes, no);
}

function isText(type: Type): boolean {
  return type.kind === "string" || type.kind === "probe";
}

interface Text {
  readonly place: Place;
  readonly size: number;
}

/** A string in this program's memory. */
function textPlace(l: Lowerer, e: Expression): Text {
  const type = l.type(e);
  invariant(isText(type), "a string");
  const size = (type as { size: number }).size;
  if (isScalar(type)) return { place: l.stored(e, { kind: "string", size }), size };
  const value = l.value(e);
  invariant(value.kind === "place", "a string is in memory");
  if (isDirect(value.place.space) && value.place.space !== "trusted") return { place: value.place, size };
  const copy = l.temp(size);
  copyBytes(l, copy, value.place, size);
  return { place: copy, size };
}

/** Compares with a literal: its bytes and its NUL, eight at a time. */
function compareLiteral(l: Lowerer, e: Expression, literal: string, most: number, yes: BlockId, no: BlockId): void {
  const type = l.type(e);
  if (type.kind === "probe" && most > type.size) return compareProbeName(l, e, literal, yes, no);
  const { place, size } = textPlace(l, e);
  const bytes = [...literal.split("\0")[0]].map((char) => char.charCodeAt(0));
  if (Math.min(bytes.length, most) > size) return l.b.jump(no);
  // A literal that fills the whole string has no NUL to compare.
  if (bytes.length < size) bytes.push(0);
  bytes.length = Math.min(bytes.length, most);
  let offset = 0;
  while (offset < bytes.length) {
    const step = stepAt(place.offset + offset, bytes.length - offset);
    let word = 0n;
    for (let index = step - 1; index >= 0; index--) word = (word << 8n) | BigInt(bytes[offset + index]);
    const next = l.b.block();
    l.b.branch("eq", l.b.load(place.base, place.offset + offset, step), word, next, no);
    l.b.enter(next);
    offset += step;
  }
  l.b.jump(yes);
}

/** The names of a program's probes are known: the comparison is one of numbers. */
function compareProbeName(l: Lowerer, e: Expression, literal: string, yes: BlockId, no: BlockId): void {
  const matches = l.unit.attachments.filter((attachment) => attachment.name === literal);
  const index = l.scalar(e);
  for (const match of matches) {
    const next = l.b.block();
    l.b.branch("eq", index, BigInt(match.index), yes, next);
    l.b.enter(next);
  }
  l.b.jump(no);
}

/** Two strings are equal when they are up to the first NUL, or up to the end of the shorter memory. */
function compareTexts(l: Lowerer, a: Text, b: Text, most: number, yes: BlockId, no: BlockId): void {
  const size = Math.min(a.size, b.size, most);
  const looped = size > UNROLLED_BYTES ? compareInLoop(l, a.place, b.place, size, yes, no) : 0;
  for (let offset = looped; offset < size; ) {
    const step = stepAt((a.place.offset + offset) | (b.place.offset + offset), size - offset);
    const left = l.b.load(a.place.base, a.place.offset + offset, step);
    compareWords(l, left, l.b.load(b.place.base, b.place.offset + offset, step), step, yes, no);
    offset += step;
  }
  l.b.jump(yes);
}

/** The widest load at an offset, of a number of bytes that are left. */
function stepAt(offset: number, left: number): Size {
  let step: Size = 8;
  while (step > left || offset % step !== 0) step = (step / 2) as Size;
  return step;
}

/** A loop over equal steps, which the verifier follows to its end. Gives how many bytes it compares. */
function compareInLoop(l: Lowerer, a: Place, b: Place, size: number, yes: BlockId, no: BlockId): number {
  const step = stepAt(a.offset | b.offset, 8);
  const end = size - (size % step);
  const index = l.b.copy(0n);
  const loop = l.b.block();
  const compare = l.b.block();
  const after = l.b.block();
  l.b.jump(loop);
  l.b.enter(loop);
  l.b.branch("lt", index, BigInt(end), compare, after);
  l.b.enter(compare);
  const left = l.b.load(l.b.add(addressBase(l, a), index), a.offset, step);
  const right = l.b.load(l.b.add(addressBase(l, b), index), b.offset, step);
  compareWords(l, left, right, step, yes, no);
  l.b.copy(l.b.add(index, BigInt(step)), index);
  l.b.jump(loop);
  l.b.enter(after);
  return end;
}

/**
 * Goes on to `no` when words differ before the first NUL, to `yes` when there is one, and falls through otherwise.
 * Source of the search for a zero byte: H. S. Warren, "Hacker's Delight", section 6-1.
 */
function compareWords(l: Lowerer, left: Reg, right: Reg, step: Size, yes: BlockId, no: BlockId): void {
  const ones = 0x0101010101010101n >> BigInt(64 - step * 8);
  // The lowest bit that is set marks the first NUL; above it there may be false ones.
  const candidates = l.b.alu("and", l.b.alu("sub", left, ones), l.b.alu("xor", left, -1n));
  const zeros = l.b.alu("and", candidates, ones << 7n);
  // The bits up to that mark: all of them where there is no NUL.
  const upToNul = l.b.alu("xor", zeros, l.b.alu("sub", zeros, 1n));
  const same = l.b.block();
  const next = l.b.block();
  l.b.branch("eq", l.b.alu("and", l.b.alu("xor", left, right), upToNul), 0n, same, no);
  l.b.enter(same);
  l.b.branch("ne", zeros, 0n, yes, next);
  l.b.enter(next);
}

function addressBase(l: Lowerer, place: Place) {
  return typeof place.base === "object" ? l.b.address({ kind: "slot", slot: place.base.slot, offset: 0 }) : place.base;
}

/** Goes to `yes` when the bytes are the same. */
export function compareBytes(l: Lowerer, a: Place, b: Place, sizeBytes: number, yes: BlockId, no: BlockId): void {
  let offset = 0;
  while (offset < sizeBytes) {
    const step = stepAt((a.offset + offset) | (b.offset + offset), sizeBytes - offset);
    const next = l.b.block();
    l.b.branch("eq", l.b.load(a.base, a.offset + offset, step), l.b.load(b.base, b.offset + offset, step), next, no);
    l.b.enter(next);
    offset += step;
  }
  l.b.jump(yes);
}
