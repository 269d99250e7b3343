import { readingPart } from "../elf-error.ts";
import { type Die, isAddressForm } from "./die.ts";
import { DwarfReader } from "./dwarf-reader.ts";
import { DW_AT, DW_FORM } from "./names.ts";
import type { Unit } from "./unit.ts";

/** Code from `start` up to, not including, `end`. */
export interface CodeRange {
  readonly start: number;
  readonly end: number;
}

/** Kinds of entries of range lists (section 7.25). */
const RLE = {
  end_of_list: 0,
  base_addressx: 1,
  startx_endx: 2,
  startx_length: 3,
  offset_pair: 4,
  base_address: 5,
  start_end: 6,
  start_length: 7,
} as const;

/** The code of an entry, in the order of the file; what the linker threw away is left out. Throws `ElfError`. */
export function rangesOf(unit: Unit, die: Die): readonly CodeRange[] {
  const listed = die.form(DW_AT.ranges);
  const ranges = listed === undefined ? plainRange(die) : listedRanges(unit, die, listed);
  // Of code that was thrown away the start is 0 or, by lld, close to the largest address there is.
  return ranges.filter(({ start, end }) => start > 0 && end > start && end < Number.MAX_SAFE_INTEGER);
}

/** Whether one of the ranges holds an address. */
export function holdsAddress(ranges: readonly CodeRange[], address: number): boolean {
  return ranges.some(({ start, end }) => address >= start && address < end);
}

function plainRange(die: Die): readonly CodeRange[] {
  const start = die.address(DW_AT.low_pc);
  if (start === undefined) return [];
  if (isAddressForm(die.form(DW_AT.high_pc))) return [{ start, end: die.address(DW_AT.high_pc) ?? start }];
  return [{ start, end: start + (die.number(DW_AT.high_pc) ?? 0) }];
}

function listedRanges(unit: Unit, die: Die, form: number): readonly CodeRange[] {
  const value = die.number(DW_AT.ranges) ?? 0;
  if (unit.version < 5) {
    const { skeleton } = unit;
    const base = skeleton?.root.number(DW_AT.GNU_ranges_base) ?? 0;
    return readingPart(".debug_ranges", () =>
      readPairs(unit, (skeleton ?? unit).file.section("ranges").from(base + value)),
    );
  }
  const section = unit.file.section("rnglists");
  return readingPart(section.name, () => {
    const offset = form === DW_FORM.rnglistx ? indexedOffset(unit, "rnglists", value) : value;
    return readList(unit, section.from(offset + (form === DW_FORM.rnglistx ? 0 : unit.contribution.rnglists)));
  });
}

/** Where list number `index` of the unit is in its section: an array of offsets stands behind the section's header. */
export function indexedOffset(unit: Unit, name: "rnglists" | "loclists", index: number): number {
  const attribute = name === "rnglists" ? DW_AT.rnglists_base : DW_AT.loclists_base;
  const headerBytes = unit.offsetBytes === 8 ? 20 : 12;
  const base = unit.root.number(attribute) ?? unit.contribution[name] + headerBytes;
  const section = unit.file.section(name);
  const bytes = section.slice(base + index * unit.offsetBytes, unit.offsetBytes);
  return base + new DwarfReader(bytes, unit.littleEndian).unsigned(unit.offsetBytes);
}

/** The end of a list of version 4 is a pair of zeros; a pair with the largest address sets what the others count from. */
function readPairs(unit: Unit, bytes: Uint8Array): readonly CodeRange[] {
  const { addressBytes } = unit;
  const largest = addressBytes === 4 ? 0xffffffff : 2 ** 64;
  const reader = new DwarfReader(bytes, unit.littleEndian);
  const ranges: CodeRange[] = [];
  for (let base = unit.lowPc; ; ) {
    const first = reader.unsigned(addressBytes);
    const second = reader.unsigned(addressBytes);
    if (first === 0 && second === 0) return ranges;
    if (first === largest) base = second;
    else ranges.push({ start: base + first, end: base + second });
  }
}

function readList(unit: Unit, bytes: Uint8Array): readonly CodeRange[] {
  const reader = new DwarfReader(bytes, unit.littleEndian);
  const address = () => reader.unsigned(unit.addressBytes);
  const indexed = () => unit.indexedAddress(reader.uleb());
  const ranges: CodeRange[] = [];
  const push = (start: number, end: number) => ranges.push({ start, end });
  const pushLength = (start: number) => push(start, start + reader.uleb());
  for (let base = unit.lowPc; ; ) {
    const kind = reader.u8();
    switch (kind) {
      case RLE.base_addressx:
        base = indexed();
        break;
      case RLE.startx_endx:
        push(indexed(), indexed());
        break;
      case RLE.startx_length:
        pushLength(indexed());
        break;
      case RLE.offset_pair:
        push(base + reader.uleb(), base + reader.uleb());
        break;
      case RLE.base_address:
        base = address();
        break;
      case RLE.start_end:
        push(address(), address());
        break;
      case RLE.start_length:
        pushLength(address());
        break;
      default:
        return ranges; // the end, or what cannot be read on from
    }
  }
}
