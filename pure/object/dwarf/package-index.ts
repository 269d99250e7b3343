import { ElfError, readingPart } from "../elf-error.ts";
import type { DebugSection } from "./debug-section.ts";
import { DwarfReader } from "./dwarf-reader.ts";
import type { Contribution } from "./unit.ts";

/** A unit of a package. */
export interface PackedUnit {
  /** What its skeleton, or who refers to its type, knows it by. */
  readonly id: bigint;
  /** Where it is in its section. */
  readonly offset: number;
  readonly contribution: Contribution;
}

/** Columns: `DW_SECT_*` (section 7.3.5.3; of version 2, GCC's "DebugFissionDWP", in which 2 and 8 are others). */
const SECT = { info: 1, types: 2, abbrev: 3, loclists: 5, strOffsets: 6, rnglists: 8 } as const;

/**
 * The index of a package (`.debug_cu_index`, `.debug_tu_index`): a hash table from ids to rows of offsets, with one
 * column for each section. Throws {@link ElfError}.
 */
export function readPackageIndex(section: DebugSection): readonly PackedUnit[] {
  if (section.sizeBytes === 0) return [];
  return readingPart(section.name, () => {
    const reader = new DwarfReader(section.from(0), section.littleEndian);
    reader.skip(4);
    const columnCount = reader.u32();
    const unitCount = reader.u32();
    const slotCount = reader.u32();
    if (slotCount * 12 + columnCount * 4 > reader.remaining) throw new ElfError(`${section.name}: a damaged index`);
    const ids = Array.from({ length: slotCount }, () => reader.u64());
    const rows = Array.from({ length: slotCount }, () => reader.u32());
    const columns = Array.from({ length: columnCount }, () => reader.u32());
    const tableAt = reader.offset;
    return rows.flatMap((row, slot) => {
      if (row === 0 || row > unitCount) return [];
      reader.offset = tableAt + (row - 1) * columnCount * 4;
      return [packedUnit(ids[slot], new Map(columns.map((column) => [column, reader.u32()])))];
    });
  });
}

function packedUnit(id: bigint, offsets: ReadonlyMap<number, number>): PackedUnit {
  const at = (column: number) => offsets.get(column) ?? 0;
  const contribution = {
    abbrev: at(SECT.abbrev),
    strOffsets: at(SECT.strOffsets),
    loclists: at(SECT.loclists),
    rnglists: at(SECT.rnglists),
  };
  return { id, offset: offsets.get(SECT.info) ?? at(SECT.types), contribution };
}
