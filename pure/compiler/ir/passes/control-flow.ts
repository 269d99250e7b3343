import { type Block, type BlockId, type Func, successors, type Terminator } from "../ir.ts";

/** Threads jumps through empty blocks, joins blocks that only follow each other, drops what cannot be reached. */
export function tidyControlFlow(func: Func): Func {
  return { ...func, blocks: joinChains(inReversePostorder(threadJumps(func.blocks))) };
}

function threadJumps(blocks: readonly Block[]): readonly Block[] {
  const byId = new Map(blocks.map((block) => [block.id, block]));
  const target = (id: BlockId): BlockId => {
    const seen = new Set<BlockId>();
    let at = id;
    while (!seen.has(at)) {
      seen.add(at);
      const block = byId.get(at)!;
      if (block.instrs.length > 0 || block.end.op !== "jump") break;
      at = block.end.to;
    }
    return at;
  };
  return blocks.map((block) => ({ ...block, end: retarget(block.end, target, byId) }));
}

function retarget(end: Terminator, target: (id: BlockId) => BlockId, byId: Map<BlockId, Block>): Terminator {
  if (end.op === "jump") {
    const to = target(end.to);
    const block = byId.get(to)!;
    return block.instrs.length === 0 && block.end.op === "return" && typeof block.end.value === "bigint"
      ? block.end
      : { ...end, to };
  }
  if (end.op !== "branch") return end;
  const then = target(end.then);
  const otherwise = target(end.else);
  return then === otherwise ? { op: "jump", to: then, at: end.at } : { ...end, then, else: otherwise };
}

/**
 * Reverse postorder from the entry: every block after those that lead to it, but for loops' back edges.
 * The `then` side of a branch comes directly after it where it can.
 */
export function inReversePostorder(blocks: readonly Block[]): Block[] {
  const byId = new Map(blocks.map((block) => [block.id, block]));
  const seen = new Set<BlockId>([blocks[0].id]);
  const order: Block[] = [];
  // An explicit stack: a script of thousands of statements makes chains deeper than JavaScript's own stack.
  const stack: { block: Block; next: BlockId[] }[] = [
    { block: blocks[0], next: [...successors(blocks[0].end)].reverse() },
  ];
  while (stack.length > 0) {
    const top = stack[stack.length - 1];
    const id = top.next.shift();
    if (id === undefined) {
      order.push(top.block);
      stack.pop();
    } else if (!seen.has(id)) {
      seen.add(id);
      const block = byId.get(id)!;
      stack.push({ block, next: [...successors(block.end)].reverse() });
    }
  }
  return order.reverse();
}

function joinChains(blocks: readonly Block[]): Block[] {
  const predecessorCount = new Map<BlockId, number>();
  for (const block of blocks) {
    for (const to of successors(block.end)) predecessorCount.set(to, (predecessorCount.get(to) ?? 0) + 1);
  }
  const byId = new Map(blocks.map((block) => [block.id, block]));
  const gone = new Set<BlockId>();
  const joined: Block[] = [];
  for (const block of blocks) {
    if (gone.has(block.id)) continue;
    const instrs = [...block.instrs];
    let end = block.end;
    while (end.op === "jump" && end.to !== blocks[0].id && predecessorCount.get(end.to) === 1 && end.to !== block.id) {
      const next = byId.get(end.to)!;
      if (gone.has(next.id)) break;
      gone.add(next.id);
      for (const instr of next.instrs) instrs.push(instr);
      end = next.end;
    }
    joined.push({ id: block.id, instrs, end });
  }
  return joined;
}
