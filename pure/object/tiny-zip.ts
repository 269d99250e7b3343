import { TinyWriter } from "./tiny-elf.ts";

// Makes small zip archives for tests: what the reader reads, this writes from the other side.

/** A member of an archive to be made. */
export interface TinyMember {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Default 0: stored as it is. */
  readonly method?: number;
  /** Bytes of extra fields, of the local header only. */
  readonly extraBytes?: number;
}

/** An archive, with `comment` at its end. */
export function tinyZip(members: readonly TinyMember[], comment = ""): Uint8Array {
  const directory = new TinyWriter();
  const archive = new TinyWriter();
  for (const { name, bytes, method = 0, extraBytes = 0 } of members) {
    const offset = archive.length;
    const fields = (writer: TinyWriter, extra: number) =>
      writer
        .number(20, 2)
        .number(0, 2)
        .number(method, 2)
        .bytes(new Uint8Array(8))
        .number(bytes.length, 4)
        .number(bytes.length, 4)
        .number(name.length, 2)
        .number(extra, 2);
    fields(archive.number(0x04034b50, 4), extraBytes);
    archive.bytes(latin(name)).bytes(new Uint8Array(extraBytes)).bytes(bytes);
    fields(directory.number(0x02014b50, 4).number(20, 2), 0);
    directory.bytes(new Uint8Array(10)).number(offset, 4).bytes(latin(name));
  }
  const start = archive.length;
  archive.bytes(directory.finish()).number(0x06054b50, 4).number(0, 4);
  archive
    .number(members.length, 2)
    .number(members.length, 2)
    .number(archive.length - 12 - start, 4);
  return archive.number(start, 4).number(comment.length, 2).bytes(latin(comment)).finish();
}

function latin(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
