import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { type ByteSource, ElfError } from "@beetrace/object";

/** Reads up to this size are served from a window of the file, so that a parser's small reads cost no system call each. */
const WINDOW_BYTES = 1 << 16;

/** Which file it is, whatever its path: equal for two opens of the same unchanged file. */
export interface FileIdentity {
  readonly device: number;
  readonly inode: number;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/** An open file as a source of bytes. It keeps working when the path is gone. */
export class FileSource implements ByteSource {
  readonly path: string;
  readonly sizeBytes: number;
  readonly identity: FileIdentity;
  readonly #fd: number;
  #closed = false;
  #window: Uint8Array = new Uint8Array(0);
  #windowAt = 0;

  private constructor(path: string, fd: number) {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new NotAFileError(path);
    this.path = path;
    this.#fd = fd;
    this.sizeBytes = stat.size;
    this.identity = { device: stat.dev, inode: stat.ino, sizeBytes: stat.size, modifiedMs: stat.mtimeMs };
  }

  /** Opens a regular file. Throws node's own error (with its errno `code`), or {@link NotAFileError}. */
  static open(path: string): FileSource {
    // A pipe must not keep us waiting for its writer: whose file it is, is not ours to say.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return new FileSource(path, fd);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /**
   * The bytes `[offset, offset + sizeBytes)`; throws {@link ElfError} when they are not all there.
   * They may be a view on bytes that other reads share: not to be written.
   */
  read(offset: number, sizeBytes: number): Uint8Array {
    const bytes = offset >= 0 && sizeBytes >= 0 ? this.#readUpTo(offset, sizeBytes) : undefined;
    if (bytes?.length === sizeBytes) return bytes;
    throw new ElfError(`${this.path}: ${sizeBytes} bytes at offset ${offset} go beyond the end of the file`);
  }

  #readUpTo(offset: number, sizeBytes: number): Uint8Array {
    if (sizeBytes > WINDOW_BYTES) return this.#readFile(offset, sizeBytes);
    const from = offset - this.#windowAt;
    if (from < 0 || from + sizeBytes > this.#window.length) {
      this.#windowAt = offset - (offset % 4096);
      this.#window = this.#readFile(this.#windowAt, WINDOW_BYTES + 4096);
    }
    return this.#window.subarray(offset - this.#windowAt, offset - this.#windowAt + sizeBytes);
  }

  #readFile(offset: number, sizeBytes: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(sizeBytes, this.sizeBytes - offset)));
    let filled = 0;
    while (filled < bytes.length) {
      const got = readSync(this.#fd, bytes, filled, bytes.length - filled, offset + filled);
      if (got === 0) break;
      filled += got;
    }
    return filled === bytes.length ? bytes : bytes.subarray(0, filled);
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#fd);
  }
}

/** A directory, a device or a pipe where a file was asked for. */
export class NotAFileError extends Error {
  override readonly name = "NotAFileError";
  readonly path: string;
  constructor(path: string) {
    super(`${path} is not a regular file`);
    this.path = path;
  }
}
