import { ByteReader } from "@beetrace/std";
import type { Elf } from "./elf.ts";
import { ElfError, readingPart } from "./elf-error.ts";
import { readWord } from "./elf-headers.ts";

/** A function of a Go program. */
export interface GoFunction {
  /** With its package: `net/http.(*conn).serve`. */
  readonly name: string;
  readonly address: number;
  /** Up to the next function, padding included. */
  readonly sizeBytes: number;
}

/** How the table is laid out since the release that a magic number stands for. */
interface Format {
  /** Entries hold 32-bit offsets from the start of the text instead of addresses. */
  readonly hasOffsets: boolean;
}

const FORMATS: Readonly<Record<number, Format>> = {
  4294967290: { hasOffsets: false }, // 0xfffffffa, Go 1.16
  4294967280: { hasOffsets: true }, // 0xfffffff0, Go 1.18
  4294967281: { hasOffsets: true }, // 0xfffffff1, Go 1.20
};

/**
 * The functions of a Go program, which are there even when its symbols were stripped: from `.gopclntab` as Go 1.16 and
 * later write it (Go, src/debug/gosym/pclntab.go). Undefined when the file has no such table. Throws {@link ElfError}.
 */
export function goFunctions(elf: Elf): GoFunction[] | undefined {
  const section = elf.section(".gopclntab") ?? elf.section(".data.rel.ro.gopclntab");
  if (section === undefined) return undefined;
  return readingPart(section.name, () => parseTable(elf.data(section), elf));
}

interface Table {
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly hasOffsets: boolean;
  readonly textAddress: number;
  readonly namesOffset: number;
  readonly functionsOffset: number;
}

function parseTable(bytes: Uint8Array, elf: Elf): GoFunction[] {
  const table = readHeader(bytes, elf);
  const fieldSizeBytes = table.hasOffsets ? 4 : elf.class / 8;
  // The table of `count` functions ends with the address at which the last one ends.
  const index = new ByteReader(bytes, elf.littleEndian, table.functionsOffset).take(
    (table.count * 2 + 1) * fieldSizeBytes,
  );
  const reader = new ByteReader(index, elf.littleEndian);
  const field = () => (table.hasOffsets ? reader.u32() : readWord(reader, elf));
  const functions: GoFunction[] = [];
  let start = field();
  for (let n = 0; n < table.count; n++) {
    const information = field();
    const end = field();
    const name = functionName(table, information, fieldSizeBytes, elf.littleEndian);
    functions.push({ name, address: table.textAddress + start, sizeBytes: Math.max(end - start, 0) });
    start = end;
  }
  return functions;
}

function readHeader(bytes: Uint8Array, elf: Elf): Table {
  const reader = new ByteReader(bytes, elf.littleEndian);
  const magic = reader.u32();
  const format = FORMATS[magic];
  if (format === undefined) throw new ElfError(`.gopclntab: version 0x${magic.toString(16)} is not read here`);
  reader.skip(3);
  const pointerSizeBytes = reader.u8();
  if (pointerSizeBytes !== elf.class / 8) throw new ElfError(`.gopclntab: pointers of ${pointerSizeBytes} bytes`);
  const count = readWord(reader, elf);
  readWord(reader, elf);
  // Zero where the loader fills it in (PIE): then the text section tells.
  const written = format.hasOffsets ? readWord(reader, elf) : 0;
  const textAddress = format.hasOffsets && written === 0 ? (elf.section(".text")?.address ?? 0) : written;
  const namesOffset = readWord(reader, elf);
  reader.skip(3 * pointerSizeBytes);
  const functionsOffset = readWord(reader, elf);
  return { bytes, count, hasOffsets: format.hasOffsets, textAddress, namesOffset, functionsOffset };
}

/** `_func` starts with its entry, then a 32-bit offset among the names. */
function functionName(table: Table, offset: number, entrySizeBytes: number, littleEndian: boolean): string {
  const reader = new ByteReader(table.bytes, littleEndian, table.functionsOffset + offset + entrySizeBytes);
  const nameOffset = reader.i32();
  if (nameOffset < 0) throw new ElfError(`.gopclntab: function at ${offset} has its name at ${nameOffset}`);
  return new ByteReader(table.bytes, littleEndian, table.namesOffset + nameOffset).cString();
}

/** Whether a program was made by the Go compiler. Its stacks move, so that no return address in them may be replaced. */
export function isGoProgram(elf: Elf): boolean {
  return [".gopclntab", ".go.buildinfo", ".data.rel.ro.gopclntab"].some((name) => elf.section(name) !== undefined);
}
