/** BPF instructions as text, in the notation of the kernel's verifier log and of `bpftool prog dump xlated`. */
import { helperName } from "./helper-names.ts";
import * as bpf from "./insn.ts";
import { type Instruction, isWide } from "./insn.ts";
import type { ProgramSpec, Relocation, SubprogramSpec } from "./spec.ts";

/** What makes the text speak of names where the instructions have only numbers. */
export interface DisassembleOptions {
  readonly relocations?: readonly Relocation[];
  readonly subprograms?: readonly SubprogramSpec[];
}

/**
 * One line an instruction: slot number, opcode, text. Jumps are relative, in slots.
 *
 *     0: (b7) r0 = 0
 *     1: (95) exit
 */
export function disassemble(insns: readonly Instruction[], options: DisassembleOptions = {}): string[] {
  const names = namesOf(insns, options);
  const lines: string[] = [];
  let slot = 0;
  insns.forEach((insn, index) => {
    const opcode = insn.opcode.toString(16).padStart(2, "0");
    lines.push(`${String(slot).padStart(4)}: (${opcode}) ${instructionText(insn, index, slot, names)}`);
    slot += isWide(insn) ? 2 : 1;
  });
  return lines;
}

/** A whole program: its functions with their names, and above the instructions the source lines they come from. */
export function disassembleProgram(spec: ProgramSpec): string[] {
  const functions = new Map(spec.subprograms.map((subprogram) => [subprogram.firstIndex, subprogram]));
  const sourceLines = spec.source?.text.split("\n") ?? [];
  const lineAt = new Map(spec.lines.map(({ index, line }) => [index, line]));
  const lines: string[] = [];
  let current = 0;
  disassemble(spec.instructions, spec).forEach((text, index) => {
    const subprogram = functions.get(index);
    if (subprogram !== undefined) lines.push(`${subprogram.name}(${subprogram.params.join(", ")}):`);
    const line = lineAt.get(index) ?? current;
    if (line !== current && sourceLines[line - 1] !== undefined) lines.push(`; ${sourceLines[line - 1].trim()}`);
    current = line;
    lines.push(text);
  });
  return lines;
}

interface Names {
  readonly relocationAt: ReadonlyMap<number, Relocation>;
  readonly functionAtSlot: ReadonlyMap<number, string>;
}

function namesOf(insns: readonly Instruction[], options: DisassembleOptions): Names {
  const firstIndexes = new Map((options.subprograms ?? []).map((each) => [each.firstIndex, each.name]));
  const functionAtSlot = new Map<number, string>();
  let slot = 0;
  insns.forEach((insn, index) => {
    const name = firstIndexes.get(index);
    if (name !== undefined) functionAtSlot.set(slot, name);
    slot += isWide(insn) ? 2 : 1;
  });
  return { relocationAt: new Map((options.relocations ?? []).map((each) => [each.index, each])), functionAtSlot };
}

function instructionText(insn: Instruction, index: number, slot: number, names: Names): string {
  switch (insn.opcode & 0x07) {
    case bpf.BPF_ALU:
    case bpf.BPF_ALU64:
      return aluText(insn, names.relocationAt.get(index));
    case bpf.BPF_JMP:
    case bpf.BPF_JMP32:
      return jumpText(insn, index, slot, names);
    case bpf.BPF_LDX:
      return loadText(insn);
    case bpf.BPF_ST:
      return `${memory(insn, insn.dst)} = ${insn.imm}`;
    case bpf.BPF_STX:
      return (insn.opcode & 0xe0) === bpf.BPF_ATOMIC ? atomicText(insn) : `${memory(insn, insn.dst)} = r${insn.src}`;
    default:
      return isWide(insn) ? `r${insn.dst} = ${wideText(insn, slot, names, index)}` : `BUG_ld_${hex(insn.opcode)}`;
  }
}

const ALU_OPERATORS = ["+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", "neg", "%=", "^=", "=", "s>>="];

function aluText(insn: Instruction, relocation: Relocation | undefined): string {
  if (relocation?.kind === "type-id") return `w${insn.dst} = id[${relocation.tag} ${relocation.name}]`;
  const operation = insn.opcode & 0xf0;
  const is64 = (insn.opcode & 0x07) === bpf.BPF_ALU64;
  const letter = is64 ? "r" : "w";
  if (operation === bpf.BPF_END) {
    const order = is64 ? "bswap" : (insn.opcode & 0x08) === bpf.BPF_X ? "be" : "le";
    return `r${insn.dst} = ${order}${insn.imm} r${insn.dst}`;
  }
  if (operation === bpf.BPF_NEG) return `${letter}${insn.dst} = -${letter}${insn.dst}`;
  const operator = ALU_OPERATORS[operation >> 4];
  if (operator === undefined) return `BUG_alu_${hex(insn.opcode)}`;
  const isX = (insn.opcode & 0x08) === bpf.BPF_X;
  const signed = insn.offset !== 0 && (operation === bpf.BPF_DIV || operation === bpf.BPF_MOD);
  const extension = insn.offset !== 0 && operation === bpf.BPF_MOV && isX ? `(s${insn.offset})` : "";
  const operand = isX ? `${extension}${letter}${insn.src}` : `${insn.imm}`;
  return `${letter}${insn.dst} ${signed ? "s" : ""}${operator} ${operand}`;
}

