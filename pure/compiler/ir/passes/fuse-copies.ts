import { type Block, definedBy, type Func, type Instr, type Reg, usedBy } from "../ir.ts";
import { lateUse } from "../late-use.ts";
import { definitionCounts } from "../liveness.ts";

/**
 * `t = a + b; v = t` becomes `v = a + b` where nobody else reads `t`: a variable is changed in place. Not so
 * `t = a - v; v = t`: the result would stand where the second operand still does.
 */
export function fuseCopies(func: Func): Func {
  const uses = new Uint32Array(func.regs);
  for (const block of func.blocks) {
    for (const instr of [...block.instrs, block.end]) for (const reg of usedBy(instr)) uses[reg]++;
  }
  const definitions = definitionCounts(func);
  const temporary = (reg: Reg) => uses[reg] === 1 && definitions[reg] === 1;
  return { ...func, blocks: func.blocks.map((block) => fuse(block, temporary)) };
}

function fuse(block: Block, temporary: (reg: Reg) => boolean): Block {
  const instrs: Instr[] = [];
  for (const instr of block.instrs) {
    const before = instrs.at(-1);
    if (instr.op === "copy" && before && instr.src === definedBy(before) && fusible(before, instr, temporary)) {
      instrs[instrs.length - 1] = { ...before, dst: instr.dst } as Instr;
    } else instrs.push(instr);
  }
  return { ...block, instrs };
}

function fusible(before: Instr, { src, dst }: Instr & { op: "copy" }, temporary: (reg: Reg) => boolean): boolean {
  return typeof src === "number" && temporary(src) && lateUse(before) !== dst;
}
