import { definedBy, type Func, type Reg, usedBy } from "../ir/ir.ts";
import { lateUse } from "../ir/late-use.ts";
import { liveness } from "../ir/liveness.ts";

/**
 * The stretch of code in which a register's value is needed. Instruction i reads at position 2i and writes at
 * 2i + 1; parameters are written at -1.
 */
export interface Interval {
  readonly reg: Reg;
  start: number;
  end: number;
  /** Reads and writes, those in loops counting tenfold a level. */
  weight: number;
}

/** The interval of every register that is used, by register. */
export function intervals(func: Func): Map<Reg, Interval> {
  const result = new Map<Reg, Interval>();
  const touch = (reg: Reg, position: number, weight: number) => {
    const interval = result.get(reg);
    if (!interval) {
      result.set(reg, { reg, start: position, end: position, weight });
      return;
    }
    interval.start = Math.min(interval.start, position);
    interval.end = Math.max(interval.end, position);
    interval.weight += weight;
  };
  const { liveIn, liveOut } = liveness(func);
  const depths = loopDepths(func);
  for (const reg of func.params) touch(reg, -1, 1);
  let position = 0;
  for (const block of func.blocks) {
    const weight = 10 ** Math.min(4, depths.get(block.id) ?? 0);
    for (const reg of liveIn.get(block.id)!) touch(reg, position, 0);
    for (const instr of block.instrs) {
      for (const reg of usedBy(instr)) touch(reg, position, weight);
      const late = lateUse(instr);
      if (late !== undefined) touch(late, position + 1, 0);
      const dst = definedBy(instr);
      if (dst !== undefined) touch(dst, position + 1, weight);
      position += 2;
    }
    for (const reg of usedBy(block.end)) touch(reg, position, weight);
    position += 2;
    for (const reg of liveOut.get(block.id)!) touch(reg, position - 1, 0);
  }
  return result;
}

/** How many loops are around each block, by the backward edges of the block order. */
function loopDepths(func: Func): Map<number, number> {
  const index = new Map(func.blocks.map((block, at) => [block.id, at]));
  const depths = new Map<number, number>();
  func.blocks.forEach((block, at) => {
    const targets =
      block.end.op === "jump" ? [block.end.to] : block.end.op === "branch" ? [block.end.then, block.end.else] : [];
    for (const to of targets) {
      const from = index.get(to)!;
      if (from > at) continue;
      for (let inside = from; inside <= at; inside++) {
        const id = func.blocks[inside].id;
        depths.set(id, (depths.get(id) ?? 0) + 1);
      }
    }
  });
  return depths;
}
