import { ByteReader, utf8 } from "@beetrace/std";
import { type ByteSource, readRange } from "./byte-source.ts";
import { ElfError, readingPart } from "./elf-error.ts";

/** Where in an archive the bytes of a member are. */
export interface ZipMember {
  readonly offset: number;
  readonly sizeBytes: number;
}

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const LOCAL_BYTES = 30;
const COMMENT_BYTES_MAX = 0xffff;
const STORED = 0;

/**
 * A member that a zip archive holds uncompressed, as programs that are loaded straight from archives are; `undefined`
 * when there is none of that name. Throws {@link ElfError} on what is no archive, and on a compressed member
 * (.ZIP File Format Specification 6.3, sections 4.3.7, 4.3.12 and 4.3.16).
 */
export function zipMember(archive: ByteSource, name: string): ZipMember | undefined {
  const directory = readDirectory(archive);
  return readingPart("zip directory", () => {
    const reader = new ByteReader(directory, true);
    while (reader.remaining > 0) {
      const entry = readEntry(reader);
      if (entry.name === name) return locate(archive, entry);
    }
    return undefined;
  });
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly sizeBytes: number;
  /** Of its local header. */
  readonly offset: number;
}

/** The directory's place is at the end of the file, before a comment of any length. */
function readDirectory(archive: ByteSource): Uint8Array {
  const tailBytes = Math.min(archive.sizeBytes, END_BYTES + COMMENT_BYTES_MAX);
  const tail = readRange(archive, archive.sizeBytes - tailBytes, tailBytes, "end of the archive");
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (view.getUint32(at, true) !== END_SIGNATURE) continue;
    return readRange(archive, view.getUint32(at + 16, true), view.getUint32(at + 12, true), "zip directory");
  }
  throw new ElfError("not a zip archive");
}

function readEntry(reader: ByteReader): Entry {
  if (reader.u32() !== ENTRY_SIGNATURE) throw new ElfError("damaged zip directory");
  reader.skip(6);
  const method = reader.u16();
  reader.skip(8);
  const sizeBytes = reader.u32();
  reader.skip(4);
  const nameBytes = reader.u16();
  const restBytes = reader.u16() + reader.u16();
  reader.skip(8);
  const offset = reader.u32();
  const name = utf8(reader.take(nameBytes));
  reader.skip(restBytes);
  return { name, method, sizeBytes, offset };
}

/** Names and extra fields of the local header may be others than those of the directory. */
function locate(archive: ByteSource, { name, method, sizeBytes, offset }: Entry): ZipMember {
  if (method !== STORED) throw new ElfError(`${name} is compressed: only a stored member (zip -0) can be probed`);
  const header = readRange(archive, offset, LOCAL_BYTES, `header of ${name}`);
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (view.getUint32(0, true) !== LOCAL_SIGNATURE) throw new ElfError(`damaged header of ${name}`);
  return { offset: offset + LOCAL_BYTES + view.getUint16(26, true) + view.getUint16(28, true), sizeBytes };
}
