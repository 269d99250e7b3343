/** Call stacks of the moment: taken by the kernel, kept in a map under an id that is made of their hash. */
import type { Operand, Reg } from "../ir/ir.ts";
import { frameBytes } from "../semantics/storage.ts";
import type { StackType } from "../semantics/types.ts";
import { STACK_HASH } from "../stack-maps.ts";
import type { Lowerer } from "./lowerer.ts";
import { addressOf } from "./memory.ts";
import type { Place } from "./place.ts";
import { lookUp, WORD } from "./unwind/environment.ts";

/** What is said of a task that has no such stack. */
export const EFAULT = 14n;

/**
 * Takes the stack that bpf_get_stack gives with these flags; gives its id or a negated errno: -EFAULT where there is none,
 * -E2BIG where the map is full. Requires Linux 4.18, and 5.3 for its loop.
 */
export function takeStack(l: Lowerer, type: StackType, flags: bigint): Reg {
  const { b } = l;
  const bytes = frameBytes(type);
  const frames = l.scratch(type.limit * bytes);
  const size = b.call("get_stack", l.context, addressOf(l, frames), BigInt(type.limit * bytes), flags);
  const id = b.copy(-EFAULT);
  const [taken, none, after] = [b.block(), b.block(), b.block()];
  b.branch("sgt", size, 0n, taken, none);
  b.enter(taken);
  const count = b.alu("rsh", size, BigInt(Math.log2(bytes)));
  const hash = hashFrames(l, frames, count, type);
  b.copy(keepStack(l, l.assembly.stackMap(type), frames, { hash, count }), id);
  b.jump(after);
  b.enter(none);
  l.onFailure(size, () => b.copy(size, id));
  b.jump(after);
  b.enter(after);
  return id;
}

/** The hash of the frames, which are at most as many as the stack's limit. */
function hashFrames(l: Lowerer, frames: Place, count: Reg, type: StackType): Reg {
  const { b } = l;
  const hash = b.copy(0n);
  const index = b.copy(0n);
  const cursor = b.copy(addressOf(l, frames));
  const [loop, bounded, inside, after] = [b.block(), b.block(), b.block(), b.block()];
  b.jump(loop);
  b.enter(loop);
  // The verifier knows this one, and so where the loop ends.
  b.branch("lt", index, BigInt(type.limit), bounded, after);
  b.enter(bounded);
  b.branch("lt", index, count, inside, after);
  b.enter(inside);
  for (let at = 0; at < frameBytes(type); at += WORD) b.copy(hashed(l, hash, b.load(cursor, at, 8)), hash);
  b.copy(b.add(cursor, BigInt(frameBytes(type))), cursor);
  b.copy(b.add(index, 1n), index);
  b.jump(loop);
  b.enter(after);
  return hash;
}

/** The hash of a stack that goes on with this word. */
export function hashed({ b }: Lowerer, hash: Operand, word: Operand): Reg {
  const mixed = b.alu("mul", b.alu("xor", hash, word), BigInt.asIntN(64, STACK_HASH.factor));
  return b.alu("xor", mixed, b.alu("rsh", mixed, STACK_HASH.shift));
}

/** Makes the stack an element of its map unless it is one; gives its id or why there is none. */
export function keepStack(
  l: Lowerer,
  map: string,
  frames: Place,
  { hash, count }: { readonly hash: Operand; readonly count: Operand },
): Reg {
  const { b } = l;
  const ofHash = b.alu("and", b.alu("rsh", hash, STACK_HASH.idShift), STACK_HASH.idMask);
  const id = b.copy(b.alu("or", ofHash, count));
  const key = b.slot(WORD);
  b.store(key, 0, WORD, id);
  const [fresh, after] = [b.block(), b.block()];
  b.branch("eq", lookUp(l, map, key), 0n, fresh, after);
  b.enter(fresh);
  const at = { kind: "slot", slot: key.slot, offset: 0 } as const;
  const made = b.call("map_update_elem", { kind: "map", map }, at, addressOf(l, frames), 0n);
  l.onFailure(made, () => b.copy(made, id));
  b.jump(after);
  b.enter(after);
  return id;
}

/** How many frames the stack at a place has: none if it is that of a failure. */
export function frameCount({ b }: Lowerer, stack: Place): Reg {
  const id = b.load(stack.base, stack.offset, WORD);
  const count = b.copy(0n);
  const [some, after] = [b.block(), b.block()];
  b.branch("sge", id, 0n, some, after);
  b.enter(some);
  b.copy(b.alu("and", id, ~STACK_HASH.idMask), count);
  b.jump(after);
  b.enter(after);
  return count;
}
