/** A small assembler for programs written by hand: feature probes, BEGIN and END stubs, tests. */
import { invariant } from "@beetrace/std";
import { helperId } from "./helper-names.ts";
import * as bpf from "./insn.ts";
import { type Instruction, isWide } from "./insn.ts";
import type { ProgramSpec, Relocation, SubprogramSpec } from "./spec.ts";

export const R0 = 0;
export const R1 = 1;
export const R2 = 2;
export const R3 = 3;
export const R4 = 4;
export const R5 = 5;
export const R6 = 6;
export const R7 = 7;
export const R8 = 8;
export const R9 = 9;

/** Binary operations. `s/`, `s%` (Requires Linux 6.6) and `s>>` are signed. */
const ALU_OPERATIONS = {
  "+": bpf.BPF_ADD,
  "-": bpf.BPF_SUB,
  "*": bpf.BPF_MUL,
  "/": bpf.BPF_DIV,
  "s/": bpf.BPF_DIV,
  "%": bpf.BPF_MOD,
  "s%": bpf.BPF_MOD,
  "|": bpf.BPF_OR,
  "&": bpf.BPF_AND,
  "^": bpf.BPF_XOR,
  "<<": bpf.BPF_LSH,
  ">>": bpf.BPF_RSH,
  "s>>": bpf.BPF_ARSH,
} as const;
/** An operation `dst = dst OP src`, spelled as in C; with `s` in front it takes both as signed. */
export type AluOperator = keyof typeof ALU_OPERATIONS;

/** Conditions of jumps; `&` jumps when the operands have a bit in common. */
const JUMP_OPERATIONS = {
  "==": bpf.BPF_JEQ,
  "!=": bpf.BPF_JNE,
  ">": bpf.BPF_JGT,
  ">=": bpf.BPF_JGE,
  "<": bpf.BPF_JLT,
  "<=": bpf.BPF_JLE,
  "s>": bpf.BPF_JSGT,
  "s>=": bpf.BPF_JSGE,
  "s<": bpf.BPF_JSLT,
  "s<=": bpf.BPF_JSLE,
  "&": bpf.BPF_JSET,
} as const;
/** A condition `dst OP src` for a jump, spelled as in C; with `s` in front it takes both as signed. */
export type JumpOperator = keyof typeof JUMP_OPERATIONS;

const SIZES = { u8: bpf.BPF_B, u16: bpf.BPF_H, u32: bpf.BPF_W, u64: bpf.BPF_DW } as const;
/** How much a load or a store moves, as an unsigned integer of that size. */
export type AccessSize = keyof typeof SIZES;

const ATOMIC_OPERATIONS = {
  add: bpf.BPF_ADD,
  or: bpf.BPF_OR,
  and: bpf.BPF_AND,
  xor: bpf.BPF_XOR,
  fetch_add: bpf.BPF_ADD | bpf.BPF_FETCH,
  fetch_or: bpf.BPF_OR | bpf.BPF_FETCH,
  fetch_and: bpf.BPF_AND | bpf.BPF_FETCH,
  fetch_xor: bpf.BPF_XOR | bpf.BPF_FETCH,
  xchg: bpf.BPF_XCHG,
  cmpxchg: bpf.BPF_CMPXCHG,
} as const;
/** An atomic operation on memory. `fetch_…` and `xchg` leave the old value in `src`, `cmpxchg` in r0. */
export type AtomicOperator = keyof typeof ATOMIC_OPERATIONS;

/** Operations work on 64 bits, or on the lower 32 with the upper ones cleared. */
export type AluWidth = 32 | 64;

/** What was assembled. */
export interface Assembly {
  readonly instructions: readonly Instruction[];
  readonly relocations: readonly Relocation[];
  readonly subprograms: readonly SubprogramSpec[];
}

/** A reference to a label, whose distance is filled in at the end. */
interface Fixup {
  readonly index: number;
  readonly label: string;
  readonly field: "offset" | "imm";
}

/**
 * Assembles what `write` calls for. An `InvariantError` is thrown for a label that is missing or placed twice,
 * and for a jump that is too far.
 *
 *     const { instructions } = assemble((a) => {
 *       a.movImm(R0, 0);
 *       a.exit();
 *     });
 */
export function assemble(write: (a: Assembler) => void): Assembly {
  const assembler = new Assembler();
  write(assembler);
  return assembler.finish();
}

/** Assembles a whole program. The entry function is named like the program unless `write` begins with `subprogram`. */
export function assembleProgram(
  about: Pick<ProgramSpec, "name" | "type"> & Partial<ProgramSpec>,
  write: (a: Assembler) => void,
): ProgramSpec {
  const { instructions, relocations, subprograms } = assemble(write);
  const entry = { name: about.name, firstIndex: 0, params: ["ctx"], global: false };
  const all = subprograms[0]?.firstIndex === 0 ? subprograms : [entry, ...subprograms];
  return { license: "GPL", lines: [], ...about, instructions, relocations, subprograms: all };
}

