import { ElfError } from "../elf-error.ts";
import type { Abbreviation } from "./abbreviations.ts";
import { Die } from "./die.ts";
import { DwarfReader } from "./dwarf-reader.ts";
import { skipForm } from "./form.ts";
import { DW_AT, DW_TAG } from "./names.ts";
import type { Unit } from "./unit.ts";

/** What entries may be in without being a part of it. */
const CONTAINERS: ReadonlySet<number> = new Set([
  DW_TAG.namespace,
  DW_TAG.module,
  DW_TAG.structure_type,
  DW_TAG.class_type,
  DW_TAG.union_type,
]);

/**
 * The entries of a unit that have one of these tags and stand by themselves: at the top, or inside of namespaces and
 * classes. All others are stepped over without a look at what they say, which is what makes it quick.
 * Throws `ElfError` and `OutOfBoundsError`.
 */
export function* entriesTagged(unit: Unit, tags: ReadonlySet<number>): Iterable<Die> {
  const { bytes, abbreviations, littleEndian } = unit;
  const reader = new DwarfReader(bytes, littleEndian, unit.root.end);
  if (!unit.root.abbreviation.hasChildren) return;
  // Entries below `skipping` are a part of something else.
  let depth = 1;
  let skipping = Number.MAX_SAFE_INTEGER;
  while (depth > 0 && reader.remaining > 0) {
    const at = reader.offset;
    const code = reader.uleb();
    if (code === 0) {
      depth--;
      if (depth <= skipping) skipping = Number.MAX_SAFE_INTEGER;
      continue;
    }
    const abbreviation = abbreviations.get(code);
    if (!abbreviation) throw new ElfError(`debug information: there is no abbreviation ${code}`);
    if (depth <= skipping && tags.has(abbreviation.tag)) {
      const die = Die.read(unit, at);
      if (die) yield die;
    }
    const isContainer = CONTAINERS.has(abbreviation.tag);
    if (!isContainer && abbreviation.hasChildren && skipToSibling(reader, abbreviation, unit, at)) continue;
    skipAttributes(reader, abbreviation, unit);
    if (!abbreviation.hasChildren) continue;
    if (!isContainer && skipping > depth) skipping = depth;
    depth++;
  }
}

function skipAttributes(reader: DwarfReader, { fixedBytes, forms }: Abbreviation, unit: Unit): void {
  if (fixedBytes >= 0) reader.skip(fixedBytes);
  else for (const form of forms) skipForm(reader, form, unit);
}

/** Moves behind all that is below the entry, where it says where that ends. */
function skipToSibling(reader: DwarfReader, abbreviation: Abbreviation, unit: Unit, at: number): boolean {
  if (!abbreviation.attributes.includes(DW_AT.sibling)) return false;
  const next = Die.read(unit, at)?.sibling;
  if (next !== undefined) reader.offset = next;
  return next !== undefined;
}
