import { DwarfReader } from "./dwarf-reader.ts";
import type { LineHeader } from "./line-header.ts";

/** The rows that a line number program makes (section 6.2.2), as columns. */
export interface LineRows {
  readonly addresses: Float64Array;
  readonly files: Uint32Array;
  readonly lines: Uint32Array;
  readonly columns: Uint32Array;
  /** 1 where a statement begins: a place for a breakpoint. */
  readonly statements: Uint8Array;
  /** In the order of their addresses. */
  readonly sequences: readonly LineSequence[];
}

/** Rows `[first, last)`, whose addresses rise from `start`; their code ends before `end`. */
export interface LineSequence {
  readonly start: number;
  readonly end: number;
  readonly first: number;
  readonly last: number;
}

/** Opcodes: `DW_LNS_*` and `DW_LNE_*` (section 7.22). */
const LNS = {
  extended: 0,
  copy: 1,
  advance_pc: 2,
  advance_line: 3,
  set_file: 4,
  set_column: 5,
  negate_stmt: 6,
  const_add_pc: 8,
  fixed_advance_pc: 9,
} as const;
const LNE = { end_sequence: 1, set_address: 2 } as const;

/** Runs the program behind a header. Throws `OutOfBoundsError`. */
export function runLineProgram(header: LineHeader, bytes: Uint8Array, littleEndian: boolean): LineRows {
  const reader = new DwarfReader(bytes.subarray(0, header.end), littleEndian, header.start);
  const machine = new LineMachine(header);
  while (reader.remaining > 0) {
    const opcode = reader.u8();
    if (opcode >= header.opcodeBase) machine.special(opcode - header.opcodeBase);
    else if (opcode === LNS.extended) runExtended(machine, header, reader);
    else runStandard(machine, header, reader, opcode);
  }
  return machine.finish();
}

function runStandard(machine: LineMachine, header: LineHeader, reader: DwarfReader, opcode: number): void {
  switch (opcode) {
    case LNS.copy:
      return machine.emit();
    case LNS.advance_pc:
      machine.address += reader.uleb() * header.minimumInstructionBytes;
      return;
    case LNS.advance_line:
      machine.line += Number(reader.sleb());
      return;
    case LNS.set_file:
      machine.file = reader.uleb();
      return;
    case LNS.set_column:
      machine.column = reader.uleb();
      return;
    case LNS.negate_stmt:
      machine.isStatement = !machine.isStatement;
      return;
    case LNS.const_add_pc:
      machine.advance(255 - header.opcodeBase);
      return;
    case LNS.fixed_advance_pc:
      machine.address += reader.u16();
      return;
    default:
      // One that sets nothing of interest, or is not known: the header says how many operands it has.
      for (let count = header.operandCounts[opcode] ?? 0; count > 0; count--) reader.skipLeb();
  }
}

function runExtended(machine: LineMachine, header: LineHeader, reader: DwarfReader): void {
  const sizeBytes = reader.uleb();
  const end = reader.offset + sizeBytes;
  if (sizeBytes > 0) {
    const opcode = reader.u8();
    if (opcode === LNE.end_sequence) machine.endSequence();
    else if (opcode === LNE.set_address) machine.address = reader.unsigned(sizeBytes === 5 ? 4 : header.addressBytes);
  }
  reader.skip(end - reader.offset);
}

/** The registers of the state machine (section 6.2.2), and the rows that it made. */
class LineMachine {
  address = 0;
  file = 1;
  line = 1;
  column = 0;
  isStatement: boolean;
  readonly #header: LineHeader;
  readonly #addresses: number[] = [];
  readonly #files: number[] = [];
  readonly #lines: number[] = [];
  readonly #columns: number[] = [];
  readonly #statements: number[] = [];
  readonly #sequences: LineSequence[] = [];
  #first = 0;

  constructor(header: LineHeader) {
    this.#header = header;
    this.isStatement = header.defaultIsStatement;
  }

  /** Moves on by an opcode that stands for a distance in addresses and one in lines; the address part alone. */
  advance(adjusted: number): void {
    this.address += Math.floor(adjusted / this.#header.lineRange) * this.#header.minimumInstructionBytes;
  }

  special(adjusted: number): void {
    this.advance(adjusted);
    this.line += this.#header.lineBase + (adjusted % this.#header.lineRange);
    this.emit();
  }

  emit(): void {
    this.#addresses.push(this.address);
    this.#files.push(this.file);
    this.#lines.push(Math.max(0, this.line));
    this.#columns.push(this.column);
    this.#statements.push(this.isStatement ? 1 : 0);
  }

  endSequence(): void {
    const first = this.#first;
    const last = this.#addresses.length;
    const start = this.#addresses[first] ?? 0;
    // Code that the linker threw away starts at 0, or close to the largest address.
    if (last > first && start > 0 && this.address > start && this.address < Number.MAX_SAFE_INTEGER)
      this.#sequences.push({ start, end: this.address, first, last });
    this.#first = last;
    this.address = 0;
    this.file = 1;
    this.line = 1;
    this.column = 0;
    this.isStatement = this.#header.defaultIsStatement;
  }

  finish(): LineRows {
    return {
      addresses: Float64Array.from(this.#addresses),
      files: Uint32Array.from(this.#files),
      lines: Uint32Array.from(this.#lines),
      columns: Uint32Array.from(this.#columns),
      statements: Uint8Array.from(this.#statements),
      sequences: this.#sequences.sort((a, b) => a.start - b.start),
    };
  }
}
