import type { Elf } from "../elf.ts";
import { ElfError, readingPart } from "../elf-error.ts";
import { PT_LOAD, type Segment } from "../elf-headers.ts";
import type { FrameRegisters } from "./frame-expression.ts";
import { FrameProgram } from "./frame-program.ts";
import { FrameReader, OMITTED } from "./frame-reader.ts";
import { UNKNOWN_RULE, type UnwindTable, UnwindTableWriter } from "./unwind-table.ts";

// Layout: Linux Standard Base Core Specification 5.0, 10.6 (.eh_frame, .eh_frame_hdr), which builds on DWARF 4, 6.4.1.

const PT_GNU_EH_FRAME = 0x6474e550;
const HEADER_VERSION = 1;
const EXTENDED_LENGTH = 0xffff_ffff;

/** x86-64: rsp and rbp (System V psABI, figure 3.36). */
const REGISTERS: FrameRegisters = { stackPointer: 7, framePointer: 6 };

/** What describes many functions alike. */
interface Cie {
  readonly pointerEncoding: number;
  readonly hasAugmentationData: boolean;
  readonly program: FrameProgram;
  readonly isUnderstood: boolean;
}

/** A function, and where its instructions are. */
interface Fde {
  readonly start: number;
  readonly end: number;
  readonly cie: Cie;
  readonly from: number;
  readonly to: number;
}

/**
 * How the frames of a program or library can be walked: its `.eh_frame` as a table. `undefined` for a file without one.
 * Throws {@link ElfError} for a damaged one and for machines other than x86-64.
 */
export function unwindTable(elf: Elf): UnwindTable | undefined {
  if (elf.machine !== "x86_64" || elf.class !== 64)
    throw new ElfError(`frames of ${elf.machine} programs of ${elf.class} bits cannot be walked`);
  const section = frameSection(elf);
  if (section === undefined) return undefined;
  const base = Math.min(...elf.segments.filter(({ type }) => type === PT_LOAD).map(({ address }) => address));
  return readingPart(".eh_frame", () => {
    const reader = new FrameReader(section.bytes, section.address, 8, elf.littleEndian);
    return tableOf(reader, readFunctions(reader), new UnwindTableWriter(base));
  });
}

/** Where the bytes are loaded, and they themselves: a file without sections still has a header that leads there. */
function frameSection(elf: Elf): { readonly address: number; readonly bytes: Uint8Array } | undefined {
  const section = elf.section(".eh_frame");
  if (section) return { address: section.address, bytes: elf.data(section) };
  const header = elf.segments.find(({ type }) => type === PT_GNU_EH_FRAME);
  return header && sectionByHeader(elf, header);
}

function sectionByHeader(elf: Elf, header: Segment): ReturnType<typeof frameSection> {
  const address = readingPart(".eh_frame_hdr", () => {
    const bytes = elf.read(header.offset, header.fileSizeBytes);
    const reader = new FrameReader(bytes, header.address, 8, elf.littleEndian);
    if (reader.u8() !== HEADER_VERSION) throw new ElfError(".eh_frame_hdr: not of version 1");
    const encoding = reader.u8();
    reader.skip(2);
    return reader.pointer(encoding);
  });
  const within = elf.segments.find(
    (segment) =>
      segment.type === PT_LOAD && address >= segment.address && address - segment.address < segment.fileSizeBytes,
  );
  if (within === undefined) throw new ElfError(".eh_frame_hdr points outside of the file");
  const offset = address - within.address;
  return { address, bytes: elf.read(within.offset + offset, within.fileSizeBytes - offset) };
}

/** All functions. A CIE is read when the first function refers to it. */
function readFunctions(reader: FrameReader): Fde[] {
  const cies = new Map<number, Cie>();
  const functions: Fde[] = [];
  while (reader.remaining >= 4) {
    const length = entryLength(reader);
    if (length === 0) break;
    const start = reader.offset;
    reader.skip(length);
    const end = reader.offset;
    reader.offset = start;
    const distance = reader.u32();
    // A distance of 0 marks a CIE; any other is counted back from itself.
    if (distance !== 0) {
      const at = start - distance;
      const cie = cies.get(at) ?? readCie(reader, at);
      cies.set(at, cie);
      reader.offset = start + 4;
      const found = readFunction(reader, cie, end);
      if (found !== undefined) functions.push(found);
    }
    reader.offset = end;
  }
  return functions;
}

