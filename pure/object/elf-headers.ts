import { ByteReader } from "@beetrace/std";
import { type ByteSource, readRange } from "./byte-source.ts";
import { ElfError, readingPart } from "./elf-error.ts";

// Layouts and numbers: "System V Application Binary Interface", chapter 4, and the kernel's include/uapi/linux/elf.h.

/** The instruction set of an object file, or `em_<number>` for one not known here. */
export type Machine = "x86_64" | "aarch64" | "i386" | "arm" | "riscv" | "ppc64" | "s390" | "bpf" | `em_${number}`;

/** What an object file is for: an executable at fixed addresses, a shared object or PIE, a relocatable object, a core. */
export type ElfType = "EXEC" | "DYN" | "REL" | "CORE" | "NONE";

/** How an object file writes its numbers. */
export interface ElfEncoding {
  readonly class: 32 | 64;
  readonly littleEndian: boolean;
}

/** The ELF header with the section and segment tables it points to. */
export interface ElfHeaders extends ElfEncoding {
  readonly machine: Machine;
  readonly type: ElfType;
  readonly entry: bigint;
  readonly segments: readonly Segment[];
  readonly sections: readonly Section[];
}

/** A program header. */
export interface Segment {
  /** `p_type`, see {@link PT_LOAD} and {@link PT_NOTE}. */
  readonly type: number;
  /** `p_flags`: 1 execute, 2 write, 4 read. */
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSizeBytes: number;
  readonly memorySizeBytes: number;
  readonly alignment: number;
}

/** A section header. */
export interface Section {
  readonly index: number;
  readonly name: string;
  /** `sh_type`, see {@link SHT_NOTE} and its neighbours. */
  readonly type: number;
  /** The low 32 bits of `sh_flags`. */
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly link: number;
  readonly info: number;
  readonly alignment: number;
  readonly entrySizeBytes: number;
}

export const PT_LOAD = 1;
export const PT_NOTE = 4;
/** The bit of `p_flags` that marks a segment as executable. */
export const PF_X = 1;
export const SHT_SYMTAB = 2;
export const SHT_NOTE = 7;
export const SHT_NOBITS = 8;
export const SHT_DYNSYM = 11;
export const SHT_GNU_VERSYM = 0x6fffffff;
export const SHF_ALLOC = 2;
export const SHF_EXECINSTR = 4;
export const SHF_COMPRESSED = 0x800;

const PN_XNUM = 0xffff;
const SHN_XINDEX = 0xffff;
const TYPES: readonly ElfType[] = ["NONE", "REL", "EXEC", "DYN", "CORE"];
const MACHINES: Readonly<Record<number, Machine>> = {
  3: "i386",
  21: "ppc64",
  22: "s390",
  40: "arm",
  62: "x86_64",
  183: "aarch64",
  243: "riscv",
  247: "bpf",
};

/** Reads a field as wide as an address of the file. Throws {@link ElfError} from 2^53 on: no address of user space is there. */
export function readWord(reader: ByteReader, encoding: ElfEncoding): number {
  if (encoding.class === 32) return reader.u32();
  const at = reader.offset;
  const value = Number(reader.u64());
  if (value <= Number.MAX_SAFE_INTEGER) return value;
  throw new ElfError(`value 0x${value.toString(16)} at offset 0x${at.toString(16)} is beyond 2^53`);
}

/** Parses the headers of an ELF file. Throws {@link ElfError}. */
export function parseElfHeaders(source: ByteSource): ElfHeaders {
  const encoding = parseIdentification(readRange(source, 0, 16, "ELF identification"));
  const wide = encoding.class === 64;
  const head = readRange(source, 0, wide ? 64 : 52, "ELF header");
  const reader = new ByteReader(head, encoding.littleEndian, 16);
  const type = TYPES[reader.u16()] ?? "NONE";
  const machineNumber = reader.u16();
  reader.skip(4);
  const entry = wide ? reader.u64() : BigInt(reader.u32());
  const tables = readTables(reader, encoding);
  const sections = parseSections(source, encoding, tables);
  const segments = parseSegments(source, encoding, tables, sections[0]);
  const machine = MACHINES[machineNumber] ?? `em_${machineNumber}`;
  return { ...encoding, machine, type, entry, segments, sections };
}

function parseIdentification(bytes: Uint8Array): ElfEncoding {
  const [m0, m1, m2, m3, width, order] = bytes;
  if (m0 !== 0x7f || m1 !== 0x45 || m2 !== 0x4c || m3 !== 0x46) throw new ElfError("not an ELF file (no magic number)");
  if (width !== 1 && width !== 2) throw new ElfError(`ELF class ${width} is neither 32-bit nor 64-bit`);
  if (order !== 1 && order !== 2) throw new ElfError(`ELF data encoding ${order} is neither little nor big endian`);
  return { class: width === 2 ? 64 : 32, littleEndian: order === 1 };
}

