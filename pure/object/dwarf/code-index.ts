import { readingPart } from "../elf-error.ts";
import { DwarfReader } from "./dwarf-reader.ts";
import { lastNotAbove } from "./line-table.ts";
import { DW_UT } from "./names.ts";
import { type CodeRange, rangesOf } from "./ranges.ts";
import type { Unit, UnitFile } from "./unit.ts";
import { readInitialLength } from "./unit-header.ts";

interface UnitCode extends CodeRange {
  /** Where the unit is in `.debug_info`. */
  readonly offset: number;
}

/** What the index needs of a file. */
export interface IndexedFile extends UnitFile {
  readonly units: readonly Unit[];
}

/**
 * Which unit the code at an address is of: by `.debug_aranges`, which not all compilers write, and then by what each
 * of the other units says of itself, which takes a look at them all.
 */
export class CodeIndex {
  readonly #file: IndexedFile;
  readonly #listed: readonly UnitCode[];
  #others: readonly UnitCode[] | undefined;

  constructor(file: IndexedFile) {
    this.#file = file;
    this.#listed = readAddressRanges(file).sort(byStart);
  }

  unitAt(address: number): Unit | undefined {
    let offset = findCode(this.#listed, address);
    if (offset === undefined) {
      this.#others ??= this.#readOthers();
      offset = findCode(this.#others, address);
    }
    return offset === undefined ? undefined : this.#file.unitAt(offset);
  }

  #readOthers(): readonly UnitCode[] {
    const listed = new Set(this.#listed.map(({ offset }) => offset));
    const code: UnitCode[] = [];
    for (const unit of this.#file.units) {
      const { type } = unit.header;
      if (type === DW_UT.type || type === DW_UT.partial || listed.has(unit.offset)) continue;
      for (const range of rangesOf(unit, unit.root)) code.push({ ...range, offset: unit.offset });
      unit.release();
    }
    return code.sort(byStart);
  }
}

function byStart(a: UnitCode, b: UnitCode): number {
  return a.start - b.start;
}

function findCode(code: readonly UnitCode[], address: number): number | undefined {
  const found = code[lastNotAbove(code.length, (index) => code[index].start, address)];
  return found && address < found.end ? found.offset : undefined;
}

/** Sets of ranges, one for each unit (section 6.1.2); what the linker threw away is left out. */
function readAddressRanges(file: UnitFile): UnitCode[] {
  const section = file.section("aranges");
  const code: UnitCode[] = [];
  return readingPart(section.name, () => {
    const reader = new DwarfReader(section.slice(0, section.sizeBytes), section.littleEndian);
    while (reader.remaining > 0) {
      const start = reader.offset;
      const { length, offsetBytes } = readInitialLength(reader);
      const end = reader.offset + length;
      reader.skip(2);
      const offset = reader.unsigned(offsetBytes);
      const addressBytes = reader.u8();
      reader.skip(1);
      const padding = (reader.offset - start) % (addressBytes * 2);
      if (padding > 0) reader.skip(addressBytes * 2 - padding);
      while (reader.offset + addressBytes * 2 <= end) {
        const first = reader.unsigned(addressBytes);
        const sizeBytes = reader.unsigned(addressBytes);
        if (first > 0 && sizeBytes > 0) code.push({ start: first, end: first + sizeBytes, offset });
      }
      reader.skip(end - reader.offset);
    }
    return code;
  });
}
