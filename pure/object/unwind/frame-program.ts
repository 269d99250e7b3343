import { cfaExpression, type FrameRegisters, savedExpression } from "./frame-expression.ts";
import { type FrameReader, OMITTED } from "./frame-reader.ts";
import { type CfaRule, type SavedRule, UNKNOWN_RULE, type UnwindRule } from "./unwind-table.ts";

// DWARF 5, 6.4.2 and 7.24: call frame instructions. The first three keep an operand in their low six bits.
const ADVANCE_LOC = 0x40;
const OFFSET = 0x80;
const RESTORE = 0xc0;
const NOP = 0x00;
const SET_LOC = 0x01;
const ADVANCE_LOC1 = 0x02;
const ADVANCE_LOC2 = 0x03;
const ADVANCE_LOC4 = 0x04;
const OFFSET_EXTENDED = 0x05;
const RESTORE_EXTENDED = 0x06;
const UNDEFINED = 0x07;
const SAME_VALUE = 0x08;
const REGISTER = 0x09;
const REMEMBER_STATE = 0x0a;
const RESTORE_STATE = 0x0b;
const DEF_CFA = 0x0c;
const DEF_CFA_REGISTER = 0x0d;
const DEF_CFA_OFFSET = 0x0e;
const DEF_CFA_EXPRESSION = 0x0f;
const EXPRESSION = 0x10;
const OFFSET_EXTENDED_SF = 0x11;
const DEF_CFA_SF = 0x12;
const DEF_CFA_OFFSET_SF = 0x13;
const VAL_OFFSET = 0x14;
const VAL_OFFSET_SF = 0x15;
const VAL_EXPRESSION = 0x16;
const GNU_ARGS_SIZE = 0x2e;
const GNU_NEGATIVE_OFFSET_EXTENDED = 0x2f;

/** What the instructions of a function are read with: from its CIE, and the machine's. */
export interface FrameEncoding {
  readonly codeAlignment: number;
  readonly dataAlignment: number;
  readonly returnAddressRegister: number;
  readonly pointerEncoding: number;
  readonly signalFrame: boolean;
  readonly registers: FrameRegisters;
}

/** `undefined`: it is known that the register has no value. */
type Saved = { readonly rule: SavedRule | "undefined" | "unknown"; readonly offset: number };

const SAME: Saved = { rule: "none", offset: 0 };
const UNDEFINED_VALUE: Saved = { rule: "undefined", offset: 0 };
const UNKNOWN: Saved = { rule: "unknown", offset: 0 };

/** What holds at one address. States are never changed, so that remembering one costs nothing. */
interface FrameState {
  readonly cfa: { readonly register: number; readonly offset: number } | { readonly rule: CfaRule; offset: number };
  readonly returnAddress: Saved;
  readonly framePointer: Saved;
}

const INITIAL: FrameState = { cfa: { rule: "unknown", offset: 0 }, returnAddress: SAME, framePointer: SAME };
/** Deeper nesting is no compiler's. */
const REMEMBERED_MAX = 64;

/** Runs call frame instructions: of the CIE first, then of each function that refers to it. */
export class FrameProgram {
  readonly #encoding: FrameEncoding;
  #initial: FrameState = INITIAL;
  #state: FrameState = INITIAL;
  #address = 0;
  readonly #remembered: FrameState[] = [];
  #onRow: (address: number, rule: UnwindRule) => void = () => {};

  constructor(encoding: FrameEncoding) {
    this.#encoding = encoding;
  }

  /** The instructions of the CIE, which every function starts with. False for one that is not known. */
  begin(reader: FrameReader, end: number): boolean {
    const understood = this.#run(reader, end);
    this.#initial = this.#state;
    return understood;
  }

  /**
   * The instructions of a function at `address`: gives each row to `onRow`. False where an instruction is not known:
   * from the last row on nothing is.
   */
  run(reader: FrameReader, end: number, address: number, onRow: (address: number, rule: UnwindRule) => void): boolean {
    this.#state = this.#initial;
    this.#remembered.length = 0;
    this.#address = address;
    this.#onRow = onRow;
    const understood = this.#run(reader, end);
    onRow(this.#address, understood ? this.#rule() : UNKNOWN_RULE);
    return understood;
  }

  #run(reader: FrameReader, end: number): boolean {
    while (reader.offset < end) {
      const byte = reader.u8();
      const operand = byte & 0x3f;
      switch (byte & 0xc0) {
        case ADVANCE_LOC:
          this.#advance(operand * this.#encoding.codeAlignment);
          break;
        case OFFSET:
          this.#saved(operand, reader.uleb() * this.#encoding.dataAlignment);
          break;
        case RESTORE:
          this.#restore(operand);
          break;
        default:
          if (!this.#extended(byte, reader)) return false;
      }
    }
    return true;
  }

  /** Those with their operands behind them. */
  #extended(instruction: number, reader: FrameReader): boolean {
    const { codeAlignment, dataAlignment, pointerEncoding } = this.#encoding;
    switch (instruction) {
      case NOP:
        return true;
      case SET_LOC:
        this.#moveTo(pointerEncoding === OMITTED ? reader.word() : reader.pointer(pointerEncoding));
        return true;
      case ADVANCE_LOC1:
        this.#advance(reader.u8() * codeAlignment);
        return true;
      case ADVANCE_LOC2:
        this.#advance(reader.u16() * codeAlignment);
        return true;
      case ADVANCE_LOC4:
        this.#advance(reader.u32() * codeAlignment);
        return true;
      case REMEMBER_STATE:
        return this.#remembered.push(this.#state) <= REMEMBERED_MAX;
      case RESTORE_STATE:
        this.#state = this.#remembered.pop() ?? this.#state;
        return true;
      case GNU_ARGS_SIZE:
        reader.uleb();
        return true;
      case OFFSET_EXTENDED:
        this.#saved(reader.uleb(), reader.uleb() * dataAlignment);
        return true;
      case OFFSET_EXTENDED_SF:
        this.#saved(reader.uleb(), reader.sleb() * dataAlignment);
        return true;
      case GNU_NEGATIVE_OFFSET_EXTENDED:
        this.#saved(reader.uleb(), -reader.uleb() * dataAlignment);
        return true;
      default:
        return this.#defineCfa(instruction, reader) || this.#setRegister(instruction, reader);
    }
  }

