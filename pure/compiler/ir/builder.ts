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
  Slot,
  SlotRef,
  Terminator,
} from "./ir.ts";

/**
 * The verifier puts a call of the map's own function in the place of a call of these. Before Linux 6.4 that function returned
 * an int: an error had zeros in its upper half, and was no negative number.
 */
const INT_HELPERS: ReadonlySet<string> = new Set(["map_update_elem", "map_delete_elem"]);

/** `Omit` that keeps a union a union. */
type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never;

/** Makes a {@link Func} block by block. The front ends' only way to write IR. */
export class FuncBuilder {
  readonly name: string;
  readonly #params: Reg[] = [];
  readonly #paramNames: string[] = [];
  readonly #slots: Slot[] = [];
  readonly #blocks = new Map<BlockId, { instrs: Instr[]; end?: Terminator }>();
  #regs = 0;
  #blockCount = 0;
  #current: BlockId;
  /** The verifier looks at the function once, by itself, not at each call: parameters and result are any numbers. */
  global = false;
  /** Where in the source text the next instructions come from. */
  at = -1;

  constructor(name: string) {
    this.name = name;
    this.#current = this.block();
  }

  reg(): Reg {
    return this.#regs++;
  }

  param(name: string): Reg {
    const reg = this.reg();
    this.#params.push(reg);
    this.#paramNames.push(name);
    return reg;
  }

  slot(sizeBytes: number, align: Slot["align"] = 8): SlotRef {
    this.#slots.push({ sizeBytes, align });
    return { slot: this.#slots.length - 1 };
  }

  slotSize(slot: SlotRef): number {
    return this.#slots[slot.slot].sizeBytes;
  }

  /** A new, empty block. Code goes there after {@link enter}. */
  block(): BlockId {
    const id = this.#blockCount++;
    this.#blocks.set(id, { instrs: [] });
    return id;
  }

  enter(block: BlockId): void {
    this.#current = block;
  }

  /** Whether the current block has its terminator already: code after it cannot be reached. */
  get ended(): boolean {
    return this.#blocks.get(this.#current)?.end !== undefined;
  }

  #push(instr: Without<Instr, "at">): void {
    const block = this.#blocks.get(this.#current);
    invariant(block, "no current block");
    if (block.end) return;
    block.instrs.push({ ...instr, at: this.at } as Instr);
  }

  #end(end: Without<Terminator, "at">): void {
    const block = this.#blocks.get(this.#current);
    invariant(block, "no current block");
    block.end ??= { ...end, at: this.at } as Terminator;
  }

  /** An operand in a register. */
  inReg(operand: Operand): Reg {
    return typeof operand === "number" ? operand : this.copy(operand);
  }

  copy(src: Operand, dst = this.reg()): Reg {
    this.#push({ op: "copy", dst, src });
    return dst;
  }

  alu(alu: AluOperator, a: Operand, b: Operand, bits: 32 | 64 = 64): Reg {
    const dst = this.reg();
    this.#push({ op: "alu", alu, dst, a: this.inReg(a), b, bits });
    return dst;
  }

  add(a: Operand, b: Operand): Reg {
    return this.alu("add", a, b);
  }

  neg(a: Operand): Reg {
    const dst = this.reg();
    this.#push({ op: "neg", dst, a: this.inReg(a) });
    return dst;
  }

  extend(a: Operand, bits: 8 | 16 | 32, signed: boolean): Reg {
    const dst = this.reg();
    this.#push({ op: "extend", dst, a: this.inReg(a), bits, signed });
    return dst;
  }

  swap(a: Operand, bits: 16 | 32 | 64): Reg {
    const dst = this.reg();
    this.#push({ op: "swap", dst, a: this.inReg(a), bits });
    return dst;
  }

  load(base: Base, offset: number, size: Size): Reg {
    const dst = this.reg();
    this.#push({ op: "load", dst, base, offset, size });
    return dst;
  }

  store(base: Base, offset: number, size: Size, value: Operand): void {
    this.#push({ op: "store", base, offset, size, value });
  }

  address(of: Exclude<Argument, Operand>): Reg {
    const dst = this.reg();
    this.#push({ op: "address", dst, of });
    return dst;
  }

  call(helper: string, ...args: Argument[]): Reg {
    const dst = this.reg();
    this.#push({ op: "call", dst, helper, args });
    return INT_HELPERS.has(helper) ? this.extend(dst, 32, true) : dst;
  }

  kfunc(name: string, ...args: Argument[]): Reg {
    const dst = this.reg();
    this.#push({ op: "kfunc", dst, name, args });
    return dst;
  }

  invoke(name: string, ...args: Argument[]): Reg {
    const dst = this.reg();
    this.#push({ op: "invoke", dst, name, args });
    return dst;
  }

  atomicAdd(base: Base, offset: number, size: 4 | 8, value: Operand, fetch: boolean): Reg | undefined {
    const dst = fetch ? this.reg() : undefined;
    this.#push({ op: "atomic-add", dst, base, offset, size, value: this.inReg(value) });
    return dst;
  }

  jump(to: BlockId): void {
    this.#end({ op: "jump", to });
  }

  branch(condition: Condition, a: Operand, b: Operand, then: BlockId, otherwise: BlockId, bits: 32 | 64 = 64): void {
    this.#end({ op: "branch", condition, a: this.inReg(a), b, bits, then, else: otherwise });
  }

  return(value: Operand): void {
    this.#end({ op: "return", value });
  }

  finish(): Func {
    const blocks: Block[] = [];
    for (const [id, block] of this.#blocks) {
      blocks.push({ id, instrs: block.instrs, end: block.end ?? { op: "return", value: 0n, at: -1 } });
    }
    return {
      name: this.name,
      params: this.#params,
      paramNames: this.#paramNames,
      blocks,
      slots: this.#slots,
      regs: this.#regs,
      ...(this.global ? { global: true } : {}),
    };
  }
}
