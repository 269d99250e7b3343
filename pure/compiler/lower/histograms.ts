/** hist() and lhist(). */
import type { Expression } from "../ast.ts";
import type { Operand, Reg } from "../ir/ir.ts";
import type { AggregateType } from "../semantics/types.ts";
import type { KernelMap } from "./assembly.ts";
import type { Lowerer } from "./lowerer.ts";
import { isScalarMap } from "./maps.ts";
import { bucketKey, mergeOrMake, perCpuElement } from "./per-cpu.ts";
import type { Place } from "./place.ts";

/** Counts a value in its bucket: an element of an array in a scalar map, else a key of its own. */
export function addBucket(
  l: Lowerer,
  map: KernelMap,
  user: Place | undefined,
  bucket: Operand,
  span: Expression["span"],
): void {
  if (isScalarMap(map)) {
    const element = perCpuElement(l, map);
    const count = map.valueSize / 8;
    // The bucket is in range by its making; the verifier is told so.
    const bounded = l.b.inReg(bucket);
    const inside = l.b.block();
    const after = l.b.block();
    l.b.branch("lt", bounded, BigInt(count), inside, after);
    l.b.enter(inside);
    const slot = l.b.add(element, l.b.alu("lsh", bounded, 3n));
    l.b.atomicAdd(slot, 0, 8, 1n, false);
    l.b.store(element, map.presentOffset!, 8, 1n);
    l.b.jump(after);
    l.b.enter(after);
    return;
  }
  const key = bucketKey(l, map, user, bucket);
  mergeOrMake(
    l,
    map,
    key,
    span,
    (found) => l.b.atomicAdd(found, 0, 8, 1n, false),
    (fresh) => l.b.store(fresh.base, fresh.offset, 8, 1n),
  );
}

/** The bucket of hist(): see `histBucketOf` of the output package, step by step the same. */
export function histBucket(l: Lowerer, value: Operand, bits: number): Operand {
  const result = l.b.copy(0n);
  const after = l.b.block();
  const positive = l.b.block();
  const word = l.b.inReg(value);
  l.b.branch("slt", word, 0n, after, positive);
  l.b.enter(positive);
  const small = l.b.block();
  const large = l.b.block();
  l.b.branch("lt", word, BigInt(1 << bits), small, large);
  l.b.enter(small);
  l.b.copy(l.b.add(word, 1n), result);
  l.b.jump(after);
  l.b.enter(large);
  const top = highestBit(l, word);
  const power = l.b.alu("sub", top, BigInt(bits));
  let index = l.b.add(l.b.alu("lsh", l.b.add(power, 1n), BigInt(bits)), 1n);
  if (bits > 0) {
    const sub = l.b.alu("and", l.b.alu("rsh", word, power), BigInt((1 << bits) - 1));
    index = l.b.add(index, sub);
  }
  l.b.copy(index, result);
  l.b.jump(after);
  l.b.enter(after);
  return result;
}

/** The position of the highest set bit of a number above 0, by halving the range, without branches that stay open. */
function highestBit(l: Lowerer, word: Reg): Reg {
  const rest = l.b.copy(word);
  const position = l.b.copy(0n);
  for (const half of [32, 16, 8, 4, 2, 1]) {
    const high = l.b.block();
    const next = l.b.block();
    l.b.branch("ge", rest, 1n << BigInt(half), high, next);
    l.b.enter(high);
    l.b.copy(l.b.alu("rsh", rest, BigInt(half)), rest);
    l.b.copy(l.b.add(position, BigInt(half)), position);
    l.b.jump(next);
    l.b.enter(next);
  }
  return position;
}

/** The bucket of lhist(): see `lhistBucketOf` of the output package. */
export function lhistBucket(l: Lowerer, value: Operand, type: AggregateType & { kind: "lhist" }): Operand {
  const result = l.b.copy(0n);
  const word = l.b.inReg(value);
  const notBelow = l.b.block();
  const above = l.b.block();
  const within = l.b.block();
  const after = l.b.block();
  l.b.branch("slt", word, type.min, after, notBelow);
  l.b.enter(notBelow);
  l.b.branch("sgt", word, type.max, above, within);
  l.b.enter(above);
  l.b.copy(1n + (type.max - type.min) / type.step, result);
  l.b.jump(after);
  l.b.enter(within);
  const steps = l.b.alu("div", l.b.alu("sub", word, type.min), type.step);
  l.b.copy(l.b.add(steps, 1n), result);
  l.b.jump(after);
  l.b.enter(after);
  return result;
}
