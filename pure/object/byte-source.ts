import { ElfError } from "./elf-error.ts";

/** Random access to the bytes of a file, so that a binary of 1 GB is not read whole. */
export interface ByteSource {
  readonly sizeBytes: number;
  /** The bytes `[offset, offset + sizeBytes)`. Throws {@link ElfError} when they are not all there. */
  read(offset: number, sizeBytes: number): Uint8Array;
}

/** A {@link ByteSource} over bytes in memory; what it reads are views, not copies. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    read(offset, sizeBytes) {
      checkRange(bytes.length, offset, sizeBytes, "bytes");
      return bytes.subarray(offset, offset + sizeBytes);
    },
  };
}

/** The bytes `[start, start + sizeBytes)` of another source, as a source of their own: a file within a file. */
export function windowSource(source: ByteSource, start: number, sizeBytes: number): ByteSource {
  return {
    sizeBytes,
    read(offset, count) {
      checkRange(sizeBytes, offset, count, "bytes");
      return source.read(start + offset, count);
    },
  };
}

/** Reads `[offset, offset + sizeBytes)` from `source`; the error of a range beyond the end says `what` it was. */
export function readRange(source: ByteSource, offset: number, sizeBytes: number, what: string): Uint8Array {
  checkRange(source.sizeBytes, offset, sizeBytes, what);
  return source.read(offset, sizeBytes);
}

function checkRange(available: number, offset: number, sizeBytes: number, what: string): void {
  if (offset >= 0 && sizeBytes >= 0 && offset + sizeBytes <= available) return;
  throw new ElfError(
    `${what}: ${sizeBytes} bytes at offset 0x${offset.toString(16)} go beyond the end of the file (${available} bytes)`,
  );
}