/** Gathers instructions. Registers are numbers, offsets bytes; labels may be used before they are placed. */
export class Assembler {
  readonly #insns: Instruction[] = [];
  readonly #relocations: Relocation[] = [];
  readonly #subprograms: SubprogramSpec[] = [];
  readonly #labels = new Map<string, number>();
  readonly #fixups: Fixup[] = [];

  /** Appends any instruction. */
  emit(opcode: number, fields: Partial<Omit<Instruction, "opcode">> = {}): void {
    this.#insns.push({ opcode, dst: 0, src: 0, offset: 0, imm: 0, ...fields });
  }

  /** Names the place of the next instruction. */
  label(name: string): void {
    invariant(!this.#labels.has(name), `label ${name} is placed twice`);
    this.#labels.set(name, this.#insns.length);
  }

  /** Begins a function, which is also a label. */
  subprogram(name: string, params: readonly string[] = [], global = false): void {
    this.label(name);
    this.#subprograms.push({ name, firstIndex: this.#insns.length, params, global });
  }

  mov(dst: number, src: number, width: AluWidth = 64): void {
    this.emit(aluClass(width) | bpf.BPF_X | bpf.BPF_MOV, { dst, src });
  }

  /** Moves the lower `bits` with their sign. Requires Linux 6.6. */
  movSigned(dst: number, src: number, bits: 8 | 16 | 32, width: AluWidth = 64): void {
    this.emit(aluClass(width) | bpf.BPF_X | bpf.BPF_MOV, { dst, src, offset: bits });
  }

  /** A signed 32-bit immediate, extended to `width`. */
  movImm(dst: number, imm: number, width: AluWidth = 64): void {
    this.emit(aluClass(width) | bpf.BPF_K | bpf.BPF_MOV, { dst, imm });
  }

  alu(operator: AluOperator, dst: number, src: number, width: AluWidth = 64): void {
    const offset = signedOffset(operator);
    this.emit(aluClass(width) | bpf.BPF_X | ALU_OPERATIONS[operator], { dst, src, offset });
  }

  aluImm(operator: AluOperator, dst: number, imm: number, width: AluWidth = 64): void {
    const offset = signedOffset(operator);
    this.emit(aluClass(width) | bpf.BPF_K | ALU_OPERATIONS[operator], { dst, imm, offset });
  }

  neg(dst: number, width: AluWidth = 64): void {
    this.emit(aluClass(width) | bpf.BPF_NEG, { dst });
  }

  /** Reverses the lower `bits / 8` bytes and clears the rest. Requires Linux 6.6. */
  bswap(dst: number, bits: 16 | 32 | 64): void {
    this.emit(bpf.BPF_ALU64 | bpf.BPF_END, { dst, imm: bits });
  }

  /** Converts between the byte order of the machine and the given one. */
  toEndian(dst: number, order: "le" | "be", bits: 16 | 32 | 64): void {
    this.emit(bpf.BPF_ALU | bpf.BPF_END | (order === "be" ? bpf.BPF_X : bpf.BPF_K), { dst, imm: bits });
  }

  load(size: AccessSize, dst: number, src: number, offset: number): void {
    this.emit(bpf.BPF_LDX | bpf.BPF_MEM | SIZES[size], { dst, src, offset });
  }

  /** Loads with sign. Requires Linux 6.6. */
  loadSigned(size: Exclude<AccessSize, "u64">, dst: number, src: number, offset: number): void {
    this.emit(bpf.BPF_LDX | bpf.BPF_MEMSX | SIZES[size], { dst, src, offset });
  }

  store(size: AccessSize, dst: number, offset: number, src: number): void {
    this.emit(bpf.BPF_STX | bpf.BPF_MEM | SIZES[size], { dst, src, offset });
  }

  storeImm(size: AccessSize, dst: number, offset: number, imm: number): void {
    this.emit(bpf.BPF_ST | bpf.BPF_MEM | SIZES[size], { dst, offset, imm });
  }

  /** All but `add` require Linux 5.12. */
  atomic(operator: AtomicOperator, size: "u32" | "u64", dst: number, offset: number, src: number): void {
    this.emit(bpf.BPF_STX | bpf.BPF_ATOMIC | SIZES[size], { dst, src, offset, imm: ATOMIC_OPERATIONS[operator] });
  }

  loadImm64(dst: number, value: bigint): void {
    const immHigh = Number(BigInt.asIntN(32, value >> 32n));
    this.emit(bpf.BPF_LD | bpf.BPF_DW | bpf.BPF_IMM, { dst, imm: Number(BigInt.asIntN(32, value)), immHigh });
  }

  /** `dst = &map` */
  loadMap(dst: number, map: string): void {
    this.#relocations.push({ kind: "map", index: this.#insns.length, map });
    this.emit(bpf.BPF_LD | bpf.BPF_DW | bpf.BPF_IMM, { dst, src: bpf.BPF_PSEUDO_MAP_FD, immHigh: 0 });
  }

  /** `dst = &map.value[0] + offset` */
  loadMapValue(dst: number, map: string, offset = 0): void {
    this.#relocations.push({ kind: "map-value", index: this.#insns.length, map, offset });
    this.emit(bpf.BPF_LD | bpf.BPF_DW | bpf.BPF_IMM, { dst, src: bpf.BPF_PSEUDO_MAP_VALUE, immHigh: offset });
  }

  /** `dst = &function`, for callbacks. */
  loadFunction(dst: number, label: string): void {
    this.#fixups.push({ index: this.#insns.length, label, field: "imm" });
    this.emit(bpf.BPF_LD | bpf.BPF_DW | bpf.BPF_IMM, { dst, src: bpf.BPF_PSEUDO_FUNC, immHigh: 0 });
  }

  jump(label: string): void {
    this.#fixups.push({ index: this.#insns.length, label, field: "offset" });
    this.emit(bpf.BPF_JMP | bpf.BPF_JA);
  }

  /** A jump of any distance. Requires Linux 6.6. */
  jumpFar(label: string): void {
    this.#fixups.push({ index: this.#insns.length, label, field: "imm" });
    this.emit(bpf.BPF_JMP32 | bpf.BPF_JA);
  }

  jumpIf(operator: JumpOperator, dst: number, src: number, label: string, width: AluWidth = 64): void {
    this.#fixups.push({ index: this.#insns.length, label, field: "offset" });
    this.emit(jumpClass(width) | bpf.BPF_X | JUMP_OPERATIONS[operator], { dst, src });
  }

  jumpIfImm(operator: JumpOperator, dst: number, imm: number, label: string, width: AluWidth = 64): void {
    this.#fixups.push({ index: this.#insns.length, label, field: "offset" });
    this.emit(jumpClass(width) | bpf.BPF_K | JUMP_OPERATIONS[operator], { dst, imm });
  }

  /** Calls a helper of the kernel, by its full name. */
  call(helper: string): void {
    const id = helperId(helper);
    invariant(id !== undefined, `${helper} is no helper of the kernel`);
    this.emit(bpf.BPF_JMP | bpf.BPF_CALL, { imm: id });
  }

  /** Calls a function of this program. */
  callSubprogram(label: string): void {
    this.#fixups.push({ index: this.#insns.length, label, field: "imm" });
    this.emit(bpf.BPF_JMP | bpf.BPF_CALL, { src: bpf.BPF_PSEUDO_CALL });
  }

  /** Calls a kernel function by its BTF name. */
  callKfunc(name: string): void {
    this.#relocations.push({ kind: "kfunc", index: this.#insns.length, name });
    this.emit(bpf.BPF_JMP | bpf.BPF_CALL, { src: bpf.BPF_PSEUDO_KFUNC_CALL });
  }

  exit(): void {
    this.emit(bpf.BPF_JMP | bpf.BPF_EXIT);
  }

  /** Fills in the labels. */
  finish(): Assembly {
    const slots = new Int32Array(this.#insns.length + 1);
    for (let i = 0; i < this.#insns.length; i++) slots[i + 1] = slots[i] + (isWide(this.#insns[i]) ? 2 : 1);
    const instructions = [...this.#insns];
    for (const { index, label, field } of this.#fixups) {
      const target = this.#labels.get(label);
      invariant(target !== undefined, `label ${label} is not placed`);
      // Distances count from the slot after the first slot of the instruction.
      const distance = slots[target] - (slots[index] + 1);
      const reaches = field === "imm" || (distance >= -0x8000 && distance <= 0x7fff);
      invariant(reaches, `label ${label} is ${distance} slots away, too far for a jump`);
      instructions[index] = { ...instructions[index], [field]: distance };
    }
    return { instructions, relocations: this.#relocations, subprograms: this.#subprograms };
  }
}

function aluClass(width: AluWidth): number {
  return width === 64 ? bpf.BPF_ALU64 : bpf.BPF_ALU;
}

function jumpClass(width: AluWidth): number {
  return width === 64 ? bpf.BPF_JMP : bpf.BPF_JMP32;
}

/** Signed division and remainder are told by an offset of 1. */
function signedOffset(operator: AluOperator): number {
  return operator === "s/" || operator === "s%" ? 1 : 0;
}
