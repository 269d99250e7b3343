import type { ElfEncoding } from "./elf-headers.ts";

// Makes small ELF files for tests: what the parser reads, this writes from the other side.

/** A section of a file to be made. */
export interface TinySection {
  readonly name: string;
  readonly type: number;
  readonly flags?: number;
  readonly address?: number;
  readonly bytes?: Uint8Array;
  /** Where it is to start in the file; without it, after what is there. */
  readonly offset?: number;
  readonly link?: number;
  readonly alignment?: number;
}

/** A segment of a file to be made. */
export interface TinySegment {
  readonly type: number;
  readonly flags?: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSizeBytes: number;
  readonly memorySizeBytes?: number;
  readonly alignment?: number;
}

/** A file to be made. Section 0 and the section names are added to it; its sections count from 1. */
export interface TinyElf extends Partial<ElfEncoding> {
  readonly type?: number;
  readonly machine?: number;
  readonly entry?: number;
  readonly sections?: readonly TinySection[];
  readonly segments?: readonly TinySegment[];
  /** Keep the counts of sections and segments in section 0, as files with more than 65,279 sections do. */
  readonly extendedCounts?: boolean;
}

/** A symbol of a table to be made. */
export interface TinySymbol {
  readonly name: string;
  readonly address: number;
  readonly sizeBytes?: number;
  /** `STB_* << 4 | STT_*` */
  readonly info?: number;
  readonly sectionIndex?: number;
}

/** A growing run of bytes in the encoding of a file. */
export class TinyWriter {
  readonly #bytes: number[] = [];
  readonly #encoding: ElfEncoding;

  constructor(encoding: ElfEncoding = { class: 64, littleEndian: true }) {
    this.#encoding = encoding;
  }

  get length(): number {
    return this.#bytes.length;
  }

  number(value: number | bigint, sizeBytes: number): this {
    const digits = Array.from({ length: sizeBytes }, (_, index) => Number((BigInt(value) >> BigInt(index * 8)) & 255n));
    this.#bytes.push(...(this.#encoding.littleEndian ? digits : digits.reverse()));
    return this;
  }

