import { readingPart } from "../elf-error.ts";
import { DwarfReader } from "./dwarf-reader.ts";
import { type LineHeader, readLineHeader } from "./line-header.ts";
import { type LineRows, runLineProgram } from "./line-program.ts";
import { DW_AT } from "./names.ts";
import type { Unit } from "./unit.ts";
import { readInitialLength } from "./unit-header.ts";

/** A place in source code. */
export interface SourcePlace {
  /** Absolute, unless the compiler did not say where it ran. */
  readonly path: string;
  readonly line: number;
  /** From 1; 0 when it is not known. */
  readonly column: number;
}

/** Which source line the code of a unit comes from. */
export class LineTable {
  readonly #header: LineHeader;
  readonly #bytes: Uint8Array;
  readonly #littleEndian: boolean;
  #rows: LineRows | undefined;

  private constructor(header: LineHeader, bytes: Uint8Array, littleEndian: boolean) {
    this.#header = header;
    this.#bytes = bytes;
    this.#littleEndian = littleEndian;
  }

  /** The table of a unit; `undefined` where it has none. Throws `ElfError`. */
  static of(unit: Unit): LineTable | undefined {
    const { root, file } = unit.skeleton ?? unit;
    const offset = root.number(DW_AT.stmt_list);
    const section = file.section("line");
    if (offset === undefined || section.sizeBytes === 0) return undefined;
    return readingPart(section.name, () => {
      const start = new DwarfReader(section.slice(offset, Math.min(12, section.sizeBytes - offset)), unit.littleEndian);
      const { length } = readInitialLength(start);
      const bytes = section.slice(offset, start.offset + length);
      const reader = new DwarfReader(bytes, unit.littleEndian);
      return new LineTable(readLineHeader(reader, unit.skeleton ?? unit, directoryOf(unit)), bytes, unit.littleEndian);
    });
  }

  /** The files that its lines are of, by number. */
  get files(): readonly string[] {
    return this.#header.files;
  }

  get rows(): LineRows {
    this.#rows ??= readingPart(".debug_line", () => runLineProgram(this.#header, this.#bytes, this.#littleEndian));
    return this.#rows;
  }

  /** The place that the instruction at `address` comes from; `undefined` where there is none. */
  placeAt(address: number): SourcePlace | undefined {
    const { addresses, sequences, files, lines, columns } = this.rows;
    const sequence = lastNotAbove(sequences.length, (index) => sequences[index].start, address);
    if (sequence < 0 || address >= sequences[sequence].end) return undefined;
    const { first, last } = sequences[sequence];
    const row = first + lastNotAbove(last - first, (index) => addresses[first + index], address);
    const path = this.files[files[row]];
    return !path || lines[row] === 0 ? undefined : { path, line: lines[row], column: columns[row] };
  }
}

function directoryOf(unit: Unit): string {
  return unit.root.text(DW_AT.comp_dir) ?? unit.skeleton?.root.text(DW_AT.comp_dir) ?? "";
}

/** The last of `count` rising numbers that is not above `limit`; -1 when all are. */
export function lastNotAbove(count: number, at: (index: number) => number, limit: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(middle) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
