import type { Argument, Func, Instr, Operand, Reg, Terminator } from "../ir/ir.ts";

/** Whether a constant fits the instruction's 32-bit immediate, which the kernel sign-extends. */
export function fitsImmediate(value: bigint): boolean {
  return value >= -0x80000000n && value <= 0x7fffffffn;
}

type MemoryAccess = Instr & { readonly op: "load" | "store" | "atomic-add" };

/**
 * Puts what no instruction can carry into registers: constants beyond 32 bits and offsets beyond 16, and brings
 * the constants of 32-bit operations into the signed range.
 */
export function legalize(func: Func): Func {
  let regs = func.regs;
  const blocks = func.blocks.map((block) => {
    const instrs: Instr[] = [];
    const inReg = (value: bigint, at: number): Reg => {
      instrs.push({ op: "copy", dst: regs, src: value, at });
      return regs++;
    };
    const operand = (value: Operand, bits: 32 | 64, at: number): Operand => {
      if (typeof value === "number") return value;
      const constant = BigInt.asIntN(bits, value);
      return fitsImmediate(constant) ? constant : inReg(constant, at);
    };
    /** An address whose offset is in reach. */
    const near = (instr: MemoryAccess): MemoryAccess => {
      if (typeof instr.base !== "number" || (instr.offset >= -0x8000 && instr.offset <= 0x7fff)) return instr;
      instrs.push({ op: "alu", alu: "add", dst: regs, a: instr.base, b: BigInt(instr.offset), bits: 64, at: instr.at });
      return { ...instr, base: regs++, offset: 0 };
    };
    for (const instr of block.instrs) {
      const reached = instr.op === "load" || instr.op === "store" || instr.op === "atomic-add" ? near(instr) : instr;
      instrs.push(legal(reached, operand));
    }
    const end: Terminator =
      block.end.op === "branch" ? { ...block.end, b: operand(block.end.b, block.end.bits, block.end.at) } : block.end;
    return { ...block, instrs, end };
  });
  return { ...func, blocks, regs };
}

function legal(instr: Instr, operand: (value: Operand, bits: 32 | 64, at: number) => Operand): Instr {
  switch (instr.op) {
    case "alu":
      return { ...instr, b: operand(instr.b, instr.bits, instr.at) };
    case "store": {
      if (typeof instr.value === "number" || instr.size === 8)
        return { ...instr, value: operand(instr.value, 64, instr.at) };
      return { ...instr, value: BigInt.asIntN(instr.size * 8, instr.value) };
    }
    case "copy":
      return typeof instr.src === "bigint" ? { ...instr, src: BigInt.asIntN(64, instr.src) } : instr;
    case "call":
    case "kfunc":
    case "invoke":
      return {
        ...instr,
        args: instr.args.map((arg): Argument => (typeof arg === "bigint" ? BigInt.asIntN(64, arg) : arg)),
      };
    default:
      return instr;
  }
}
