/** Writes ELF64 relocatable files, little-endian. Layout: the System V gABI, chapter 4; include/uapi/linux/elf.h. */
import { alignUp, ByteWriter, invariant } from "@beetrace/std";

export const SHT_PROGBITS = 1;
const SHT_SYMTAB = 2;
const SHT_STRTAB = 3;
const SHT_REL = 9;

export const SHF_WRITE = 1;
export const SHF_ALLOC = 2;
export const SHF_EXECINSTR = 4;
const SHF_INFO_LINK = 0x40;

const STB_GLOBAL = 1;
const STV_DEFAULT = 0;
const STV_HIDDEN = 2;
export const STT_OBJECT = 1;
export const STT_FUNC = 2;

const ET_REL = 1;
const EM_BPF = 247;
const HEADER_BYTES = 64;
const SECTION_HEADER_BYTES = 64;
const SYMBOL_BYTES = 24;
const ALIGNMENT = 8;

/** A section of the file. `flags` are SHF_*. */
export interface ElfSectionSpec {
  readonly name: string;
  readonly flags: number;
  readonly contents: Uint8Array;
  readonly relocations?: readonly ElfRelocationSpec[];
}

/** A global symbol; a hidden one is not for other files. */
export interface ElfSymbolSpec {
  readonly name: string;
  readonly section: string;
  readonly value: number;
  readonly sizeBytes: number;
  readonly hidden: boolean;
  readonly type: typeof STT_OBJECT | typeof STT_FUNC;
}

/** What a linker or loader fills in at `offset` of the section: `type` is of the machine (R_BPF_*). */
export interface ElfRelocationSpec {
  readonly offset: number;
  readonly symbol: string;
  readonly type: number;
}

interface Header {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly contents: Uint8Array;
  readonly link: number;
  readonly info: number;
  readonly entryBytes: number;
}

/** The bytes of a relocatable file for EM_BPF. Names of symbols and sections are unique. */
export function writeElf(sections: readonly ElfSectionSpec[], symbols: readonly ElfSymbolSpec[]): Uint8Array {
  const withRelocations = sections.filter(({ relocations = [] }) => relocations.length > 0);
  const symtab = 1 + sections.length + withRelocations.length;
  const sectionIndex = indexes(sections);
  const symbolIndex = indexes(symbols);
  const strings = new StringTable();
  const headers: Header[] = [
    ...sections.map(({ name, flags, contents }) => header(name, SHT_PROGBITS, contents, { flags })),
    ...withRelocations.map(({ name, relocations = [] }) =>
      header(`.rel${name}`, SHT_REL, encodeRelocations(relocations, symbolIndex), {
        flags: SHF_INFO_LINK,
        link: symtab,
        info: sectionIndex.get(name),
        entryBytes: 16,
      }),
    ),
    header(".symtab", SHT_SYMTAB, encodeSymbols(symbols, sectionIndex, strings), {
      link: symtab + 1,
      info: 1,
      entryBytes: SYMBOL_BYTES,
    }),
  ];
  const names = [...headers.map(({ name }) => name), ".strtab"].map((name) => strings.offset(name));
  headers.push(header(".strtab", SHT_STRTAB, strings.encode(), {}));
  return assemble(headers, names);
}

function header(name: string, type: number, contents: Uint8Array, more: Partial<Header>): Header {
  return { name, type, contents, flags: 0, link: 0, info: 0, entryBytes: 0, ...more };
}

/** From 1: entry 0 of both tables is empty. */
function indexes(named: readonly { readonly name: string }[]): ReadonlyMap<string, number> {
  const found = new Map(named.map(({ name }, index) => [name, index + 1]));
  invariant(found.size === named.length, "two sections or symbols have one name");
  return found;
}

/** The file's header, the sections' contents, their headers. */
function assemble(headers: readonly Header[], names: readonly number[]): Uint8Array {
  const offsets: number[] = [];
  let end = HEADER_BYTES;
  for (const { contents } of headers) {
    offsets.push(end);
    end = alignUp(end + contents.length, ALIGNMENT);
  }
  const out = new ByteWriter(end + (headers.length + 1) * SECTION_HEADER_BYTES);
  writeFileHeader(out, end, headers.length + 1);
  for (const { contents } of headers) out.append(contents).align(ALIGNMENT);
  out.append(new Uint8Array(SECTION_HEADER_BYTES));
  headers.forEach((each, index) => {
    writeSectionHeader(out, each, names[index], offsets[index]);
  });
  return out.finish();
}

function writeFileHeader(out: ByteWriter, sectionHeaders: number, sectionCount: number): void {
  out.append(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0)).u64(0n); // "\x7fELF", 64 bits, little-endian, version 1
  out.u16(ET_REL).u16(EM_BPF).u32(1);
  out.u64(0n).u64(0n).u64(BigInt(sectionHeaders));
  out.u32(0).u16(HEADER_BYTES).u16(0).u16(0);
  out
    .u16(SECTION_HEADER_BYTES)
    .u16(sectionCount)
    .u16(sectionCount - 1); // the last one holds the names
}

function writeSectionHeader(
  out: ByteWriter,
  { type, flags, contents, link, info, entryBytes }: Header,
  name: number,
  offset: number,
): void {
  out.u32(name).u32(type).u64(BigInt(flags)).u64(0n).u64(BigInt(offset)).u64(BigInt(contents.length));
  out.u32(link).u32(info).u64(BigInt(ALIGNMENT)).u64(BigInt(entryBytes));
}

function encodeRelocations(
  relocations: readonly ElfRelocationSpec[],
  symbols: ReadonlyMap<string, number>,
): Uint8Array {
  const out = new ByteWriter(relocations.length * 16);
  for (const { offset, symbol, type } of relocations) {
    const index = symbols.get(symbol);
    invariant(index !== undefined, `there is no symbol ${symbol}`);
    out.u64(BigInt(offset)).u32(type).u32(index);
  }
  return out.finish();
}

function encodeSymbols(
  symbols: readonly ElfSymbolSpec[],
  sections: ReadonlyMap<string, number>,
  strings: StringTable,
): Uint8Array {
  const out = new ByteWriter((symbols.length + 1) * SYMBOL_BYTES).append(new Uint8Array(SYMBOL_BYTES));
  for (const { name, section, value, sizeBytes, hidden, type } of symbols) {
    const index = sections.get(section);
    invariant(index !== undefined, `there is no section ${section}`);
    out
      .u32(strings.offset(name))
      .u8((STB_GLOBAL << 4) | type)
      .u8(hidden ? STV_HIDDEN : STV_DEFAULT)
      .u16(index);
    out.u64(BigInt(value)).u64(BigInt(sizeBytes));
  }
  return out.finish();
}

/** NUL-terminated names, each once. They are ASCII here. */
class StringTable {
  readonly #offsets = new Map<string, number>([["", 0]]);
  readonly #bytes: number[] = [0];

  offset(name: string): number {
    const known = this.#offsets.get(name);
    if (known !== undefined) return known;
    const offset = this.#bytes.length;
    this.#offsets.set(name, offset);
    for (let at = 0; at < name.length; at++) this.#bytes.push(name.charCodeAt(at));
    this.#bytes.push(0);
    return offset;
  }

  encode(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}
