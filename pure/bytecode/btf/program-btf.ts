import { type Instruction, isWide } from "../insn.ts";
import type { LineInfo, ProgramSpec, SubprogramSpec } from "../spec.ts";
import { BtfWriter, wordBytes } from "./btf-writer.ts";

/** What BPF_BTF_LOAD and BPF_PROG_LOAD take about the functions and the source of a program. */
export interface ProgramBtf {
  /** For BPF_BTF_LOAD. */
  readonly btf: Uint8Array;
  /** `struct bpf_func_info` records: u32 insn_off (in slots), u32 type_id. */
  readonly funcInfo: Uint8Array;
  /** `struct bpf_line_info` records: u32 insn_off (in slots), file_name_off, line_off, line << 10 | column. Empty without source. */
  readonly lineInfo: Uint8Array;
}

/** Size of one `struct bpf_func_info`, in bytes. */
export const FUNC_INFO_BYTES = 8;
/** Size of one `struct bpf_line_info`, in bytes. */
export const LINE_INFO_BYTES = 16;
/** line_col keeps ten bits for the column. */
const MAX_COLUMN = 1023;

/** A function of a program: where it begins, and its type. */
export interface FuncRecord {
  readonly slot: number;
  readonly type: number;
}

/** Where a line of source begins. `file` and `text` are offsets of strings, `lineCol` is line << 10 | column. */
export interface LineRecord {
  readonly slot: number;
  readonly file: number;
  readonly text: number;
  readonly lineCol: number;
}

/**
 * Describes a program's functions and lines in BTF, as the kernel wants it for callbacks (bpf_loop and others
 * "missing btf func_info") and shows it in the verifier's log.
 */
export function programBtf(spec: ProgramSpec): ProgramBtf {
  const writer = new BtfWriter();
  const { funcs, lines } = describeProgram(writer, spec);
  return {
    btf: writer.encode(),
    funcInfo: wordBytes(funcs.flatMap(({ slot, type }) => [slot, type])),
    lineInfo: wordBytes(lines.flatMap(({ slot, file, text, lineCol }) => [slot, file, text, lineCol])),
  };
}

/** Adds a program's functions and lines to BTF. Slots count from the start of the program. */
export function describeProgram(
  writer: BtfWriter,
  spec: ProgramSpec,
): { readonly funcs: readonly FuncRecord[]; readonly lines: readonly LineRecord[] } {
  const slots = slotOffsets(spec.instructions);
  return { funcs: describeFunctions(writer, spec, slots), lines: describeLines(writer, spec, slots) };
}

/** The slot of each instruction, and of their end. A 64-bit immediate load takes two. */
export function slotOffsets(insns: readonly Instruction[]): Uint32Array {
  const slots = new Uint32Array(insns.length + 1);
  for (let i = 0; i < insns.length; i++) slots[i + 1] = slots[i] + (isWide(insns[i]) ? 2 : 1);
  return slots;
}

function describeFunctions(writer: BtfWriter, spec: ProgramSpec, slots: Uint32Array): FuncRecord[] {
  const int = writer.add({ kind: "int", name: "int", size: 4, bits: 32, signed: true, bool: false, char: false });
  const u64 = writer.add({ kind: "int", name: "__u64", size: 8, bits: 64, signed: false, bool: false, char: false });
  const pointer = writer.add({ kind: "ptr", to: 0 });
  return inOrder(spec.subprograms).map((subprogram, i) => {
    const names = i === 0 ? [subprogram.params[0] ?? "ctx"] : subprogram.params;
    const params = names.map((name) => ({ name: identifier(name), type: i === 0 ? pointer : u64 }));
    const proto = writer.add({ kind: "func_proto", result: int, params, variadic: false });
    const linkage = subprogram.global ? "global" : "static";
    const func = writer.add({ kind: "func", name: identifier(subprogram.name), proto, linkage });
    return { slot: slots[subprogram.firstIndex], type: func };
  });
}

function inOrder(subprograms: readonly SubprogramSpec[]): SubprogramSpec[] {
  return [...subprograms].sort((a, b) => a.firstIndex - b.firstIndex);
}

/** The kernel refuses names that C would refuse. */
function identifier(name: string): string {
  const legal = name.replace(/[^A-Za-z0-9_]/g, "_");
  return /^[A-Za-z_]/.test(legal) ? legal : `_${legal}`;
}

function describeLines(writer: BtfWriter, spec: ProgramSpec, slots: Uint32Array): LineRecord[] {
  const { source } = spec;
  if (source === undefined || spec.lines.length === 0) return [];
  const texts = source.text.split("\n");
  const fileName = writer.string(source.name);
  return linesToWrite(spec).map(({ index, line, column }) => ({
    slot: slots[index],
    file: fileName,
    text: writer.string(texts[line - 1] ?? ""),
    lineCol: (line << 10) | Math.min(column, MAX_COLUMN),
  }));
}

/** Ascending, one an instruction, without repetitions, but with one for the first instruction of every function. */
function linesToWrite(spec: ProgramSpec): LineInfo[] {
  const starts = new Set(spec.subprograms.map((subprogram) => subprogram.firstIndex)).add(0);
  const given = new Map<number, LineInfo>();
  for (const line of spec.lines) if (line.index < spec.instructions.length) given.set(line.index, line);
  const indexes = [...new Set([...starts, ...given.keys()])].sort((a, b) => a - b);
  const lines: LineInfo[] = [];
  let current = spec.lines[0];
  for (const index of indexes) {
    const line = given.get(index) ?? current;
    if (!starts.has(index) && line.line === current.line && line.column === current.column) continue;
    lines.push({ ...line, index });
    current = line;
  }
  return lines;
}