  #defineCfa(instruction: number, reader: FrameReader): boolean {
    const { dataAlignment, registers } = this.#encoding;
    const { cfa } = this.#state;
    switch (instruction) {
      case DEF_CFA:
        this.#setCfa({ register: reader.uleb(), offset: reader.uleb() });
        return true;
      case DEF_CFA_SF:
        this.#setCfa({ register: reader.uleb(), offset: reader.sleb() * dataAlignment });
        return true;
      case DEF_CFA_REGISTER:
        this.#setCfa({ register: reader.uleb(), offset: cfa.offset });
        return true;
      case DEF_CFA_OFFSET:
        this.#setCfa({ ...cfa, offset: reader.uleb() });
        return true;
      case DEF_CFA_OFFSET_SF:
        this.#setCfa({ ...cfa, offset: reader.sleb() * dataAlignment });
        return true;
      case DEF_CFA_EXPRESSION: {
        const found = this.#expression(reader, (end) => cfaExpression(reader, end, registers));
        this.#setCfa(found ?? INITIAL.cfa);
        return true;
      }
      default:
        return false;
    }
  }

  #setRegister(instruction: number, reader: FrameReader): boolean {
    switch (instruction) {
      case RESTORE_EXTENDED:
        this.#restore(reader.uleb());
        return true;
      case UNDEFINED:
        this.#set(reader.uleb(), UNDEFINED_VALUE);
        return true;
      case SAME_VALUE:
        this.#set(reader.uleb(), SAME);
        return true;
      case REGISTER: {
        const register = reader.uleb();
        reader.uleb();
        this.#set(register, UNKNOWN);
        return true;
      }
      case VAL_OFFSET:
      case VAL_OFFSET_SF: {
        const register = reader.uleb();
        if (instruction === VAL_OFFSET) reader.uleb();
        else reader.sleb();
        this.#set(register, UNKNOWN);
        return true;
      }
      case EXPRESSION: {
        const register = reader.uleb();
        const found = this.#expression(reader, (end) => savedExpression(reader, end, this.#encoding.registers));
        this.#set(register, found ?? UNKNOWN);
        return true;
      }
      case VAL_EXPRESSION: {
        const register = reader.uleb();
        reader.skip(reader.uleb());
        this.#set(register, UNKNOWN);
        return true;
      }
      default:
        return false;
    }
  }

  /** Reads what stands in a block; whatever that took, the block is behind afterwards. */
  #expression<T>(reader: FrameReader, read: (end: number) => T): T {
    const sizeBytes = reader.uleb();
    const start = reader.offset;
    reader.skip(sizeBytes);
    const end = reader.offset;
    if (sizeBytes === 0) return read(end);
    reader.offset = start;
    const found = read(end);
    reader.offset = end;
    return found;
  }

  #advance(bytes: number): void {
    if (bytes > 0) this.#moveTo(this.#address + bytes);
  }

  #moveTo(address: number): void {
    if (address <= this.#address) return;
    this.#onRow(this.#address, this.#rule());
    this.#address = address;
  }

  #saved(register: number, offset: number): void {
    this.#set(register, { rule: "cfa", offset });
  }

  #restore(register: number): void {
    const { registers, returnAddressRegister } = this.#encoding;
    if (register === returnAddressRegister) this.#set(register, this.#initial.returnAddress);
    else if (register === registers.framePointer) this.#set(register, this.#initial.framePointer);
  }

  #set(register: number, saved: Saved): void {
    const { registers, returnAddressRegister } = this.#encoding;
    if (register === returnAddressRegister) this.#state = { ...this.#state, returnAddress: saved };
    else if (register === registers.framePointer) this.#state = { ...this.#state, framePointer: saved };
  }

  #setCfa(cfa: FrameState["cfa"]): void {
    this.#state = { ...this.#state, cfa };
  }

  /** The state as a row. The CFA must be known, and so must the return address be, unless there is none. */
  #rule(): UnwindRule {
    const { cfa, returnAddress, framePointer } = this.#state;
    const rule = "rule" in cfa ? cfa.rule : this.#registerRule(cfa.register);
    const isLost = returnAddress.rule === "unknown" || returnAddress.rule === "none";
    if (rule === "unknown" || isLost) return UNKNOWN_RULE;
    return {
      cfa: rule,
      cfaOffset: cfa.offset,
      returnAddress: returnAddress.rule === "undefined" ? "none" : returnAddress.rule,
      returnAddressOffset: returnAddress.offset,
      framePointer: isWhere(framePointer.rule) ? framePointer.rule : "none",
      framePointerOffset: isWhere(framePointer.rule) ? framePointer.offset : 0,
      signalFrame: this.#encoding.signalFrame,
    };
  }

  #registerRule(register: number): CfaRule {
    const { stackPointer, framePointer } = this.#encoding.registers;
    if (register === stackPointer) return "stackPointer";
    return register === framePointer ? "framePointer" : "unknown";
  }
}

function isWhere(rule: Saved["rule"]): rule is SavedRule {
  return rule !== "undefined" && rule !== "unknown";
}
