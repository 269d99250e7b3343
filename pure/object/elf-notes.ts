import { ByteReader } from "@beetrace/std";
import type { Elf } from "./elf.ts";
import { readingPart } from "./elf-error.ts";
import { PT_NOTE, SHT_NOTE } from "./elf-headers.ts";

/** An entry of a note section or segment. */
export interface ElfNote {
  /** Who defined the note, such as "GNU" or "stapsdt". */
  readonly owner: string;
  readonly type: number;
  readonly description: Uint8Array;
  /** The section it is in; empty when it was found through a segment. */
  readonly section: string;
}

const NT_GNU_BUILD_ID = 3;

/** All notes of the file: by its sections, or by its segments when the section headers were stripped. Throws {@link ElfError}. */
export function elfNotes(elf: Elf): ElfNote[] {
  const sections = elf.sections.filter((section) => section.type === SHT_NOTE);
  if (sections.length > 0) {
    return sections.flatMap((section) => parseNotes(elf.data(section), elf, section.alignment, section.name));
  }
  return elf.segments
    .filter((segment) => segment.type === PT_NOTE)
    .flatMap((segment) => parseNotes(elf.read(segment.offset, segment.fileSizeBytes), elf, segment.alignment, ""));
}

/** `Elf32_Nhdr`, also used in 64-bit files; entries are padded to 4 bytes, or to 8 where the section says so. */
function parseNotes(bytes: Uint8Array, elf: Elf, sectionAlignment: number, section: string): ElfNote[] {
  return readingPart(`notes ${section}`, () => {
    const alignment = sectionAlignment === 8 ? 8 : 4;
    const reader = new ByteReader(bytes, elf.littleEndian);
    const notes: ElfNote[] = [];
    while (reader.remaining >= 12) {
      const ownerSizeBytes = reader.u32();
      const descriptionSizeBytes = reader.u32();
      const type = reader.u32();
      const owner = ownerName(reader.take(ownerSizeBytes));
      reader.align(alignment);
      const description = reader.take(descriptionSizeBytes);
      // The last entry may go without its padding.
      if (reader.remaining >= alignment) reader.align(alignment);
      else reader.skip(reader.remaining);
      notes.push({ owner, type, description, section });
    }
    return notes;
  });
}

function ownerName(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return String.fromCharCode(...bytes.subarray(0, Math.min(end < 0 ? bytes.length : end, 64)));
}

/** The build id as lower-case hexadecimal digits, the name under which debug files are kept. */
export function buildId(elf: Elf): string | undefined {
  const note = elfNotes(elf).find((entry) => entry.owner === "GNU" && entry.type === NT_GNU_BUILD_ID);
  return note && hex(note.description);
}

/** The name of the file with the debug information of this one, and the CRC-32 of that file. */
export interface DebugLink {
  readonly file: string;
  readonly crc32: number;
}

/** Reads `.gnu_debuglink` ("Debugging Information in Separate Files", GDB manual). Throws {@link ElfError}. */
export function debugLink(elf: Elf): DebugLink | undefined {
  const section = elf.section(".gnu_debuglink");
  if (section === undefined) return undefined;
  return readingPart(".gnu_debuglink", () => {
    const reader = new ByteReader(elf.data(section), elf.littleEndian);
    const file = reader.cString();
    reader.align(4);
    return { file, crc32: reader.u32() };
  });
}

/** Reads `.gnu_debugaltlink`: where dwz put what several debug files have in common. Throws {@link ElfError}. */
export function debugAltLink(elf: Elf): { readonly file: string; readonly buildId: string } | undefined {
  const section = elf.section(".gnu_debugaltlink");
  if (section === undefined) return undefined;
  return readingPart(".gnu_debugaltlink", () => {
    const reader = new ByteReader(elf.data(section), elf.littleEndian);
    return { file: reader.cString(), buildId: hex(reader.take(reader.remaining)) };
  });
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
