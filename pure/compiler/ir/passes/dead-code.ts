import { type Block, definedBy, type Func, hasEffect, type Instr, usedBy } from "../ir.ts";
import { liveness } from "../liveness.ts";

/** Removes instructions whose result nobody reads and that do nothing else. */
export function removeDeadCode(func: Func): Func {
  const { liveOut } = liveness(func);
  return { ...func, blocks: func.blocks.map((block) => prune(block, new Set(liveOut.get(block.id)))) };
}

function prune(block: Block, live: Set<number>): Block {
  for (const reg of usedBy(block.end)) live.add(reg);
  const kept: Instr[] = [];
  for (let index = block.instrs.length - 1; index >= 0; index--) {
    let instr = block.instrs[index];
    const dst = definedBy(instr);
    const wanted = dst !== undefined && live.has(dst);
    if (!wanted && !hasEffect(instr)) continue;
    if (!wanted && dst !== undefined) instr = { ...instr, dst: undefined } as Instr;
    if (dst !== undefined) live.delete(dst);
    for (const reg of usedBy(instr)) live.add(reg);
    kept.push(instr);
  }
  return { ...block, instrs: kept.reverse() };
}
