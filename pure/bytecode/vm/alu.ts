/**
 * Arithmetic and conditions of BPF instructions.
 * Source: RFC 9669, sections 4.1 (arithmetic), 4.2 (byte swaps) and 4.3 (jumps).
 */
import * as bpf from "../insn.ts";
import { VmFault } from "./error.ts";

/**
 * The result of a 64-bit operation, before it is wrapped to 64 bits. Operands are unsigned; `signed` selects the signed
 * form of division and remainder. Division by zero yields 0, remainder by zero the dividend.
 */
export function alu64(operation: number, a: bigint, b: bigint, signed: boolean): bigint {
  switch (operation) {
    case bpf.BPF_ADD:
      return a + b;
    case bpf.BPF_SUB:
      return a - b;
    case bpf.BPF_MUL:
      return a * b;
    case bpf.BPF_DIV:
      if (b === 0n) return 0n;
      return signed ? BigInt.asIntN(64, a) / BigInt.asIntN(64, b) : a / b;
    case bpf.BPF_MOD:
      if (b === 0n) return a;
      return signed ? BigInt.asIntN(64, a) % BigInt.asIntN(64, b) : a % b;
    case bpf.BPF_OR:
      return a | b;
    case bpf.BPF_AND:
      return a & b;
    case bpf.BPF_XOR:
      return a ^ b;
    case bpf.BPF_LSH:
      return a << (b & 63n);
    case bpf.BPF_RSH:
      return a >> (b & 63n);
    case bpf.BPF_ARSH:
      return BigInt.asIntN(64, a) >> (b & 63n);
    case bpf.BPF_NEG:
      return -a;
    case bpf.BPF_MOV:
      return b;
    default:
      throw new VmFault(`unknown arithmetic operation 0x${operation.toString(16)}`);
  }
}

/** The same in 32 bits; the result is an unsigned 32-bit number. */
export function alu32(operation: number, a: number, b: number, signed: boolean): number {
  switch (operation) {
    case bpf.BPF_ADD:
      return (a + b) >>> 0;
    case bpf.BPF_SUB:
      return (a - b) >>> 0;
    case bpf.BPF_MUL:
      return Math.imul(a, b) >>> 0;
    case bpf.BPF_DIV:
      if (b === 0) return 0;
      return (signed ? (a | 0) / (b | 0) : a / b) >>> 0;
    case bpf.BPF_MOD:
      if (b === 0) return a;
      return (signed ? (a | 0) % (b | 0) : a % b) >>> 0;
    case bpf.BPF_OR:
      return (a | b) >>> 0;
    case bpf.BPF_AND:
      return (a & b) >>> 0;
    case bpf.BPF_XOR:
      return (a ^ b) >>> 0;
    case bpf.BPF_LSH:
      return (a << (b & 31)) >>> 0;
    case bpf.BPF_RSH:
      return a >>> (b & 31);
    case bpf.BPF_ARSH:
      return ((a | 0) >> (b & 31)) >>> 0;
    case bpf.BPF_NEG:
      return -a >>> 0;
    case bpf.BPF_MOV:
      return b;
    default:
      throw new VmFault(`unknown arithmetic operation 0x${operation.toString(16)}`);
  }
}

/** The lower `bits` bits of `value` with their bytes in reverse, the rest cleared. */
export function byteSwap(value: bigint, bits: number): bigint {
  let rest = BigInt.asUintN(bits, value);
  let swapped = 0n;
  for (let done = 0; done < bits; done += 8) {
    swapped = (swapped << 8n) | (rest & 0xffn);
    rest >>= 8n;
  }
  return swapped;
}

/** Whether a jump is taken. Operands are unsigned integers of `bits` bits. */
export function conditionHolds(operation: number, a: bigint, b: bigint, bits: 32 | 64): boolean {
  switch (operation) {
    case bpf.BPF_JEQ:
      return a === b;
    case bpf.BPF_JNE:
      return a !== b;
    case bpf.BPF_JGT:
      return a > b;
    case bpf.BPF_JGE:
      return a >= b;
    case bpf.BPF_JLT:
      return a < b;
    case bpf.BPF_JLE:
      return a <= b;
    case bpf.BPF_JSET:
      return (a & b) !== 0n;
    case bpf.BPF_JSGT:
      return BigInt.asIntN(bits, a) > BigInt.asIntN(bits, b);
    case bpf.BPF_JSGE:
      return BigInt.asIntN(bits, a) >= BigInt.asIntN(bits, b);
    case bpf.BPF_JSLT:
      return BigInt.asIntN(bits, a) < BigInt.asIntN(bits, b);
    case bpf.BPF_JSLE:
      return BigInt.asIntN(bits, a) <= BigInt.asIntN(bits, b);
    default:
      throw new VmFault(`unknown jump operation 0x${operation.toString(16)}`);
  }
}
