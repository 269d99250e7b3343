/**
 * Runs instructions. 64-bit values are bigints in a BigUint64Array, which wraps them; 32-bit operations work on
 * the same bytes as 32-bit words (the host is taken to be little-endian).
 */

import type { Instruction } from "../insn.ts";
import * as bpf from "../insn.ts";
import { alu32, alu64, byteSwap, conditionHolds } from "./alu.ts";
import { VmFault } from "./error.ts";
import type { VmMachine } from "./machine.ts";
import type { AccessBytes, Memory, Segment } from "./memory.ts";
import { CODE_BASE, type LoadedProgram } from "./program.ts";

/** A function may call this deep, callbacks included: MAX_CALL_FRAMES in include/linux/bpf_verifier.h. */
export const MAX_CALL_FRAMES = 8;
/** MAX_BPF_STACK in include/linux/filter.h. */
export const STACK_BYTES = 512;

/** What registers hold that nobody may read: after a call r1 to r5, in a new function all but its arguments. */
const POISON = 0xdead_dead_dead_deadn;
const STACK_POISON = 0xa5;
const SIZES: readonly AccessBytes[] = [4, 2, 1, 8];
const CALL = bpf.BPF_JMP | bpf.BPF_CALL;
const EXIT = bpf.BPF_JMP | bpf.BPF_EXIT;

/** The registers and stack of one call depth. */
export interface Frame {
  readonly wide: BigUint64Array;
  readonly words: Uint32Array;
  readonly stack: Segment;
}

/**
 * A frame for each call depth, made once for all runs. Each stack is a segment of `memory`, so that callees may use
 * pointers to it.
 */
export function createFrames(memory: Memory): Frame[] {
  return Array.from({ length: MAX_CALL_FRAMES }, (_, depth) => {
    const wide = new BigUint64Array(11);
    const stack = memory.allocate(depth === 0 ? "stack" : `stack ${depth}`, new Uint8Array(STACK_BYTES), {
      aligned: true,
    });
    return { wide, words: new Uint32Array(wide.buffer), stack };
  });
}

/** One run of a program. */
export class Execution {
  readonly #program: LoadedProgram;
  readonly #machine: VmMachine;
  readonly #frames: readonly Frame[];
  readonly #budget: number;
  #depth = 0;
  #executed = 0;
  #at = 0;

  constructor(program: LoadedProgram, machine: VmMachine, frames: readonly Frame[], budget: number) {
    this.#program = program;
    this.#machine = machine;
    this.#frames = frames;
    this.#budget = budget;
  }

  /** How many instructions were executed. */
  get executed(): number {
    return this.#executed;
  }

  /** Index of the instruction that is being executed, or was last. */
  get at(): number {
    return this.#at;
  }