const JUMP_OPERATORS = ["", "==", ">", ">=", "&", "!=", "s>", "s>=", "", "", "<", "<=", "s<", "s<="];

function jumpText(insn: Instruction, index: number, slot: number, names: Names): string {
  const isJmp = (insn.opcode & 0x07) === bpf.BPF_JMP;
  switch (insn.opcode & 0xf0) {
    case bpf.BPF_CALL:
      return `call ${calleeText(insn, index, slot, names)}`;
    case bpf.BPF_EXIT:
      return "exit";
    case bpf.BPF_JA:
      return isJmp ? `goto pc${signed(insn.offset)}` : `gotol pc${signed(insn.imm)}`;
    case 0xe0:
      return `may_goto pc${signed(insn.offset)}`;
  }
  const letter = isJmp ? "r" : "w";
  const operator = JUMP_OPERATORS[(insn.opcode & 0xf0) >> 4];
  if (!operator) return `BUG_jmp_${hex(insn.opcode)}`;
  const operand = (insn.opcode & 0x08) === bpf.BPF_X ? `${letter}${insn.src}` : `0x${hex(insn.imm)}`;
  return `if ${letter}${insn.dst} ${operator} ${operand} goto pc${signed(insn.offset)}`;
}

function calleeText(insn: Instruction, index: number, slot: number, names: Names): string {
  if (insn.src === bpf.BPF_PSEUDO_CALL) {
    const name = names.functionAtSlot.get(slot + 1 + insn.imm);
    return `pc${signed(insn.imm)}${name === undefined ? "" : `#${name}`}`;
  }
  if (insn.src === bpf.BPF_PSEUDO_KFUNC_CALL) {
    const relocation = names.relocationAt.get(index);
    return `${relocation?.kind === "kfunc" ? relocation.name : "kernel-function"}#${insn.imm}`;
  }
  return `${helperName(insn.imm) ?? "unknown"}#${insn.imm}`;
}

const ATOMIC_OPERATORS: ReadonlyMap<number, string> = new Map([
  [bpf.BPF_ADD, "add"],
  [bpf.BPF_OR, "or"],
  [bpf.BPF_AND, "and"],
  [bpf.BPF_XOR, "xor"],
]);

function atomicText(insn: Instruction): string {
  const bits = (insn.opcode & 0x18) === bpf.BPF_DW ? "64" : "";
  const place = memory(insn, insn.dst).slice(1);
  if (insn.imm === bpf.BPF_CMPXCHG) return `r0 = atomic${bits}_cmpxchg(${place}, r0, r${insn.src})`;
  if (insn.imm === bpf.BPF_XCHG) return `r${insn.src} = atomic${bits}_xchg(${place}, r${insn.src})`;
  const name = ATOMIC_OPERATORS.get(insn.imm & ~bpf.BPF_FETCH);
  if (name === undefined) return `BUG_atomic_${hex(insn.imm)}`;
  if (insn.imm & bpf.BPF_FETCH) return `r${insn.src} = atomic${bits}_fetch_${name}(${place}, r${insn.src})`;
  return `lock ${memory(insn, insn.dst)} ${ALU_OPERATORS[insn.imm >> 4]} r${insn.src}`;
}

function loadText(insn: Instruction): string {
  const place = memory(insn, insn.src);
  const isSigned = (insn.opcode & 0xe0) === bpf.BPF_MEMSX;
  return `r${insn.dst} = ${isSigned ? place.replace("u", "s") : place}`;
}

/** What a 64-bit immediate load loads. */
function wideText(insn: Instruction, slot: number, names: Names, index: number): string {
  const relocation = names.relocationAt.get(index);
  switch (relocation?.kind) {
    case "map":
      return `map[name:${relocation.map}]`;
    case "map-value":
      return `map[name:${relocation.map}][0]+${relocation.offset}`;
    case "btf-id":
      return `btf[name:${relocation.name}]`;
  }
  if (insn.src === bpf.BPF_PSEUDO_MAP_FD) return `map[fd:${insn.imm}]`;
  if (insn.src === bpf.BPF_PSEUDO_MAP_VALUE) return `map[fd:${insn.imm}][0]+${insn.immHigh ?? 0}`;
  if (insn.src === bpf.BPF_PSEUDO_FUNC) {
    const name = names.functionAtSlot.get(slot + 1 + insn.imm);
    return `subprog[${signed(insn.imm)}]${name === undefined ? "" : `#${name}`}`;
  }
  return `0x${((BigInt((insn.immHigh ?? 0) >>> 0) << 32n) | BigInt(insn.imm >>> 0)).toString(16)}`;
}

const SIZE_NAMES = ["u32", "u16", "u8", "u64"];

function memory(insn: Instruction, register: number): string {
  return `*(${SIZE_NAMES[(insn.opcode & 0x18) >> 3]} *)(r${register} ${signed(insn.offset)})`;
}

function signed(value: number): string {
  return value < 0 ? `${value}` : `+${value}`;
}

function hex(value: number): string {
  return (value >>> 0).toString(16);
}
