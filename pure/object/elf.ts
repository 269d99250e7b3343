import { ByteReader } from "@beetrace/std";
import { type ByteSource, readRange } from "./byte-source.ts";
import { ElfError, readingPart } from "./elf-error.ts";
import {
  type ElfEncoding,
  type ElfHeaders,
  PT_LOAD,
  parseElfHeaders,
  readWord,
  type Section,
  SHF_COMPRESSED,
  SHT_DYNSYM,
  SHT_GNU_VERSYM,
  SHT_NOBITS,
  SHT_SYMTAB,
} from "./elf-headers.ts";
import type { SymbolSection } from "./symbol-rows.ts";
import { buildSymbolTable, type SymbolTable } from "./symbol-table.ts";

/** What parsing needs from the platform. */
export interface ElfOptions {
  /** Decompresses a zlib stream to `sizeBytes` bytes; it may throw, and should stop at that size. */
  readonly inflate?: (compressed: Uint8Array, sizeBytes: number) => Uint8Array;
}

/** A parsed ELF file. Sections are read when they are asked for. */
export interface Elf extends ElfHeaders {
  /** The first section of that name. */
  section(name: string): Section | undefined;
  /** A section's bytes, decompressed; none for a section without bytes in the file. Throws {@link ElfError}. */
  data(section: Section): Uint8Array;
  /** The bytes `[offset, offset + sizeBytes)` of the file. Throws {@link ElfError}. */
  read(offset: number, sizeBytes: number): Uint8Array;
  /** Where in the file the byte of an address is, by the loadable segments; undefined when no file byte backs it. */
  fileOffset(address: number): number | undefined;
  /** The address at which a byte of the file is loaded. */
  addressOf(fileOffset: number): number | undefined;
  /** The defined symbols of `.symtab` and `.dynsym`, read once at the first call. Throws {@link ElfError}. */
  symbols(): SymbolTable;
}

/** Parses an ELF file of either class and byte order. Throws {@link ElfError} on anything malformed. */
export function parseElf(source: ByteSource, options: ElfOptions = {}): Elf {
  const headers = parseElfHeaders(source);
  const { segments, sections } = headers;
  let symbols: SymbolTable | undefined;
  const elf: Elf = {
    ...headers,
    section: (name) => sections.find((section) => section.name === name),
    data: (section) => sectionData(source, section, headers, options),
    read: (offset, sizeBytes) => readRange(source, offset, sizeBytes, "bytes"),
    fileOffset(address) {
      const within = segments.find(
        (segment) =>
          segment.type === PT_LOAD && address >= segment.address && address - segment.address < segment.fileSizeBytes,
      );
      return within && address - within.address + within.offset;
    },
    addressOf(fileOffset) {
      const within = segments.find(
        (segment) =>
          segment.type === PT_LOAD &&
          fileOffset >= segment.offset &&
          fileOffset - segment.offset < segment.fileSizeBytes,
      );
      return within && fileOffset - within.offset + within.address;
    },
    symbols() {
      symbols ??= buildSymbolTable(symbolSections(elf), headers);
      return symbols;
    },
  };
  return elf;
}

function sectionData(source: ByteSource, section: Section, encoding: ElfEncoding, options: ElfOptions): Uint8Array {
  if (section.type === SHT_NOBITS) return new Uint8Array(0);
  const bytes = readRange(source, section.offset, section.sizeBytes, `section ${section.name}`);
  return section.flags & SHF_COMPRESSED ? decompress(bytes, section, encoding, options) : bytes;
}

/** `Elf32_Chdr`/`Elf64_Chdr`, then the stream. */
function decompress(bytes: Uint8Array, section: Section, encoding: ElfEncoding, options: ElfOptions): Uint8Array {
  const { type, sizeBytes, stream } = readingPart(`compressed section ${section.name}`, () => {
    const reader = new ByteReader(bytes, encoding.littleEndian);
    const type = reader.u32();
    if (encoding.class === 64) reader.skip(4);
    const sizeBytes = readWord(reader, encoding);
    reader.skip(encoding.class / 8);
    return { type, sizeBytes, stream: reader.take(reader.remaining) };
  });
  if (type !== 1) throw new ElfError(`section ${section.name}: compression type ${type} is not zlib`);
  if (options.inflate === undefined)
    throw new ElfError(`section ${section.name} is compressed and there is no inflate`);
  // Deflate cannot shrink beyond 1032 to 1, so a larger claim is a lie that would only cost memory.
  if (sizeBytes > stream.length * 1032 + 1024) {
    throw new ElfError(`section ${section.name}: ${stream.length} compressed bytes cannot hold ${sizeBytes}`);
  }
  const plain = inflated(options.inflate, stream, sizeBytes, section.name);
  if (plain.length === sizeBytes) return plain;
  throw new ElfError(`section ${section.name}: decompressed to ${plain.length} bytes instead of ${sizeBytes}`);
}

function inflated(
  inflate: NonNullable<ElfOptions["inflate"]>,
  stream: Uint8Array,
  sizeBytes: number,
  name: string,
): Uint8Array {
  try {
    return inflate(stream, sizeBytes);
  } catch (cause) {
    throw new ElfError(`section ${name}: damaged zlib stream`, { cause });
  }
}

function symbolSections(elf: Elf): SymbolSection[] {
  return [SHT_SYMTAB, SHT_DYNSYM].flatMap((type) => {
    const section = elf.sections.find((candidate) => candidate.type === type);
    const strings = section && elf.sections[section.link];
    if (section === undefined || strings === undefined) return [];
    const versions = elf.sections.find((other) => other.type === SHT_GNU_VERSYM && other.link === section.index);
    return [{ entries: elf.data(section), strings: elf.data(strings), versions: versions && elf.data(versions) }];
  });
}
