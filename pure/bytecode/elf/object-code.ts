/** Where the functions of programs stand in an object file, and what is left for its loader to fill in. */
import { invariant } from "@beetrace/std";
import { slotOffsets } from "../btf/program-btf.ts";
import {
  BPF_CALL,
  BPF_JMP,
  BPF_PSEUDO_CALL,
  BPF_PSEUDO_FUNC,
  encodeInstructions,
  type Instruction,
  isWide,
} from "../insn.ts";
import type { CollectionSpec, ProgramSpec, Relocation, SubprogramSpec } from "../spec.ts";
import { type ElfRelocationSpec, type ElfSymbolSpec, STT_FUNC } from "./elf-writer.ts";

/** An object file has no way to say this. */
export class ObjectError extends Error {
  override readonly name = "ObjectError";
}

/** Documentation/bpf/llvm_reloc.rst. */
const R_BPF_64_64 = 1;
const R_BPF_64_32 = 10;
const SLOT_BYTES = 8;
/** Functions that programs call. libbpf looks for them here only. */
const TEXT = ".text";

/** A place in the file. */
interface Place {
  readonly section: string;
  readonly offset: number;
}

/** A program whose functions have names of their own, and where each of its slots went. */
export interface PlacedCode {
  readonly program: ProgramSpec;
  readonly place: (slot: number) => Place;
}

interface CodeSection {
  readonly name: string;
  readonly contents: Uint8Array;
  readonly relocations: readonly ElfRelocationSpec[];
}

/** The code of a collection. */
export interface ObjectCode {
  readonly sections: readonly CodeSection[];
  readonly symbols: readonly ElfSymbolSpec[];
  readonly placed: readonly PlacedCode[];
}

/** Lays the functions of all programs out. Throws {@link ObjectError}. */
export function objectCode(collection: CollectionSpec): ObjectCode {
  const sections = new Map<
    string,
    { readonly chunks: Uint8Array[]; readonly relocations: ElfRelocationSpec[]; sizeBytes: number }
  >();
  const symbols: ElfSymbolSpec[] = [];
  const placed: PlacedCode[] = [];
  refuseContents(collection);
  for (const program of collection.programs.map(withOwnNames)) {
    const functions = functionsOf(program);
    const starts: { slot: number; place: Place }[] = [];
    for (const func of functions) {
      const section = func.isEntry ? sectionName(program) : TEXT;
      const into = sections.get(section) ?? { chunks: [], relocations: [], sizeBytes: 0 };
      sections.set(section, into);
      const base = into.sizeBytes;
      const code = encodeInstructions(func.instructions);
      into.chunks.push(code);
      into.sizeBytes += code.length;
      into.relocations.push(...func.relocations.map((each) => ({ ...each, offset: each.offset + base })));
      symbols.push({
        name: func.name,
        section,
        value: base,
        sizeBytes: code.length,
        hidden: !func.isEntry,
        type: STT_FUNC,
      });
      starts.push({ slot: func.firstSlot, place: { section, offset: base } });
    }
    placed.push({ program, place: (slot) => placeOf(starts, slot) });
  }
  return {
    sections: [...sections].map(([name, { chunks, relocations }]) => ({ name, contents: joined(chunks), relocations })),
    symbols,
    placed,
  };
}

