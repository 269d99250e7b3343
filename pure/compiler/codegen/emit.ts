/** From IR with machine registers to instructions. */
import {
  BPF_ADD,
  BPF_ALU,
  BPF_ALU64,
  BPF_AND,
  BPF_ARSH,
  BPF_ATOMIC,
  BPF_B,
  BPF_CALL,
  BPF_DIV,
  BPF_DW,
  BPF_END,
  BPF_EXIT,
  BPF_FETCH,
  BPF_H,
  BPF_IMM,
  BPF_JA,
  BPF_JEQ,
  BPF_JGE,
  BPF_JGT,
  BPF_JLE,
  BPF_JLT,
  BPF_JMP,
  BPF_JMP32,
  BPF_JNE,
  BPF_JSET,
  BPF_JSGE,
  BPF_JSGT,
  BPF_JSLE,
  BPF_JSLT,
  BPF_LD,
  BPF_LDX,
  BPF_LSH,
  BPF_MEM,
  BPF_MOD,
  BPF_MOV,
  BPF_MUL,
  BPF_NEG,
  BPF_OR,
  BPF_PSEUDO_CALL,
  BPF_PSEUDO_FUNC,
  BPF_PSEUDO_KFUNC_CALL,
  BPF_RSH,
  BPF_ST,
  BPF_STX,
  BPF_SUB,
  BPF_W,
  BPF_X,
  BPF_XOR,
  helperId,
  type Instruction,
  isWide,
  R10,
  type Relocation,
} from "@beetrace/bytecode";
import { invariant } from "@beetrace/std";
import type {
  AluOperator,
  Argument,
  Base,
  Block,
  BlockId,
  Condition,
  Func,
  Instr,
  Operand,
  Reg,
  Size,
} from "../ir/ir.ts";
import { COMMUTATIVE } from "../ir/passes/simplify.ts";
import type { Allocation, Machine } from "./allocate.ts";
import { fitsImmediate } from "./legalize.ts";
import { moveTogether } from "./moves.ts";
import type { Frame } from "./slots.ts";

const ALU_CODES: Record<AluOperator, number> = {
  add: BPF_ADD,
  sub: BPF_SUB,
  mul: BPF_MUL,
  div: BPF_DIV,
  mod: BPF_MOD,
  or: BPF_OR,
  and: BPF_AND,
  xor: BPF_XOR,
  lsh: BPF_LSH,
  rsh: BPF_RSH,
  arsh: BPF_ARSH,
};

const JUMP_CODES: Record<Condition, number> = {
  eq: BPF_JEQ,
  ne: BPF_JNE,
  gt: BPF_JGT,
  ge: BPF_JGE,
  lt: BPF_JLT,
  le: BPF_JLE,
  sgt: BPF_JSGT,
  sge: BPF_JSGE,
  slt: BPF_JSLT,
  sle: BPF_JSLE,
  set: BPF_JSET,
};

const INVERSE: Partial<Record<Condition, Condition>> = {
  eq: "ne",
  ne: "eq",
  gt: "le",
  le: "gt",
  ge: "lt",
  lt: "ge",
  sgt: "sle",
  sle: "sgt",
  sge: "slt",
  slt: "sge",
};

const SIZE_CODES: Record<Size, number> = { 1: BPF_B, 2: BPF_H, 4: BPF_W, 8: BPF_DW };

/** The code of one function; calls of other functions are by name, joined by the linker. */
export interface FuncCode {
  readonly name: string;
  readonly paramNames: readonly string[];
  readonly global: boolean;
  readonly instructions: readonly Instruction[];
  readonly relocations: readonly Relocation[];
  /** Instructions that need another function's place: `offset` counts slots, in `imm`. */
  readonly functionReferences: readonly { readonly index: number; readonly name: string }[];
  /** The source offset of each instruction (-1: none). */
  readonly at: readonly number[];
}

/** A jump does not reach: more than 32,767 instruction slots between. */
export class CodeTooLargeError extends Error {
  override readonly name = "CodeTooLargeError";
}

/** Emits one function. Throws {@link CodeTooLargeError}. */
export function emitFunc(allocation: Allocation, frame: Frame): FuncCode {
  return new Emitter(allocation, frame).run();
}

class Emitter {
  readonly #func: Func;
  readonly #machine: ReadonlyMap<Reg, Machine>;
  readonly #frame: Frame;
  readonly #out: Instruction[] = [];
  readonly #at: number[] = [];
  readonly #relocations: Relocation[] = [];
  readonly #references: { index: number; name: string }[] = [];
  readonly #jumps: { index: number; to: BlockId }[] = [];
  readonly #starts = new Map<BlockId, number>();
  #here = -1;

  constructor(allocation: Allocation, frame: Frame) {
    this.#func = allocation.func;
    this.#machine = allocation.machine;
    this.#frame = frame;
  }