interface Tables {
  readonly segmentsOffset: number;
  readonly sectionsOffset: number;
  readonly segmentCount: number;
  readonly sectionCount: number;
  readonly segmentSizeBytes: number;
  readonly sectionSizeBytes: number;
  readonly nameSection: number;
}

function readTables(reader: ByteReader, encoding: ElfEncoding): Tables {
  const segmentsOffset = readWord(reader, encoding);
  const sectionsOffset = readWord(reader, encoding);
  reader.skip(6);
  const segmentSizeBytes = reader.u16();
  const segmentCount = reader.u16();
  const sectionSizeBytes = reader.u16();
  const sectionCount = reader.u16();
  const nameSection = reader.u16();
  return {
    segmentsOffset,
    sectionsOffset,
    segmentCount,
    sectionCount,
    segmentSizeBytes,
    sectionSizeBytes,
    nameSection,
  };
}

function parseSections(source: ByteSource, encoding: ElfEncoding, tables: Tables): readonly Section[] {
  if (tables.sectionsOffset === 0) return [];
  const least = encoding.class === 64 ? 64 : 40;
  if (tables.sectionSizeBytes < least) throw new ElfError(`section headers of ${tables.sectionSizeBytes} bytes`);
  const rows = (count: number) => {
    const sizeBytes = count * tables.sectionSizeBytes;
    return readRange(source, tables.sectionsOffset, sizeBytes, `${count} section headers`);
  };
  // A file with too many sections for the header's 16 bits keeps the true counts in section 0.
  const first = parseSection(rows(1), 0, encoding, tables.sectionSizeBytes);
  const count = tables.sectionCount === 0 ? first.sizeBytes : tables.sectionCount;
  const bytes = rows(count);
  const unnamed = Array.from({ length: count }, (_, index) =>
    parseSection(bytes, index, encoding, tables.sectionSizeBytes),
  );
  const names = unnamed[tables.nameSection === SHN_XINDEX ? first.link : tables.nameSection];
  if (names === undefined || names.type === SHT_NOBITS) return unnamed;
  const text = readRange(source, names.offset, names.sizeBytes, "section names");
  return unnamed.map(({ nameOffset, ...section }) => ({ ...section, name: nameAt(text, nameOffset) }));
}

function nameAt(text: Uint8Array, offset: number): string {
  if (offset === 0) return "";
  return readingPart("section names", () => new ByteReader(text, true, offset).cString());
}

function parseSection(bytes: Uint8Array, index: number, encoding: ElfEncoding, sizeBytes: number) {
  return readingPart(`section header ${index}`, () => {
    const reader = new ByteReader(bytes, encoding.littleEndian, index * sizeBytes);
    const nameOffset = reader.u32();
    const type = reader.u32();
    const flags = encoding.class === 64 ? Number(BigInt.asUintN(32, reader.u64())) : reader.u32();
    const address = readWord(reader, encoding);
    const offset = readWord(reader, encoding);
    const size = readWord(reader, encoding);
    const link = reader.u32();
    const info = reader.u32();
    const alignment = readWord(reader, encoding);
    const entrySizeBytes = readWord(reader, encoding);
    const rest = { link, info, alignment, entrySizeBytes };
    return { index, name: "", nameOffset, type, flags, address, offset, sizeBytes: size, ...rest };
  });
}

function parseSegments(source: ByteSource, encoding: ElfEncoding, tables: Tables, first?: Section): readonly Segment[] {
  if (tables.segmentsOffset === 0) return [];
  const count = tables.segmentCount === PN_XNUM && first !== undefined ? first.info : tables.segmentCount;
  const least = encoding.class === 64 ? 56 : 32;
  if (count > 0 && tables.segmentSizeBytes < least) {
    throw new ElfError(`program headers of ${tables.segmentSizeBytes} bytes`);
  }
  const sizeBytes = count * tables.segmentSizeBytes;
  const bytes = readRange(source, tables.segmentsOffset, sizeBytes, `${count} program headers`);
  return Array.from({ length: count }, (_, index) => parseSegment(bytes, index, encoding, tables.segmentSizeBytes));
}

function parseSegment(bytes: Uint8Array, index: number, encoding: ElfEncoding, sizeBytes: number): Segment {
  return readingPart(`program header ${index}`, () => {
    const reader = new ByteReader(bytes, encoding.littleEndian, index * sizeBytes);
    const type = reader.u32();
    // The flags moved when the header grew to 64 bits, to keep the wide fields aligned.
    const wideFlags = encoding.class === 64 ? reader.u32() : 0;
    const offset = readWord(reader, encoding);
    const address = readWord(reader, encoding);
    reader.skip(encoding.class / 8);
    const fileSizeBytes = readWord(reader, encoding);
    const memorySizeBytes = readWord(reader, encoding);
    const flags = encoding.class === 64 ? wideFlags : reader.u32();
    const alignment = readWord(reader, encoding);
    return { type, flags, offset, address, fileSizeBytes, memorySizeBytes, alignment };
  });
}