function placeOf(starts: readonly { readonly slot: number; readonly place: Place }[], slot: number): Place {
  const start = starts.findLast((each) => each.slot <= slot);
  invariant(start !== undefined, "every slot is in a function");
  return { section: start.place.section, offset: start.place.offset + (slot - start.slot) * SLOT_BYTES };
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** Contents of maps are in the file where they are sections of data. */
function refuseContents({ maps, programs }: CollectionSpec): void {
  const relocations = programs.flatMap((program) => program.relocations);
  const uses = (kind: Relocation["kind"], name: string) =>
    relocations.some((each) => each.kind === kind && "map" in each && each.map === name);
  for (const { name, contents } of maps) {
    if (uses("map", name) && (contents !== undefined || uses("map-value", name)))
      throw new ObjectError(`the map ${name} has contents and is looked up: an object file cannot say so`);
  }
}

/** The entry goes by the program's name, what it calls by both names: in a file every symbol is known by its name. */
function withOwnNames(program: ProgramSpec): ProgramSpec {
  const subprograms = program.subprograms.map((each, index) => ({
    ...each,
    name: index === 0 ? program.name : `${program.name}_${each.name}`,
    global: index === 0,
  }));
  return { ...program, subprograms };
}

/** The names that libbpf knows types of programs by (libbpf.c, section_defs). */
function sectionName({ type, expectedAttachType, attachTo, name }: ProgramSpec): string {
  const to = attachTo === undefined ? "" : `/${attachTo}`;
  switch (type) {
    case "BPF_PROG_TYPE_KPROBE":
      if (expectedAttachType === "BPF_TRACE_KPROBE_MULTI") return "kprobe.multi";
      return expectedAttachType === "BPF_TRACE_UPROBE_MULTI" ? "uprobe.multi" : "kprobe";
    case "BPF_PROG_TYPE_TRACEPOINT":
      return "tracepoint";
    case "BPF_PROG_TYPE_XDP":
      return "xdp";
    case "BPF_PROG_TYPE_PERF_EVENT":
      return "perf_event";
    case "BPF_PROG_TYPE_RAW_TRACEPOINT":
      return "raw_tp";
    case "BPF_PROG_TYPE_TRACING":
      return `${TRACING_SECTIONS[expectedAttachType ?? ""] ?? name}${to}`;
    case "BPF_PROG_TYPE_LSM":
      return `lsm${to}`;
    case "BPF_PROG_TYPE_SYSCALL":
      return "syscall";
  }
}

const TRACING_SECTIONS: Readonly<Record<string, string>> = {
  BPF_TRACE_RAW_TP: "tp_btf",
  BPF_TRACE_FENTRY: "fentry",
  BPF_TRACE_FEXIT: "fexit",
  BPF_MODIFY_RETURN: "fmod_ret",
  BPF_TRACE_ITER: "iter",
};

/** A function by itself. Offsets of relocations are bytes from its start. */
interface FunctionCode {
  readonly name: string;
  readonly isEntry: boolean;
  readonly firstSlot: number;
  readonly instructions: readonly Instruction[];
  readonly relocations: readonly ElfRelocationSpec[];
}

function functionsOf(program: ProgramSpec): readonly FunctionCode[] {
  const slots = slotOffsets(program.instructions);
  const given = new Map(program.relocations.map((relocation) => [relocation.index, relocation]));
  const ordered = [...program.subprograms].sort((a, b) => a.firstIndex - b.firstIndex);
  const whole: SubprogramSpec = { name: program.name, firstIndex: 0, params: ["ctx"], global: true };
  const functions = ordered.length === 0 ? [whole] : ordered;
  return functions.map((func, at) => {
    const end = functions[at + 1]?.firstIndex ?? program.instructions.length;
    const instructions: Instruction[] = [];
    const relocations: ElfRelocationSpec[] = [];
    for (let index = func.firstIndex; index < end; index++) {
      const { insn, symbol, type } = symbolic(program.instructions[index], index, { functions, slots, given });
      instructions.push(insn);
      const offset = (slots[index] - slots[func.firstIndex]) * SLOT_BYTES;
      if (symbol !== undefined) relocations.push({ offset, symbol, type });
    }
    return { name: func.name, isEntry: at === 0, firstSlot: slots[func.firstIndex], instructions, relocations };
  });
}

interface Context {
  readonly functions: readonly SubprogramSpec[];
  readonly slots: Uint32Array;
  readonly given: ReadonlyMap<number, Relocation>;
}

/** The instruction as it stands in the file, and the symbol that it refers to. */
function symbolic(
  insn: Instruction,
  index: number,
  context: Context,
): { readonly insn: Instruction; readonly symbol?: string; readonly type: number } {
  const relocation = context.given.get(index);
  if (relocation !== undefined) return relocated(insn, relocation);
  const target = () => functionAt(context, index, insn.imm);
  if (isWide(insn) && insn.src === BPF_PSEUDO_FUNC) {
    return { insn: { ...insn, src: 0, imm: 0, immHigh: 0 }, symbol: target(), type: R_BPF_64_64 };
  }
  const isCall = insn.opcode === (BPF_JMP | BPF_CALL) && insn.src === BPF_PSEUDO_CALL;
  return isCall ? { insn: { ...insn, imm: -1 }, symbol: target(), type: R_BPF_64_32 } : { insn, type: 0 };
}

function relocated(insn: Instruction, relocation: Relocation): { insn: Instruction; symbol: string; type: number } {
  switch (relocation.kind) {
    case "map":
      return { insn: { ...insn, src: 0, imm: 0, immHigh: 0 }, symbol: relocation.map, type: R_BPF_64_64 };
    case "map-value":
      return {
        insn: { ...insn, src: 0, imm: relocation.offset, immHigh: 0 },
        symbol: relocation.map,
        type: R_BPF_64_64,
      };
    case "kfunc":
    case "btf-id":
    case "type-id":
      throw new ObjectError(`the kernel's ${relocation.name} is used, whose type an object file would have to hold`);
  }
}

/** The function that a call or a reference, relative to the next slot, is to. */
function functionAt({ functions, slots }: Context, index: number, relative: number): string {
  const slot = slots[index] + 1 + relative;
  const found = functions.find((func) => slots[func.firstIndex] === slot);
  invariant(found !== undefined, "what is called is a function");
  return found.name;
}
