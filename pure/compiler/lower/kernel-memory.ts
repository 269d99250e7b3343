/** Where pointers point, and how a program comes to what is there. */
import { CAST_KFUNC, type Operand } from "../ir/ir.ts";
import type { PointerType, StructType } from "../semantics/types.ts";
import type { Lowerer } from "./lowerer.ts";
import { addressOf, probeRead } from "./memory.ts";
import type { Place } from "./place.ts";

/** What a pointer points to. */
export function pointee(l: Lowerer, { to, space }: PointerType, pointer: Operand): Place {
  const base = l.b.inReg(pointer);
  const { kernelReads } = l.options;
  if (space === "trusted" && kernelReads === "helper") return { base, offset: 0, space: "kernel" };
  if (space === "kernel" && kernelReads === "cast" && to.kind === "struct" && isCastable(l, to)) {
    const typed = l.b.kfunc(CAST_KFUNC, base, { kind: "type-id", tag: to.tag, name: to.name });
    return { base: typed, offset: 0, space: "trusted" };
  }
  return { base, offset: 0, space };
}

/** The kernel's own struct of that name, and not one of the script, a module or a program. */
function isCastable(l: Lowerer, struct: StructType): boolean {
  const { types, target } = l.assembly.checker;
  return (types.kernel?.has(struct) ?? false) && target.features.kfunc(CAST_KFUNC, l.unit.context.programType);
}

/** A pointer whose type the verifier knows, as a number to calculate with. */
export function asNumber(l: Lowerer, pointer: Operand): Operand {
  const [held, copied] = [l.temp(8), l.temp(8)];
  l.b.store(held.base, held.offset, 8, pointer);
  probeRead(l, "kernel", copied, 8n, addressOf(l, held));
  return l.b.load(copied.base, copied.offset, 8);
}