  /** Calls the function whose first instruction is at `entry` and returns its r0. */
  call(entry: number, args: ArrayLike<bigint>): bigint {
    if (entry < 0 || entry >= this.#program.insns.length) throw new VmFault("call of what is no instruction");
    if (this.#depth === MAX_CALL_FRAMES) throw new VmFault(`more than ${MAX_CALL_FRAMES} calls inside each other`);
    const frame = this.#frames[this.#depth++];
    frame.wide.fill(POISON);
    for (let i = 0; i < args.length; i++) frame.wide[1 + i] = args[i];
    frame.stack.bytes.fill(STACK_POISON);
    frame.wide[10] = frame.stack.base + BigInt(STACK_BYTES);
    const result = this.#run(entry, frame);
    this.#depth--;
    return result;
  }

  /** Calls a function by its address, as helpers do with callbacks. */
  callAddress(address: bigint, args: readonly bigint[]): bigint {
    const index = Number(address - CODE_BASE);
    if (!(index >= 0 && index < this.#program.insns.length))
      throw new VmFault(`0x${address.toString(16)} is no function`);
    const caller = this.#at;
    const result = this.call(index, args);
    this.#at = caller;
    return result;
  }

  #run(entry: number, frame: Frame): bigint {
    const { insns, targets, immediates } = this.#program;
    for (let at = entry; ; ) {
      const insn = insns[at];
      if (insn === undefined) throw new VmFault("runs beyond the last instruction");
      this.#at = at;
      if (++this.#executed > this.#budget) throw new VmFault(`more than ${this.#budget} instructions`);
      switch (insn.opcode & 0x07) {
        case bpf.BPF_ALU64:
          stepAlu64(frame, insn, immediates[at]);
          break;
        case bpf.BPF_ALU:
          stepAlu32(frame, insn);
          break;
        case bpf.BPF_LDX:
          this.#load(frame, insn);
          break;
        case bpf.BPF_ST:
          this.#store(frame, insn, immediates[at]);
          break;
        case bpf.BPF_STX:
          if ((insn.opcode & 0xe0) === bpf.BPF_ATOMIC) this.#atomic(frame, insn);
          else this.#store(frame, insn, frame.wide[insn.src]);
          break;
        case bpf.BPF_LD:
          if (insn.opcode !== (bpf.BPF_LD | bpf.BPF_DW | bpf.BPF_IMM)) throw unknownOpcode(insn);
          frame.wide[insn.dst] = immediates[at];
          break;
        default:
          if (insn.opcode === EXIT) return frame.wide[0];
          if (insn.opcode === CALL) this.#callOut(frame, insn, at);
          else if (takesJump(frame, insn, immediates[at])) {
            at = targets[at];
            if (at < 0) throw new VmFault("jump to what is no instruction");
            continue;
          }
      }
      at++;
    }
  }

  #callOut(frame: Frame, insn: Instruction, at: number): void {
    const { wide } = frame;
    if (insn.src === bpf.BPF_PSEUDO_CALL) {
      wide[0] = this.call(this.#program.targets[at], wide.subarray(1, 6));
    } else {
      const callee = this.#program.callees[at];
      if (callee === undefined) throw new VmFault(`the interpreter lacks ${calleeName(this.#program, at)}`);
      wide[0] = callee(this.#machine, wide[1], wide[2], wide[3], wide[4], wide[5]);
    }
    wide.fill(POISON, 1, 6);
  }

  #load(frame: Frame, insn: Instruction): void {
    const size = SIZES[(insn.opcode & 0x18) >> 3];
    const mode = insn.opcode & 0xe0;
    if (mode !== bpf.BPF_MEM && mode !== bpf.BPF_MEMSX) throw unknownOpcode(insn);
    const value = this.#machine.memory.load(addressOf(frame, insn.src, insn.offset), size);
    frame.wide[insn.dst] = mode === bpf.BPF_MEMSX ? BigInt.asIntN(size * 8, value) : value;
  }

  #store(frame: Frame, insn: Instruction, value: bigint): void {
    if ((insn.opcode & 0xe0) !== bpf.BPF_MEM) throw unknownOpcode(insn);
    this.#machine.memory.store(addressOf(frame, insn.dst, insn.offset), SIZES[(insn.opcode & 0x18) >> 3], value);
  }

  #atomic(frame: Frame, insn: Instruction): void {
    const size = SIZES[(insn.opcode & 0x18) >> 3];
    if (size < 4) throw unknownOpcode(insn);
    const { memory } = this.#machine;
    const address = addressOf(frame, insn.dst, insn.offset);
    if (address % BigInt(size) !== 0n) throw new VmFault(`misaligned atomic access at ${memory.describe(address)}`);
    const operand = BigInt.asUintN(size * 8, frame.wide[insn.src]);
    const old = memory.load(address, size);
    if (insn.imm === bpf.BPF_CMPXCHG) {
      if (old === BigInt.asUintN(size * 8, frame.wide[0])) memory.store(address, size, operand);
      frame.wide[0] = old;
      return;
    }
    memory.store(address, size, atomicResult(insn, old, operand));
    if (insn.imm & bpf.BPF_FETCH) frame.wide[insn.src] = old;
  }
}

function atomicResult(insn: Instruction, old: bigint, operand: bigint): bigint {
  switch (insn.imm) {
    case bpf.BPF_XCHG:
      return operand;
    case bpf.BPF_ADD:
    case bpf.BPF_ADD | bpf.BPF_FETCH:
      return old + operand;
    case bpf.BPF_OR:
    case bpf.BPF_OR | bpf.BPF_FETCH:
      return old | operand;
    case bpf.BPF_AND:
    case bpf.BPF_AND | bpf.BPF_FETCH:
      return old & operand;
    case bpf.BPF_XOR:
    case bpf.BPF_XOR | bpf.BPF_FETCH:
      return old ^ operand;
    default:
      throw new VmFault(`unknown atomic operation 0x${insn.imm.toString(16)}`);
  }
}

function addressOf(frame: Frame, register: number, offset: number): bigint {
  return BigInt.asUintN(64, frame.wide[register] + BigInt(offset));
}

function stepAlu64(frame: Frame, insn: Instruction, immediate: bigint): void {
  const { wide } = frame;
  const operation = insn.opcode & 0xf0;
  if (operation === bpf.BPF_END) {
    wide[insn.dst] = byteSwap(wide[insn.dst], insn.imm);
    return;
  }
  let operand = (insn.opcode & 0x08) === bpf.BPF_X ? wide[insn.src] : immediate;
  if (operation === bpf.BPF_MOV && insn.offset !== 0) operand = BigInt.asIntN(insn.offset, operand);
  wide[insn.dst] = alu64(operation, wide[insn.dst], operand, insn.offset === 1);
}

function stepAlu32(frame: Frame, insn: Instruction): void {
  const { wide, words } = frame;
  const operation = insn.opcode & 0xf0;
  const isX = (insn.opcode & 0x08) === bpf.BPF_X;
  if (operation === bpf.BPF_END) {
    // The bit that tells the operand's source here tells the order: big-endian, or as the machine has it.
    wide[insn.dst] = isX ? byteSwap(wide[insn.dst], insn.imm) : BigInt.asUintN(insn.imm, wide[insn.dst]);
    return;
  }
  let operand = isX ? words[insn.src * 2] : insn.imm >>> 0;
  if (operation === bpf.BPF_MOV && insn.offset !== 0)
    operand = ((operand << (32 - insn.offset)) >> (32 - insn.offset)) >>> 0;
  words[insn.dst * 2] = alu32(operation, words[insn.dst * 2], operand, insn.offset === 1);
  words[insn.dst * 2 + 1] = 0;
}

function takesJump(frame: Frame, insn: Instruction, immediate: bigint): boolean {
  const operation = insn.opcode & 0xf0;
  if (operation === bpf.BPF_JA) return true;
  const { wide } = frame;
  const operand = (insn.opcode & 0x08) === bpf.BPF_X ? wide[insn.src] : immediate;
  if ((insn.opcode & 0x07) === bpf.BPF_JMP) return conditionHolds(operation, wide[insn.dst], operand, 64);
  return conditionHolds(operation, wide[insn.dst] & 0xffffffffn, operand & 0xffffffffn, 32);
}

function calleeName({ spec, insns }: LoadedProgram, at: number): string {
  const relocation = spec.relocations.find((each) => each.index === at);
  return relocation?.kind === "kfunc" ? `kfunc ${relocation.name}` : `helper ${insns[at].imm}`;
}

function unknownOpcode(insn: Instruction): VmFault {
  return new VmFault(`unknown opcode 0x${insn.opcode.toString(16)}`);
}
