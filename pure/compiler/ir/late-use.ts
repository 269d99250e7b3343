import type { Instr, Reg } from "./ir.ts";
import { COMMUTATIVE } from "./passes/simplify.ts";

/** A register that is still read when the result is being written already, so that they must differ. */
export function lateUse(instr: Instr): Reg | undefined {
  if (instr.op === "alu" && typeof instr.b === "number" && instr.b !== instr.a && !COMMUTATIVE.has(instr.alu))
    return instr.b;
  if (instr.op === "atomic-add" && instr.dst !== undefined && typeof instr.base === "number") return instr.base;
  return undefined;
}
