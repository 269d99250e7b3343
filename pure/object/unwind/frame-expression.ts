import type { FrameReader } from "./frame-reader.ts";
import type { CfaRule, SavedRule } from "./unwind-table.ts";

/** The numbers that DWARF gives to the registers that a walk follows. */
export interface FrameRegisters {
  readonly stackPointer: number;
  readonly framePointer: number;
}

/** An address, by a register. */
export interface AddressRule {
  readonly base: "stackPointer" | "framePointer";
  readonly offset: number;
}

// DWARF 5, 2.5.1: operators of location expressions.
const OP_DEREF = 0x06;
const OP_LIT0 = 0x30;
const OP_BREG0 = 0x70;
/** x86-64: the instruction pointer, which stands for the address in expressions. */
const OP_BREG16 = 0x80;
/** and; then a literal; ge; lit3; shl; plus. */
const LINKAGE_HEAD = [OP_LIT0 + 15, 0x1a];
const LINKAGE_TAIL = [0x2a, OP_LIT0 + 3, 0x24, 0x22];

/**
 * The CFA by an expression, where it is one of those that are found in programs: of a linkage table's entries
 * (`breg7 8; breg16 0; lit15; and; lit11; ge; lit3; shl; plus`, which linkers write), or a word in memory at a distance
 * from a register (functions that align their stack, frames of signals).
 */
export function cfaExpression(
  reader: FrameReader,
  end: number,
  registers: FrameRegisters,
): { readonly rule: CfaRule; readonly offset: number } | undefined {
  const address = readAddress(reader, registers);
  if (address === undefined || reader.offset >= end) return undefined;
  const next = reader.u8();
  if (next === OP_DEREF && reader.offset === end)
    return { rule: address.base === "stackPointer" ? "atStackPointer" : "atFramePointer", offset: address.offset };
  const isLinkage = next === OP_BREG16 && address.base === "stackPointer" && address.offset === 8;
  const threshold = isLinkage ? linkageThreshold(reader, end) : undefined;
  return threshold === undefined ? undefined : { rule: "linkageTable", offset: threshold };
}

/** Where a register was saved, by an expression of a register and an offset. */
export function savedExpression(
  reader: FrameReader,
  end: number,
  registers: FrameRegisters,
): { readonly rule: SavedRule; readonly offset: number } | undefined {
  const address = readAddress(reader, registers);
  return address && reader.offset === end ? { rule: address.base, offset: address.offset } : undefined;
}

/** `breg6 N` or `breg7 N` of x86-64. */
function readAddress(reader: FrameReader, { stackPointer, framePointer }: FrameRegisters): AddressRule | undefined {
  const register = reader.u8() - OP_BREG0;
  if (register === stackPointer) return { base: "stackPointer", offset: reader.sleb() };
  return register === framePointer ? { base: "framePointer", offset: reader.sleb() } : undefined;
}

/** From which of an entry's 16 bytes on something was pushed. */
function linkageThreshold(reader: FrameReader, end: number): number | undefined {
  if (reader.offset + 8 !== end || reader.sleb() !== 0) return undefined;
  if (!LINKAGE_HEAD.every((op) => reader.u8() === op)) return undefined;
  const threshold = reader.u8() - OP_LIT0;
  if (threshold < 0 || threshold > 15) return undefined;
  return LINKAGE_TAIL.every((op) => reader.u8() === op) ? threshold : undefined;
}