function entryLength(reader: FrameReader): number {
  const length = reader.u32();
  return length === EXTENDED_LENGTH ? reader.word() : length;
}

function readCie(reader: FrameReader, at: number): Cie {
  reader.offset = at;
  if (at < 0) throw new ElfError(".eh_frame: a function refers to a CIE before the start");
  const length = entryLength(reader);
  const end = reader.offset + length;
  if (length === 0 || reader.u32() !== 0) throw new ElfError(".eh_frame: a function refers to what is no CIE");
  const version = reader.u8();
  if (version !== 1 && version !== 3 && version !== 4) throw new ElfError(`.eh_frame: CIE of version ${version}`);
  const augmentation = reader.cString();
  if (version === 4) reader.skip(2); // sizes of addresses and segment selectors
  const codeAlignment = reader.uleb();
  const dataAlignment = reader.sleb();
  const returnAddressRegister = version === 1 ? reader.u8() : reader.uleb();
  const { pointerEncoding, signalFrame } = readAugmentation(reader, augmentation);
  const encoding = {
    codeAlignment,
    dataAlignment,
    returnAddressRegister,
    pointerEncoding,
    signalFrame,
    registers: REGISTERS,
  };
  const program = new FrameProgram(encoding);
  const isUnderstood = program.begin(reader, end);
  return { pointerEncoding, hasAugmentationData: augmentation.startsWith("z"), program, isUnderstood };
}

/** `z` says that there is data with a length, the letters behind it what it is. */
function readAugmentation(
  reader: FrameReader,
  augmentation: string,
): { readonly pointerEncoding: number; readonly signalFrame: boolean } {
  let pointerEncoding = 0;
  let signalFrame = false;
  if (augmentation === "") return { pointerEncoding, signalFrame };
  if (!augmentation.startsWith("z")) throw new ElfError(`.eh_frame: CIE with the augmentation '${augmentation}'`);
  const sizeBytes = reader.uleb();
  const end = reader.offset + sizeBytes;
  for (const letter of augmentation.slice(1)) {
    if (letter === "R") pointerEncoding = reader.u8();
    else if (letter === "P") skipPointer(reader, reader.u8());
    else if (letter === "L") reader.u8();
    else if (letter === "S") signalFrame = true;
    else if (letter !== "B" && letter !== "G") break; // what it means is in the data, whose length is known
  }
  reader.offset = end;
  return { pointerEncoding, signalFrame };
}

function skipPointer(reader: FrameReader, encoding: number): void {
  if (encoding !== OMITTED) reader.number(encoding);
}

/** `undefined` for a function of no code: linkers leave such behind for functions that they took out. */
function readFunction(reader: FrameReader, cie: Cie, end: number): Fde | undefined {
  const start = reader.pointer(cie.pointerEncoding);
  const sizeBytes = reader.number(cie.pointerEncoding);
  if (cie.hasAugmentationData) reader.skip(reader.uleb());
  return sizeBytes > 0 ? { start, end: start + sizeBytes, cie, from: reader.offset, to: end } : undefined;
}

function tableOf(reader: FrameReader, functions: Fde[], writer: UnwindTableWriter): UnwindTable {
  let covered = Number.NEGATIVE_INFINITY;
  for (const { start, end, cie, from, to } of functions.sort((a, b) => a.start - b.start)) {
    if (start < covered || !writer.reaches(start) || !writer.reaches(end)) continue;
    if (start > covered && covered > 0) writer.add(covered, UNKNOWN_RULE);
    covered = end;
    reader.offset = from;
    if (!cie.isUnderstood) writer.add(start, UNKNOWN_RULE);
    else
      cie.program.run(reader, to, start, (address, rule) => {
        if (address < end) writer.add(address, rule);
      });
  }
  if (covered > 0) writer.add(covered, UNKNOWN_RULE);
  return writer.finish();
}
