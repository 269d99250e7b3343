import { utf8 } from "@beetrace/std";
import type { Elf } from "../elf.ts";
import { ElfError } from "../elf-error.ts";
import { type Section, SHF_COMPRESSED } from "../elf-headers.ts";

/** Sections up to this size are read at once, larger ones in parts: those of a browser have gigabytes. */
const WHOLE_BYTES = 32 << 20;
/** What is looked at, at least, of a list whose end only its contents tell. */
const PART_BYTES = 1 << 20;
const NAME_BYTES = 4096;

/** A section of debug information. A file without it has an empty one. */
export class DebugSection {
  readonly name: string;
  readonly littleEndian: boolean;
  readonly sizeBytes: number;
  readonly #elf: Elf;
  readonly #section: Section | undefined;
  #whole: Uint8Array | undefined;

  constructor(elf: Elf, name: string) {
    this.name = name;
    this.littleEndian = elf.littleEndian;
    this.#elf = elf;
    this.#section = elf.section(name);
    const isPlain = this.#section !== undefined && (this.#section.flags & SHF_COMPRESSED) === 0;
    if (this.#section === undefined) this.#whole = new Uint8Array(0);
    else if (!isPlain || this.#section.sizeBytes <= WHOLE_BYTES) this.#whole = elf.data(this.#section);
    this.sizeBytes = this.#whole?.length ?? this.#section?.sizeBytes ?? 0;
  }

  /** Whether its parts are views on bytes that are in memory anyway. */
  get isWhole(): boolean {
    return this.#whole !== undefined;
  }

  /** The bytes `[offset, offset + sizeBytes)`. Throws {@link ElfError} when they are not all there. */
  slice(offset: number, sizeBytes: number): Uint8Array {
    if (!(offset >= 0 && sizeBytes >= 0 && offset + sizeBytes <= this.sizeBytes)) {
      throw new ElfError(`${this.name}: ${sizeBytes} bytes at offset 0x${offset.toString(16)} are beyond its end`);
    }
    if (this.#whole) return this.#whole.subarray(offset, offset + sizeBytes);
    return this.#elf.read((this.#section?.offset ?? 0) + offset, sizeBytes);
  }

  /** The bytes from `offset` on: to the end, or in a large section the next MiB. */
  from(offset: number): Uint8Array {
    const rest = this.sizeBytes - offset;
    return this.slice(offset, this.#whole ? Math.max(0, rest) : Math.min(rest, PART_BYTES));
  }

  /** The NUL-terminated text at `offset`. */
  text(offset: number): string {
    if (this.#whole) return textOf(this.from(offset), this.name);
    const start = this.slice(offset, Math.min(NAME_BYTES, this.sizeBytes - offset));
    return textOf(start.includes(0) ? start : this.from(offset), this.name);
  }
}

function textOf(bytes: Uint8Array, name: string): string {
  const end = bytes.indexOf(0);
  if (end < 0) throw new ElfError(`${name}: a text without an end`);
  return utf8(bytes.subarray(0, end));
}
