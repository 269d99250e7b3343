import { invariant } from "@beetrace/std";
import { definedBy, type Func, slotsOf, successors, usedBy } from "./ir.ts";
import { printInstr } from "./print.ts";

/** Checks that a function is well-formed; a broken one is our bug. Run after every pass in tests. */
export function checkFunc(func: Func, pass: string): void {
  const blocks = new Map(func.blocks.map((block) => [block.id, block]));
  invariant(blocks.size === func.blocks.length, `${pass}: ${func.name} has a block twice`);
  for (const block of func.blocks) {
    for (const to of successors(block.end)) {
      invariant(blocks.has(to), `${pass}: ${func.name} b${block.id} goes to b${to}, which is not there`);
    }
    for (const instr of [...block.instrs, block.end]) {
      const regs = [...usedBy(instr), ...("dst" in instr && instr.dst !== undefined ? [instr.dst] : [])];
      for (const reg of regs) {
        invariant(reg >= 0 && reg < func.regs, `${pass}: ${func.name}: no register v${reg} in ${printInstr(instr)}`);
      }
      for (const slot of slotsOf(instr)) {
        invariant(slot < func.slots.length, `${pass}: ${func.name}: no slot s${slot} in ${printInstr(instr)}`);
      }
    }
  }
  checkDefined(func, pass, blocks);
}

/** Every register that is read was written on every way there. */
function checkDefined(func: Func, pass: string, blocks: Map<number, Func["blocks"][number]>): void {
  const definedIn = new Map<number, Set<number>>([[func.blocks[0].id, new Set(func.params)]]);
  const work = [func.blocks[0].id];
  while (work.length > 0) {
    const id = work.pop()!;
    const block = blocks.get(id)!;
    const defined = new Set(definedIn.get(id));
    for (const instr of block.instrs) {
      for (const reg of usedBy(instr)) {
        invariant(
          defined.has(reg),
          `${pass}: ${func.name} b${id}: v${reg} is read before it is written: ${printInstr(instr)}`,
        );
      }
      const dst = definedBy(instr);
      if (dst !== undefined) defined.add(dst);
    }
    for (const reg of usedBy(block.end)) {
      invariant(
        defined.has(reg),
        `${pass}: ${func.name} b${id}: v${reg} is read before it is written: ${printInstr(block.end)}`,
      );
    }
    for (const to of successors(block.end)) {
      const before = definedIn.get(to);
      if (!before) {
        definedIn.set(to, new Set(defined));
        work.push(to);
      } else {
        const met = new Set([...before].filter((reg) => defined.has(reg)));
        if (met.size < before.size) {
          definedIn.set(to, met);
          work.push(to);
        }
      }
    }
  }
}
