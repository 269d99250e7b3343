import { helperName } from "../helper-names.ts";
import * as bpf from "../insn.ts";
import { type Instruction, isWide } from "../insn.ts";
import type { ProgramSpec, Relocation } from "../spec.ts";
import { VmError } from "./error.ts";
import type { VmHelper } from "./machine.ts";

/** A program made ready to run: what an instruction needs is at its index, with nothing left to look up. */
export interface LoadedProgram {
  readonly spec: ProgramSpec;
  readonly insns: readonly Instruction[];
  /** The immediate, extended to 64 bits; of a 64-bit immediate load what is loaded, relocations applied. */
  readonly immediates: BigUint64Array;
  /** Where a jump or a call within the program goes; -1 where that is no instruction. */
  readonly targets: Int32Array;
  /** The helper or kfunc that a call goes to, if the interpreter has it. */
  readonly callees: readonly (VmHelper | undefined)[];
}

/** What names in a program stand for. */
export interface Linker {
  mapAddress(name: string): bigint;
  mapValueAddress(name: string): bigint;
  helper(name: string): VmHelper | undefined;
  kfunc(name: string): VmHelper | undefined;
}

/** Addresses of functions: this, and the index of their first instruction. */
export const CODE_BASE = 0xc0de_0000_0000_0000n;

/** Resolves the relocations and jumps of a program. Throws {@link VmError} for an instruction that cannot be. */
export function loadProgram(spec: ProgramSpec, linker: Linker): LoadedProgram {
  const insns = spec.instructions;
  insns.forEach((insn, i) => {
    const mistake = mistakeIn(insn);
    if (mistake !== undefined) throw new VmError(mistake, spec.name, i);
  });
  const targets = targetsOf(insns);
  const relocationAt = new Map(spec.relocations.map((relocation) => [relocation.index, relocation]));
  const immediates = new BigUint64Array(insns.length);
  insns.forEach((insn, i) => {
    immediates[i] = immediateOf(insn, targets[i], relocationAt.get(i), linker);
  });
  const callees = insns.map((insn, i) => calleeOf(insn, relocationAt.get(i), linker));
  return { spec, insns, immediates, targets, callees };
}

/** What is wrong with the fields of an instruction, whatever the registers hold. */
function mistakeIn({ opcode, dst, src, offset, imm }: Instruction): string | undefined {
  if (dst > 10 || src > 10) return `there is no register r${Math.max(dst, src)}`;
  const kind = opcode & 0x07;
  const isAlu = kind === bpf.BPF_ALU || kind === bpf.BPF_ALU64;
  if (dst === 10 && (isAlu || kind === bpf.BPF_LDX || kind === bpf.BPF_LD)) return "the frame pointer is read-only";
  if (!isAlu) return undefined;
  const operation = opcode & 0xf0;
  if (operation === bpf.BPF_END && ![16, 32, 64].includes(imm)) return `cannot swap the bytes of ${imm} bits`;
  if (operation === bpf.BPF_MOV && ![0, 8, 16, 32].includes(offset)) return `cannot extend the sign of ${offset} bits`;
  return undefined;
}

function immediateOf(insn: Instruction, target: number, relocation: Relocation | undefined, linker: Linker): bigint {
  if (relocation?.kind === "map") return linker.mapAddress(relocation.map);
  if (relocation?.kind === "map-value") return linker.mapValueAddress(relocation.map) + BigInt(relocation.offset);
  if (!isWide(insn)) return BigInt(insn.imm);
  if (insn.src === bpf.BPF_PSEUDO_FUNC) return CODE_BASE + BigInt(target);
  return (BigInt((insn.immHigh ?? 0) >>> 0) << 32n) | BigInt(insn.imm >>> 0);
}

function isCall(insn: Instruction): boolean {
  return insn.opcode === (bpf.BPF_JMP | bpf.BPF_CALL);
}

function calleeOf(insn: Instruction, relocation: Relocation | undefined, linker: Linker): VmHelper | undefined {
  if (!isCall(insn) || insn.src === bpf.BPF_PSEUDO_CALL) return undefined;
  if (insn.src === bpf.BPF_PSEUDO_KFUNC_CALL) {
    return relocation?.kind === "kfunc" ? linker.kfunc(relocation.name) : undefined;
  }
  return linker.helper(helperName(insn.imm) ?? "");
}

/** Distances are in slots; the interpreter goes by instructions. */
function targetsOf(insns: readonly Instruction[]): Int32Array {
  const slots: number[] = [];
  const indexAtSlot = new Map<number, number>();
  let slot = 0;
  insns.forEach((insn, index) => {
    slots.push(slot);
    indexAtSlot.set(slot, index);
    slot += isWide(insn) ? 2 : 1;
  });
  return Int32Array.from(insns, (insn, index) => indexAtSlot.get(slots[index] + 1 + distanceOf(insn)) ?? -1);
}

function distanceOf(insn: Instruction): number {
  const usesImmediate = isCall(insn) || isWide(insn) || insn.opcode === (bpf.BPF_JMP32 | bpf.BPF_JA);
  return usesImmediate ? insn.imm : insn.offset;
}
