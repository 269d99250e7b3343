/** Bytes as they lie in memory: compared, and written into a process. */
import { invariant } from "@beetrace/std";
import type { Expression } from "../ast.ts";
import type { BlockId, Operand, Reg, Size } from "../ir/ir.ts";
import type { Lowerer } from "../lower/lowerer.ts";
import { addressArgument, addressOf, bounded, copyBytes, isDirect, probeRead } from "../lower/memory.ts";
import { type Place, scalar } from "../lower/place.ts";
import { storageSize } from "../semantics/storage.ts";
import { BOOL, INT64, isInteger, isScalar, strideOf, type Type, typeName } from "../semantics/types.ts";
import type { Builtin, Checking, Use } from "./builtin.ts";
import { expressionAt } from "./use.ts";

/** Comparisons that are written out; longer ones loop. */
const UNROLLED_BYTES = 128;

/** Bytes of a value in memory. */
function sizeOfValue(type: Type): number {
  if (type.kind === "struct") return type.sizeBytes;
  return type.kind === "array" ? type.count * strideOf(type.of) : storageSize(type);
}

function checkCount(use: Use, c: Checking): void {
  const count = c.constantInt(use, 2);
  if (count === undefined) return;
  const most = Math.min(...[0, 1].map((index) => sizeOfValue(c.check(use.args[index]).type)));
  if (count < 0n || count > BigInt(most))
    c.error(use.args[2].span, `memcmp() compares 0 to ${most} bytes of these values (${count} provided)`);
}

export const memcmp: Builtin = {
  name: "memcmp",
  form: "memcmp(A, B, COUNT)",
  doc: "0 when the first COUNT bytes of two values are the same, else -1 or 1 by the first byte that differs.",
  arity: [3, 3],
  pure: true,
  check(use, c) {
    const known = [0, 1].every((index) => c.check(use.args[index]).type.kind !== "none");
    if (known) checkCount(use, c);
    return { type: INT64 };
  },
  lower(use, l) {
    const [a, b] = [0, 1].map((index) => l.stored(expressionAt(use, index)!, l.type(expressionAt(use, index)!)));
    const count = Number(l.info(expressionAt(use, 2)!).constant);
    const result = l.b.copy(0n);
    const after = l.b.block();
    const looped = count > UNROLLED_BYTES ? compareInLoop(l, a, b, count, result, after) : 0;
    for (let offset = looped; offset < count; ) {
      let step: Size = 8;
      while (step > count - offset) step = (step / 2) as Size;
      const left = l.b.load(a.base, a.offset + offset, step);
      compareWords(l, left, l.b.load(b.base, b.offset + offset, step), step, result, after);
      offset += step;
    }
    l.b.jump(after);
    l.b.enter(after);
    return scalar(result);
  },
};

/** Gives how many bytes it compares. */
function compareInLoop(l: Lowerer, a: Place, b: Place, count: number, result: Reg, after: BlockId): number {
  const end = count - (count % 8);
  const index = l.b.copy(0n);
  const [loop, compare, done] = [l.b.block(), l.b.block(), l.b.block()];
  const [from, to] = [addressOf(l, a), addressOf(l, b)];
  l.b.jump(loop);
  l.b.enter(loop);
  l.b.branch("lt", index, BigInt(end), compare, done);
  l.b.enter(compare);
  const left = l.b.load(l.b.add(from, index), 0, 8);
  compareWords(l, left, l.b.load(l.b.add(to, index), 0, 8), 8, result, after);
  l.b.copy(l.b.add(index, 8n), index);
  l.b.jump(loop);
  l.b.enter(done);
  return end;
}

/** Goes on to `after` where words differ: with the first byte highest, their order is that of the bytes. */
function compareWords(l: Lowerer, left: Reg, right: Reg, size: Size, result: Reg, after: BlockId): void {
  const [differ, less, greater, next] = [l.b.block(), l.b.block(), l.b.block(), l.b.block()];
  l.b.branch("ne", left, right, differ, next);
  l.b.enter(differ);
  const inOrder = (word: Reg): Operand => (size === 1 ? word : l.b.swap(word, (size * 8) as 16 | 32 | 64));
  l.b.branch("lt", inOrder(left), inOrder(right), less, greater);
  l.b.enter(less);
  l.b.copy(-1n, result);
  l.b.jump(after);
  l.b.enter(greater);
  l.b.copy(1n, result);
  l.b.jump(after);
  l.b.enter(next);
}

export const writeUser: Builtin = {
  name: "write_user",
  form: "write_user(TO, FROM, COUNT)",
  doc: "Writes COUNT bytes of a value, or of what a pointer points to, into the process's memory; says whether it could.",
  arity: [3, 3],
  unsafe: true,
  check(use, c) {
    const [to, , count] = use.args.map((argument) => c.check(argument).type);
    if (to.kind !== "pointer" && !isInteger(to) && to.kind !== "none")
      return c.error(use.args[0].span, `write_user() expects a pointer to write to (${typeName(to)} provided)`);
    if (!isInteger(count) && count.kind !== "none")
      return c.error(use.args[2].span, `write_user() expects an integer as the count (${typeName(count)} provided)`);
    const known = c.check(use.args[2]).constant;
    const most = sourceBytes(c.check(use.args[1]).type, c.config.max_strlen);
    if (typeof known === "bigint" && (known < 0n || known > BigInt(most)))
      return c.error(use.args[2].span, `write_user() writes 0 to ${most} bytes of this (${known} provided)`);
    return { type: BOOL };
  },
  lower(use, l) {
    const [to, from, count] = [0, 1, 2].map((index) => expressionAt(use, index)!);
    const pointer = l.b.inReg(l.scalar(to));
    const most = sourceBytes(l.type(from), l.assembly.checker.options.config.max_strlen);
    const known = l.info(count).constant;
    const size = typeof known === "bigint" ? known : bounded(l, l.scalar(count), most);
    const source = sourceOf(l, from, most, size);
    const result = l.b.call("probe_write_user", pointer, addressArgument(l, source), size);
    const done = l.b.copy(1n);
    l.onFailure(result, () => l.b.copy(0n, done));
    return scalar(done);
  },
};

/** Most bytes that can be written of a value: behind a pointer there may be as many as a string can have. */
function sourceBytes(type: Type, maxStrlen: number): number {
  return type.kind === "pointer" ? maxStrlen : sizeOfValue(type);
}

/** What is to be written, in this program's memory. */
function sourceOf(l: Lowerer, from: Expression, most: number, size: Operand): Place {
  const type = l.type(from);
  if (type.kind !== "pointer") {
    if (isScalar(type)) return l.stored(from, type);
    const value = l.value(from);
    invariant(value.kind === "place", "a value that is no scalar is in memory");
    if (isDirect(value.place.space) && value.place.space !== "trusted") return value.place;
    const own = l.temp(most);
    copyBytes(l, own, value.place, most);
    return own;
  }
  const copy = l.temp(most);
  probeRead(l, type.space === "bpf" ? "kernel" : type.space, copy, size, l.scalar(from));
  return copy;
}
