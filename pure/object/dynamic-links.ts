import { ByteReader } from "@beetrace/std";
import type { Elf } from "./elf.ts";
import { readingPart } from "./elf-error.ts";
import { readWord } from "./elf-headers.ts";

// "System V Application Binary Interface", chapter 5: program loading and dynamic linking.
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NULL = 0;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_RPATH = 15;
const DT_RUNPATH = 29;

/** What a program or library asks the dynamic loader for. */
export interface DynamicLinks {
  /** The path of the loader: programs only. */
  readonly interpreter?: string;
  /** Names of libraries, or paths, in the order in which they are loaded. */
  readonly needed: readonly string[];
  /** Folders to look for them in, separated by colons; `$ORIGIN` is the file's own. */
  readonly searchPath?: string;
}

/** Reads the dynamic section. Throws {@link ElfError}. */
export function dynamicLinks(elf: Elf): DynamicLinks {
  const interpreter = elf.segments.find(({ type }) => type === PT_INTERP);
  const dynamic = elf.segments.find(({ type }) => type === PT_DYNAMIC);
  return readingPart("dynamic section", () => ({
    ...(interpreter ? { interpreter: textAt(elf.read(interpreter.offset, interpreter.fileSizeBytes), 0) } : {}),
    ...(dynamic ? readEntries(elf, elf.read(dynamic.offset, dynamic.fileSizeBytes)) : { needed: [] }),
  }));
}

/** Pairs of a tag and a value; those that are texts are offsets into the string table. */
function readEntries(elf: Elf, bytes: Uint8Array): Pick<DynamicLinks, "needed" | "searchPath"> {
  const entries: { readonly tag: number; readonly value: number }[] = [];
  const reader = new ByteReader(bytes, elf.littleEndian);
  while (reader.remaining > 0) {
    const tag = readWord(reader, elf);
    if (tag === DT_NULL) break;
    entries.push({ tag, value: readWord(reader, elf) });
  }
  const first = (wanted: number) => entries.find(({ tag }) => tag === wanted)?.value;
  const strings = stringTable(elf, first(DT_STRTAB));
  const needed = entries.filter(({ tag }) => tag === DT_NEEDED).map(({ value }) => textAt(strings, value));
  const path = first(DT_RUNPATH) ?? first(DT_RPATH);
  return { needed, ...(path === undefined ? {} : { searchPath: textAt(strings, path) }) };
}

/** From where it is loaded to the end of what is loaded with it. */
function stringTable(elf: Elf, address: number | undefined): Uint8Array {
  const offset = address === undefined ? undefined : elf.fileOffset(address);
  const within = elf.segments.find(
    (segment) => offset !== undefined && offset >= segment.offset && offset < segment.offset + segment.fileSizeBytes,
  );
  if (offset === undefined || within === undefined) return new Uint8Array(0);
  return elf.read(offset, within.offset + within.fileSizeBytes - offset);
}

function textAt(bytes: Uint8Array, offset: number): string {
  return new ByteReader(bytes, true, offset).cString();
}