  run(): FuncCode {
    const params = this.#func.params
      .map((reg, index) => ({ from: index + 1, to: this.#machine.get(reg) }))
      .filter((move): move is { from: number; to: number } => move.to !== undefined);
    for (const move of moveTogether(params)) this.#mov(move.to, move.from);
    this.#func.blocks.forEach((block, index) => {
      this.#starts.set(block.id, this.#out.length);
      for (const instr of block.instrs) this.#instr(instr);
      this.#terminator(block, this.#func.blocks[index + 1]?.id);
    });
    this.#fixJumps();
    return {
      name: this.#func.name,
      paramNames: this.#func.paramNames,
      global: this.#func.global ?? false,
      instructions: this.#out,
      relocations: this.#relocations,
      functionReferences: this.#references,
      at: this.#at,
    };
  }

  #emit(opcode: number, dst: number, src: number, offset: number, imm: bigint | number, immHigh?: number): number {
    const low = typeof imm === "bigint" ? Number(BigInt.asIntN(32, imm)) : imm;
    this.#out.push({ opcode, dst, src, offset, imm: low, ...(immHigh === undefined ? {} : { immHigh }) });
    this.#at.push(this.#here);
    return this.#out.length - 1;
  }

  #reg(reg: Reg): Machine {
    const machine = this.#machine.get(reg);
    invariant(machine !== undefined, `${this.#func.name}: v${reg} has no register`);
    return machine;
  }

  /** The machine register and offset of an address. */
  #base(base: Base, offset: number): { register: number; offset: number } {
    if (typeof base === "number") return { register: this.#reg(base), offset };
    return { register: R10, offset: this.#frame.offsets[base.slot] + offset };
  }

  #mov(to: number, from: number): void {
    if (to !== from) this.#emit(BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0);
  }

  #constant(to: number, value: bigint): void {
    if (fitsImmediate(value)) this.#emit(BPF_ALU64 | BPF_MOV, to, 0, 0, value);
    else if (value >= 0n && value <= 0xffffffffn) this.#emit(BPF_ALU | BPF_MOV, to, 0, 0, value);
    else this.#emit(BPF_LD | BPF_DW | BPF_IMM, to, 0, 0, value, Number(BigInt.asIntN(32, value >> 32n)));
  }

  #set(to: number, operand: Operand): void {
    if (typeof operand === "bigint") this.#constant(to, operand);
    else this.#mov(to, this.#reg(operand));
  }

  #addressOf(to: number, of: Exclude<Argument, Operand>): void {
    const wide = BPF_LD | BPF_DW | BPF_IMM;
    switch (of.kind) {
      case "slot":
        this.#mov(to, R10);
        this.#emit(BPF_ALU64 | BPF_ADD, to, 0, 0, this.#frame.offsets[of.slot] + of.offset);
        break;
      case "map":
        this.#relocations.push({ kind: "map", index: this.#emit(wide, to, 0, 0, 0, 0), map: of.map });
        break;
      case "map-value":
        this.#relocations.push({
          kind: "map-value",
          index: this.#emit(wide, to, 0, 0, 0, 0),
          map: of.map,
          offset: of.offset,
        });
        break;
      case "type-id": {
        const { tag, name } = of;
        this.#relocations.push({ kind: "type-id", index: this.#emit(BPF_ALU | BPF_MOV, to, 0, 0, 0), tag, name });
        break;
      }
      case "function":
        this.#references.push({ index: this.#emit(wide, to, BPF_PSEUDO_FUNC, 0, 0, 0), name: of.name });
        break;
    }
  }

  #instr(instr: Instr): void {
    this.#here = instr.at;
    switch (instr.op) {
      case "copy":
        this.#set(this.#reg(instr.dst), instr.src);
        break;
      case "alu":
        this.#alu(instr);
        break;
      case "neg":
        this.#mov(this.#reg(instr.dst), this.#reg(instr.a));
        this.#emit(BPF_ALU64 | BPF_NEG, this.#reg(instr.dst), 0, 0, 0);
        break;
      case "extend":
        this.#extend(this.#reg(instr.dst), this.#reg(instr.a), instr.bits, instr.signed);
        break;
      case "swap":
        this.#mov(this.#reg(instr.dst), this.#reg(instr.a));
        // "To big endian" on a little-endian machine: both architectures we know are little-endian.
        this.#emit(BPF_ALU | BPF_END | BPF_X, this.#reg(instr.dst), 0, 0, instr.bits);
        break;
      case "load": {
        const { register, offset } = this.#base(instr.base, instr.offset);
        this.#emit(BPF_LDX | BPF_MEM | SIZE_CODES[instr.size], this.#reg(instr.dst), register, offset, 0);
        break;
      }
      case "store": {
        const { register, offset } = this.#base(instr.base, instr.offset);
        if (typeof instr.value === "bigint")
          this.#emit(BPF_ST | BPF_MEM | SIZE_CODES[instr.size], register, 0, offset, instr.value);
        else this.#emit(BPF_STX | BPF_MEM | SIZE_CODES[instr.size], register, this.#reg(instr.value), offset, 0);
        break;
      }
      case "address":
        this.#addressOf(this.#reg(instr.dst), instr.of);
        break;
      case "atomic-add":
        this.#atomicAdd(instr);
        break;
      default:
        this.#call(instr);
    }
  }

  #alu(instr: Instr & { op: "alu" }): void {
    const code = (instr.bits === 64 ? BPF_ALU64 : BPF_ALU) | ALU_CODES[instr.alu];
    const dst = this.#reg(instr.dst);
    if (typeof instr.b === "bigint") {
      this.#mov(dst, this.#reg(instr.a));
      this.#emit(code, dst, 0, 0, instr.b);
      return;
    }
    const a = this.#reg(instr.a);
    const b = this.#reg(instr.b);
    if (dst === b && dst !== a) {
      invariant(COMMUTATIVE.has(instr.alu), `${this.#func.name}: ${instr.alu} would overwrite its operand`);
      this.#emit(code | BPF_X, dst, a, 0, 0);
      return;
    }
    this.#mov(dst, a);
    this.#emit(code | BPF_X, dst, b, 0, 0);
  }

  #extend(dst: number, a: number, bits: 8 | 16 | 32, signed: boolean): void {
    if (!signed && bits === 32) {
      this.#emit(BPF_ALU | BPF_MOV | BPF_X, dst, a, 0, 0);
      return;
    }
    this.#mov(dst, a);
    if (!signed) {
      this.#emit(BPF_ALU64 | BPF_AND, dst, 0, 0, bits === 8 ? 0xff : 0xffff);
      return;
    }
    this.#emit(BPF_ALU64 | BPF_LSH, dst, 0, 0, 64 - bits);
    this.#emit(BPF_ALU64 | BPF_ARSH, dst, 0, 0, 64 - bits);
  }

  #atomicAdd(instr: Instr & { op: "atomic-add" }): void {
    const { register, offset } = this.#base(instr.base, instr.offset);
    const code = BPF_STX | BPF_ATOMIC | (instr.size === 8 ? BPF_DW : BPF_W);
    if (instr.dst === undefined) {
      this.#emit(code, register, this.#reg(instr.value), offset, BPF_ADD);
      return;
    }
    const dst = this.#reg(instr.dst);
    this.#mov(dst, this.#reg(instr.value));
    this.#emit(code, register, dst, offset, BPF_ADD | BPF_FETCH);
  }

  #call(instr: Instr & { op: "call" | "kfunc" | "invoke" }): void {
    const moves = instr.args.flatMap((arg, index) =>
      typeof arg === "number" ? [{ from: this.#reg(arg), to: index + 1 }] : [],
    );
    for (const move of moveTogether(moves)) this.#mov(move.to, move.from);
    instr.args.forEach((arg, index) => {
      if (typeof arg === "bigint") this.#constant(index + 1, arg);
      else if (typeof arg === "object") this.#addressOf(index + 1, arg);
    });
    if (instr.op === "call") {
      const id = helperId(`bpf_${instr.helper}`);
      invariant(id !== undefined, `no helper ${instr.helper}`);
      this.#emit(BPF_JMP | BPF_CALL, 0, 0, 0, id);
    } else if (instr.op === "kfunc") {
      const index = this.#emit(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, 0);
      this.#relocations.push({ kind: "kfunc", index, name: instr.name });
    } else this.#references.push({ index: this.#emit(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 0), name: instr.name });
    if (instr.dst !== undefined) this.#mov(this.#reg(instr.dst), 0);
  }

  #terminator(block: Block, next: BlockId | undefined): void {
    const end = block.end;
    if (end.at >= 0) this.#here = end.at;
    if (end.op === "return") {
      this.#set(0, end.value);
      this.#emit(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
      return;
    }
    if (end.op === "jump") {
      if (end.to !== next) this.#jump(BPF_JMP | BPF_JA, 0, 0n, end.to);
      return;
    }
    const inverse = INVERSE[end.condition];
    const inverted = end.then === next && inverse !== undefined;
    const condition = inverted ? inverse : end.condition;
    const code = (end.bits === 64 ? BPF_JMP : BPF_JMP32) | JUMP_CODES[condition];
    this.#jump(code, this.#reg(end.a), end.b, inverted ? end.else : end.then);
    const other = inverted ? end.then : end.else;
    if (other !== next) this.#jump(BPF_JMP | BPF_JA, 0, 0n, other);
  }

  #jump(code: number, dst: number, b: Operand, to: BlockId): void {
    const index =
      typeof b === "number" ? this.#emit(code | BPF_X, dst, this.#reg(b), 0, 0) : this.#emit(code, dst, 0, 0, b);
    this.#jumps.push({ index, to });
  }

  #fixJumps(): void {
    const slots: number[] = [];
    let at = 0;
    for (const insn of this.#out) {
      slots.push(at);
      at += isWide(insn) ? 2 : 1;
    }
    for (const { index, to } of this.#jumps) {
      const offset = slots[this.#starts.get(to)!] - slots[index] - 1;
      if (offset < -0x8000 || offset > 0x7fff)
        throw new CodeTooLargeError(`a jump over ${Math.abs(offset)} instructions`);
      this.#out[index] = { ...this.#out[index], offset };
    }
  }
}