  /** As wide as an address of the file. */
  word(value: number | bigint): this {
    return this.number(value, this.#encoding.class / 8);
  }

  text(text: string): this {
    return this.bytes(Uint8Array.from(`${text}\0`, (character) => character.charCodeAt(0)));
  }

  bytes(bytes: Uint8Array): this {
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  zerosTo(offset: number): this {
    while (this.#bytes.length < offset) this.#bytes.push(0);
    return this;
  }

  align(alignment: number): this {
    return this.zerosTo(Math.ceil(this.length / alignment) * alignment);
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/** Writes the file. */
export function tinyElf(elf: TinyElf): Uint8Array {
  const encoding: ElfEncoding = { class: elf.class ?? 64, littleEndian: elf.littleEndian ?? true };
  const wide = encoding.class === 64;
  const names = new TinyWriter(encoding).text("");
  const sections: TinySection[] = [{ name: "", type: 0 }, ...(elf.sections ?? []), { name: ".shstrtab", type: 3 }];
  const nameOffsets = sections.map((section) => {
    const offset = section.name === "" ? 0 : names.length;
    if (section.name !== "") names.text(section.name);
    return offset;
  });
  sections[sections.length - 1] = { name: ".shstrtab", type: 3, bytes: names.finish() };
  const segments = elf.segments ?? [];
  const segmentsOffset = wide ? 64 : 52;
  const segmentSizeBytes = wide ? 56 : 32;
  const body = new TinyWriter(encoding).zerosTo(segmentsOffset);
  for (const segment of segments) writeSegment(body, segment, wide);
  const offsets = sections.map((section) => {
    body.align(8).zerosTo(section.offset ?? 0);
    const offset = body.length;
    body.bytes(section.bytes ?? new Uint8Array());
    return offset;
  });
  const sectionsOffset = body.align(8).length;
  sections.forEach((section, index) => {
    const counts =
      index === 0 && elf.extendedCounts
        ? { sizeBytes: sections.length, link: sections.length - 1, info: segments.length }
        : { sizeBytes: section.bytes?.length ?? 0, link: section.link ?? 0, info: 0 };
    body
      .number(nameOffsets[index], 4)
      .number(section.type, 4)
      .word(section.flags ?? 0)
      .word(section.address ?? 0);
    body
      .word(index === 0 ? 0 : offsets[index])
      .word(counts.sizeBytes)
      .number(counts.link, 4)
      .number(counts.info, 4);
    body.word(section.alignment ?? 1).word(0);
  });
  const head = new TinyWriter(encoding).bytes(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1));
  head.bytes(Uint8Array.of(encoding.littleEndian ? 1 : 2, 1)).zerosTo(16);
  head
    .number(elf.type ?? 3, 2)
    .number(elf.machine ?? 62, 2)
    .number(1, 4)
    .word(elf.entry ?? 0);
  head
    .word(segments.length > 0 ? segmentsOffset : 0)
    .word(sectionsOffset)
    .number(0, 4)
    .number(segmentsOffset, 2);
  head
    .number(segmentSizeBytes, 2)
    .number(elf.extendedCounts ? 0xffff : segments.length, 2)
    .number(wide ? 64 : 40, 2);
  head.number(elf.extendedCounts ? 0 : sections.length, 2);
  head.number(elf.extendedCounts ? 0xffff : sections.length - 1, 2);
  const bytes = body.finish();
  bytes.set(head.finish());
  return bytes;
}

function writeSegment(body: TinyWriter, segment: TinySegment, wide: boolean): void {
  const {
    type,
    flags = 5,
    offset,
    address,
    fileSizeBytes,
    memorySizeBytes = fileSizeBytes,
    alignment = 4096,
  } = segment;
  body.number(type, 4);
  if (wide) body.number(flags, 4);
  body.word(offset).word(address).word(address).word(fileSizeBytes).word(memorySizeBytes);
  if (!wide) body.number(flags, 4);
  body.word(alignment);
}

/** The sections `.symtab` and `.strtab` (or, with other names, their dynamic twins), the first of which gets number `index`. */
export function tinySymbols(
  symbols: readonly TinySymbol[],
  index: number,
  encoding: ElfEncoding = { class: 64, littleEndian: true },
  dynamic = false,
): TinySection[] {
  const wide = encoding.class === 64;
  const strings = new TinyWriter(encoding).text("");
  const entries = new TinyWriter(encoding).zerosTo(wide ? 24 : 16);
  for (const { name, address, sizeBytes = 0, info = 0x12, sectionIndex = 1 } of symbols) {
    const offset = strings.length;
    strings.text(name);
    entries.number(offset, 4);
    if (wide) entries.number(info, 1).number(0, 1).number(sectionIndex, 2).word(address).word(sizeBytes);
    else entries.word(address).word(sizeBytes).number(info, 1).number(0, 1).number(sectionIndex, 2);
  }
  return [
    { name: dynamic ? ".dynsym" : ".symtab", type: dynamic ? 11 : 2, bytes: entries.finish(), link: index + 1 },
    { name: dynamic ? ".dynstr" : ".strtab", type: 3, bytes: strings.finish() },
  ];
}

/** An entry of a note section. */
export function tinyNote(owner: string, type: number, description: Uint8Array, encoding?: ElfEncoding): Uint8Array {
  const writer = new TinyWriter(encoding);
  writer
    .number(owner.length + 1, 4)
    .number(description.length, 4)
    .number(type, 4)
    .text(owner)
    .align(4);
  return writer.bytes(description).align(4).finish();
}

/** A `.note.stapsdt` entry. */
export function tinyUsdtNote(
  probe: { pc: number; base: number; semaphore?: number; provider: string; name: string; args: string },
  encoding?: ElfEncoding,
): Uint8Array {
  const description = new TinyWriter(encoding)
    .word(probe.pc)
    .word(probe.base)
    .word(probe.semaphore ?? 0);
  description.text(probe.provider).text(probe.name).text(probe.args);
  return tinyNote("stapsdt", 3, description.finish(), encoding);
}
