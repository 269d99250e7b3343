/**
 * One eBPF instruction and its 8-byte encoding.
 * Source: RFC 9669 (BPF Instruction Set Architecture); the names are those of include/uapi/linux/bpf.h.
 */
import { invariant } from "@beetrace/std";

// Instruction classes (low three bits of the opcode).
export const BPF_LD = 0x00;
export const BPF_LDX = 0x01;
export const BPF_ST = 0x02;
export const BPF_STX = 0x03;
export const BPF_ALU = 0x04;
export const BPF_JMP = 0x05;
export const BPF_JMP32 = 0x06;
export const BPF_ALU64 = 0x07;

// Operand source.
export const BPF_K = 0x00;
export const BPF_X = 0x08;

// ALU operations.
export const BPF_ADD = 0x00;
export const BPF_SUB = 0x10;
export const BPF_MUL = 0x20;
export const BPF_DIV = 0x30;
export const BPF_OR = 0x40;
export const BPF_AND = 0x50;
export const BPF_LSH = 0x60;
export const BPF_RSH = 0x70;
export const BPF_NEG = 0x80;
export const BPF_MOD = 0x90;
export const BPF_XOR = 0xa0;
export const BPF_MOV = 0xb0;
export const BPF_ARSH = 0xc0;
export const BPF_END = 0xd0;

// Jump operations.
export const BPF_JA = 0x00;
export const BPF_JEQ = 0x10;
export const BPF_JGT = 0x20;
export const BPF_JGE = 0x30;
export const BPF_JSET = 0x40;
export const BPF_JNE = 0x50;
export const BPF_JSGT = 0x60;
export const BPF_JSGE = 0x70;
export const BPF_CALL = 0x80;
export const BPF_EXIT = 0x90;
export const BPF_JLT = 0xa0;
export const BPF_JLE = 0xb0;
export const BPF_JSLT = 0xc0;
export const BPF_JSLE = 0xd0;

// Memory access sizes and modes.
export const BPF_W = 0x00;
export const BPF_H = 0x08;
export const BPF_B = 0x10;
export const BPF_DW = 0x18;
export const BPF_IMM = 0x00;
export const BPF_MEM = 0x60;
/** Sign-extending load. Requires Linux 6.6. */
export const BPF_MEMSX = 0x80;
export const BPF_ATOMIC = 0xc0;

// Atomic operations (in `imm` of a BPF_STX | BPF_ATOMIC instruction). Requires Linux 5.12, but for plain BPF_ADD.
export const BPF_FETCH = 0x01;
export const BPF_XCHG = 0xe1;
export const BPF_CMPXCHG = 0xf1;

// Meaning of `src` in a 64-bit immediate load.
export const BPF_PSEUDO_MAP_FD = 1;
export const BPF_PSEUDO_MAP_VALUE = 2;
export const BPF_PSEUDO_BTF_ID = 3;
export const BPF_PSEUDO_FUNC = 4;
// Meaning of `src` in a call.
export const BPF_PSEUDO_CALL = 1;
export const BPF_PSEUDO_KFUNC_CALL = 2;

/** Frame pointer. */
export const R10 = 10;

/**
 * One instruction. A 64-bit immediate load (`BPF_LD | BPF_DW | BPF_IMM`) is one `Instruction` here
 * and two 8-byte slots in the kernel; its upper 32 bits are in `immHigh`.
 */
export interface Instruction {
  readonly opcode: number;
  readonly dst: number;
  readonly src: number;
  /** Signed 16-bit offset: of memory accesses in bytes, of jumps in 8-byte slots. */
  readonly offset: number;
  /** Signed 32-bit immediate. */
  readonly imm: number;
  /** Only in a 64-bit immediate load: the upper 32 bits. */
  readonly immHigh?: number;
}

const BPF_LD_IMM64 = BPF_LD | BPF_DW | BPF_IMM;

/** Whether the instruction takes two 8-byte slots. */
export function isWide(insn: Instruction): boolean {
  return insn.opcode === BPF_LD_IMM64;
}

/** How many 8-byte slots the instructions take. */
export function slotCount(insns: readonly Instruction[]): number {
  let count = 0;
  for (const insn of insns) count += isWide(insn) ? 2 : 1;
  return count;
}

/** The kernel's encoding of the instructions, little-endian. */
export function encodeInstructions(insns: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(slotCount(insns) * 8);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const insn of insns) {
    view.setUint8(at, insn.opcode);
    view.setUint8(at + 1, (insn.src << 4) | insn.dst);
    view.setInt16(at + 2, insn.offset, true);
    view.setInt32(at + 4, insn.imm, true);
    at += 8;
    if (isWide(insn)) {
      view.setInt32(at + 4, insn.immHigh ?? 0, true);
      at += 8;
    }
  }
  return bytes;
}

/** Decodes the kernel's encoding. Throws an `InvariantError` when the bytes are not whole instructions. */
export function decodeInstructions(bytes: Uint8Array): Instruction[] {
  invariant(bytes.length % 8 === 0, `BPF code of ${bytes.length} bytes is not a whole number of instructions`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const insns: Instruction[] = [];
  for (let at = 0; at < bytes.length; at += 8) {
    const opcode = view.getUint8(at);
    const registers = view.getUint8(at + 1);
    const base = {
      opcode,
      dst: registers & 0xf,
      src: registers >> 4,
      offset: view.getInt16(at + 2, true),
      imm: view.getInt32(at + 4, true),
    };
    if (opcode !== BPF_LD_IMM64) {
      insns.push(base);
      continue;
    }
    at += 8;
    invariant(at + 8 <= bytes.length, "BPF code ends inside a 64-bit immediate load");
    insns.push({ ...base, immHigh: view.getInt32(at + 4, true) });
  }
  return insns;
}
