/** Equality of values in memory: strings up to their NUL, everything else byte by byte. */
import { invariant } from "@beetrace/std";
import type { Binary, Expression } from "../ast.ts";
import type { BlockId, Size } from "../ir/ir.ts";
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
  if (typeof right.constant === "string") return compareLiteral(l, e.left, right.constant, yes, no);
  if (typeof left.constant === "string") return compareLiteral(l, e.right, left.constant, yes, no);
  if (isText(left.type) && isText(right.type)) {
    const [a, b] = [textPlace(l, e.left), textPlace(l, e.right)];
    return compareTexts(l, a, b, yes, no);
  }
  const type = unify(left.type, right.type);
  invariant(type, "compared values have a common type");
  const [a, b] = [l.stored(e.left, type), l.stored(e.right, type)];
  compareBytes(l, a, b, storageSize(type), yes, no);
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
function compareLiteral(l: Lowerer, e: Expression, literal: string, yes: BlockId, no: BlockId): void {
  const type = l.type(e);
  if (type.kind === "probe") return compareProbeName(l, e, literal, yes, no);
  const { place, size } = textPlace(l, e);
  const bytes = [...literal].map((char) => char.charCodeAt(0));
  if (bytes.length > size) return l.b.jump(no);
  // A literal that fills the whole string has no NUL to compare.
  if (bytes.length < size) bytes.push(0);
  let offset = 0;
  while (offset < bytes.length) {
    let step: Size = 8;
    while (step > bytes.length - offset || (place.offset + offset) % step !== 0) step = (step / 2) as Size;
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
function compareTexts(l: Lowerer, a: Text, b: Text, yes: BlockId, no: BlockId): void {
  const size = Math.min(a.size, b.size);
  if (size <= UNROLLED_BYTES) {
    for (let offset = 0; offset < size; offset++) {
      const byte = l.b.load(a.place.base, a.place.offset + offset, 1);
      const same = l.b.block();
      l.b.branch("eq", byte, l.b.load(b.place.base, b.place.offset + offset, 1), same, no);
      l.b.enter(same);
      const next = l.b.block();
      l.b.branch("eq", byte, 0n, yes, next);
      l.b.enter(next);
    }
    return l.b.jump(yes);
  }
  // A string that its own length does not end is longer than the shorter memory: bpf_strncmp sees no difference then.
  const result = stringCompare(l, a.place, b.place, size);
  l.b.branch("eq", result, 0n, yes, no);
}

/** A loop over the bytes; the verifier follows it to its end. */
function stringCompare(l: Lowerer, a: Place, b: Place, size: number) {
  const different = l.b.copy(0n);
  const index = l.b.copy(0n);
  const loop = l.b.block();
  const compare = l.b.block();
  const same = l.b.block();
  const next = l.b.block();
  const unequal = l.b.block();
  const after = l.b.block();
  l.b.jump(loop);
  l.b.enter(loop);
  l.b.branch("lt", index, BigInt(size), compare, after);
  l.b.enter(compare);
  const left = l.b.load(l.b.add(addressBase(l, a), index), a.offset, 1);
  const right = l.b.load(l.b.add(addressBase(l, b), index), b.offset, 1);
  l.b.branch("eq", left, right, same, unequal);
  l.b.enter(same);
  l.b.branch("eq", left, 0n, after, next);
  l.b.enter(next);
  l.b.copy(l.b.add(index, 1n), index);
  l.b.jump(loop);
  l.b.enter(unequal);
  l.b.copy(1n, different);
  l.b.jump(after);
  l.b.enter(after);
  return different;
}

function addressBase(l: Lowerer, place: Place) {
  return typeof place.base === "object" ? l.b.address({ kind: "slot", slot: place.base.slot, offset: 0 }) : place.base;
}

/** Goes to `yes` when the bytes are the same. */
export function compareBytes(l: Lowerer, a: Place, b: Place, sizeBytes: number, yes: BlockId, no: BlockId): void {
  let offset = 0;
  while (offset < sizeBytes) {
    let step: Size = 8;
    while (step > sizeBytes - offset || (a.offset + offset) % step !== 0 || (b.offset + offset) % step !== 0)
      step = (step / 2) as Size;
    const next = l.b.block();
    l.b.branch("eq", l.b.load(a.base, a.offset + offset, step), l.b.load(b.base, b.offset + offset, step), next, no);
    l.b.enter(next);
    offset += step;
  }
  l.b.jump(yes);
}
