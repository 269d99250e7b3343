import { inflateSync } from "node:zlib";
import { type ByteSource, type Elf, parseElf } from "@beetrace/object";

/** Parses an ELF file from disk, with zlib for its compressed sections. Throws `ElfError`. */
export function parseElfFile(source: ByteSource): Elf {
  return parseElf(source, {
    // The limit must be positive even for an empty section.
    inflate: (compressed, sizeBytes) => inflateSync(compressed, { maxOutputLength: Math.max(1, sizeBytes) }),
  });
}
