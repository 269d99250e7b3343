/** Binary searches, and the one for the row of an address. */
import { UNWIND_ROW } from "@beetrace/object";
import type { BlockId, Operand, Reg, SlotRef } from "../../ir/ir.ts";
import { UNWIND_MAPPING, UNWIND_ROWS_MAP, UNWIND_ROWS_MAX } from "../../unwind-maps.ts";
import type { Lowerer } from "../lowerer.ts";
import { ENV, lookUp, lowerOnce } from "./environment.ts";

const ROW_SEARCH = "unwind_row";

/**
 * The last of `count` elements from `first` on that is not beyond what is sought: `beyond` gives -1 where the element
 * is, else 0. What is found is chosen without branches, so that the verifier sees each step once. `most` is the largest
 * count, a power of two.
 */
export function lastNotBeyond(
  f: Lowerer,
  first: Operand,
  count: Operand,
  most: number,
  beyond: (index: Reg) => Reg,
): Reg {
  const { b } = f;
  const low = b.copy(first);
  const rest = b.copy(count);
  const step = b.copy(0n);
  const [loop, bounded, inside, after] = Array.from({ length: 4 }, () => b.block());
  b.jump(loop);
  b.enter(loop);
  b.branch("gt", rest, 1n, bounded, after);
  b.enter(bounded);
  b.branch("lt", step, BigInt(Math.log2(most)), inside, after);
  b.enter(inside);
  const half = b.alu("rsh", rest, 1n);
  const isNot = b.alu("xor", beyond(b.add(low, half)), -1n);
  b.copy(b.add(low, b.alu("and", half, isNot)), low);
  b.copy(b.alu("sub", rest, half), rest);
  b.copy(b.add(step, 1n), step);
  b.jump(loop);
  b.enter(after);
  return low;
}

/** -1 where `a` is less than `other`; both are addresses of user space or smaller. */
export function lessMask({ b }: Lowerer, a: Operand, other: Operand): Reg {
  return b.alu("arsh", b.alu("sub", b.inReg(a), other), 63n);
}

/** (address, first, count) -> index of the last row that does not begin beyond the address. */
export function lowerRowSearch(l: Lowerer): void {
  lowerOnce(l, ROW_SEARCH, { params: ["address", "first", "count"], global: true }, (f) => {
    const { b } = f;
    const [address, first, count] = f.params;
    const gone = b.block();
    const key = b.slot(8, 4);
    const index = lastNotBeyond(f, first, count, UNWIND_ROWS_MAX, (at) => {
      const row = rowAt(f, key, at, gone);
      return lessMask(f, address, b.load(row, UNWIND_ROW.address, 4));
    });
    b.return(index);
    b.enter(gone);
    b.return(first);
  });
}

function rowAt(f: Lowerer, key: SlotRef, index: Reg, gone: BlockId): Reg {
  const { b } = f;
  b.store(key, 0, 4, index);
  const there = b.block();
  const row = lookUp(f, UNWIND_ROWS_MAP, key);
  b.branch("ne", row, 0n, there, gone);
  b.enter(there);
  return row;
}

/** The row that holds for `place`. */
export function findRow(f: Lowerer, env: Reg, place: Reg, failed: BlockId): Reg {
  const { b } = f;
  const [some, good] = [b.block(), b.block()];
  const address = b.alu("sub", place, b.load(env, ENV.mapping + UNWIND_MAPPING.bias, 8));
  const first = b.load(env, ENV.mapping + UNWIND_MAPPING.first, 4);
  const count = b.load(env, ENV.mapping + UNWIND_MAPPING.count, 4);
  b.branch("ne", count, 0n, some, failed);
  b.enter(some);
  const row = rowAt(f, b.slot(8, 4), b.invoke(ROW_SEARCH, address, first, count), failed);
  b.branch("ge", address, b.load(row, UNWIND_ROW.address, 4), good, failed);
  b.enter(good);
  return row;
}
