import { type BlockId, definedBy, type Func, type Reg, successors, usedBy } from "./ir.ts";

/** The registers that are live where each block begins and where it ends. */
export interface Liveness {
  readonly liveIn: ReadonlyMap<BlockId, ReadonlySet<Reg>>;
  readonly liveOut: ReadonlyMap<BlockId, ReadonlySet<Reg>>;
}

/** Backward data flow over the blocks; only registers that cross a block's edge are in the sets. */
export function liveness(func: Func): Liveness {
  const exposed = new Map<BlockId, Set<Reg>>();
  const killed = new Map<BlockId, Set<Reg>>();
  const predecessors = new Map<BlockId, BlockId[]>();
  for (const block of func.blocks) {
    const uses = new Set<Reg>();
    const defs = new Set<Reg>();
    for (const instr of block.instrs) {
      for (const reg of usedBy(instr)) if (!defs.has(reg)) uses.add(reg);
      const dst = definedBy(instr);
      if (dst !== undefined) defs.add(dst);
    }
    for (const reg of usedBy(block.end)) if (!defs.has(reg)) uses.add(reg);
    exposed.set(block.id, uses);
    killed.set(block.id, defs);
    for (const to of successors(block.end)) predecessors.set(to, [...(predecessors.get(to) ?? []), block.id]);
  }
  const liveIn = new Map<BlockId, Set<Reg>>(func.blocks.map((block) => [block.id, new Set(exposed.get(block.id))]));
  const liveOut = new Map<BlockId, Set<Reg>>(func.blocks.map((block) => [block.id, new Set()]));
  const work = func.blocks.map((block) => block.id);
  while (work.length > 0) {
    const id = work.pop()!;
    for (const before of predecessors.get(id) ?? []) {
      const out = liveOut.get(before)!;
      const into = liveIn.get(before)!;
      const kills = killed.get(before)!;
      let grew = false;
      for (const reg of liveIn.get(id)!) {
        if (out.has(reg)) continue;
        out.add(reg);
        if (!kills.has(reg) && !into.has(reg)) {
          into.add(reg);
          grew = true;
        }
      }
      if (grew) work.push(before);
    }
  }
  return { liveIn, liveOut };
}

/** How often each register is written, parameters once at entry. */
export function definitionCounts(func: Func): Uint32Array {
  const counts = new Uint32Array(func.regs);
  for (const reg of func.params) counts[reg]++;
  for (const block of func.blocks) {
    for (const instr of block.instrs) {
      const dst = definedBy(instr);
      if (dst !== undefined) counts[dst]++;
    }
  }
  return counts;
}
