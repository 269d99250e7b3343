import { type BlockId, definedBy, type Func, hasEffect, type Instr, type Reg, successors } from "../ir.ts";
import { definitionCounts } from "../liveness.ts";

/**
 * Calls a helper once where its answer cannot change: `pid` read five times is one
 * bpf_get_current_pid_tgid. A call is available where every way there has made it.
 */
export function shareCalls(func: Func): Func {
  const counts = definitionCounts(func);
  const available = availableCalls(func, counts);
  const blocks = func.blocks.map((block) => {
    const known = new Map(available.get(block.id));
    const instrs = block.instrs.map((instr): Instr => {
      const key = keyOf(instr, counts);
      if (key === undefined) return instr;
      const shared = known.get(key);
      const dst = definedBy(instr)!;
      if (shared !== undefined && shared !== dst) return { op: "copy", dst, src: shared, at: instr.at };
      known.set(key, dst);
      return instr;
    });
    return { ...block, instrs };
  });
  return { ...func, blocks };
}

/** A pure call whose result register is written nowhere else; what it is called with is constant. */
function keyOf(instr: Instr, counts: Uint32Array): string | undefined {
  if (instr.op !== "call" && instr.op !== "kfunc") return undefined;
  const { dst, args } = instr;
  if (dst === undefined || counts[dst] !== 1 || hasEffect(instr)) return undefined;
  const keys = args.map((arg) => {
    if (typeof arg === "number") return counts[arg] === 1 ? `v${arg}` : undefined;
    if (typeof arg === "bigint") return String(arg);
    return arg.kind === "type-id" ? `${arg.tag} ${arg.name}` : undefined;
  });
  return keys.includes(undefined) ? undefined : `${instr.op === "call" ? instr.helper : instr.name}(${keys.join()})`;
}

function availableCalls(func: Func, counts: Uint32Array): Map<BlockId, Map<string, Reg>> {
  const atEntry = new Map<BlockId, Map<string, Reg>>([[func.blocks[0].id, new Map()]]);
  const blocks = new Map(func.blocks.map((block) => [block.id, block]));
  const work: BlockId[] = [func.blocks[0].id];
  while (work.length > 0) {
    const id = work.pop()!;
    const block = blocks.get(id)!;
    const known = new Map(atEntry.get(id));
    for (const instr of block.instrs) {
      const key = keyOf(instr, counts);
      if (key !== undefined && !known.has(key)) known.set(key, definedBy(instr)!);
    }
    for (const to of successors(block.end)) {
      const before = atEntry.get(to);
      const met =
        before === undefined ? new Map(known) : new Map([...before].filter(([key, reg]) => known.get(key) === reg));
      if (before !== undefined && met.size === before.size) continue;
      atEntry.set(to, met);
      work.push(to);
    }
  }
  return atEntry;
}
