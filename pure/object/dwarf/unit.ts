import { ElfError, readingPart } from "../elf-error.ts";
import { Abbreviations } from "./abbreviations.ts";
import type { DebugSection } from "./debug-section.ts";
import { Die, type DieContext } from "./die.ts";
import { DwarfReader } from "./dwarf-reader.ts";
import { DW_AT, DW_FORM, DW_UT } from "./names.ts";
import type { UnitHeader } from "./unit-header.ts";

/** The sections of debug information, by what follows `.debug_` in their names. */
export type SectionName =
  | "info"
  | "types"
  | "abbrev"
  | "aranges"
  | "str"
  | "line"
  | "line_str"
  | "str_offsets"
  | "addr"
  | "ranges"
  | "rnglists"
  | "loc"
  | "loclists"
  | "cu_index"
  | "tu_index";

/** What a unit needs of the file that it is in. */
export interface UnitFile {
  /** The units are in sections named `.dwo`. */
  readonly isSplit: boolean;
  section(name: SectionName): DebugSection;
  /** Tables are shared by the units that have the same. */
  readonly abbreviations: Map<string, Abbreviations>;
  unitAt(offset: number): Unit | undefined;
  typeUnit(signature: bigint): Unit | undefined;
  readonly typeUnits: Iterable<Unit>;
  /** The file that dwz moved into what several have in common (section 3.1.1, "supplementary object files"). */
  supplementary(): UnitFile | undefined;
}

/** Where the parts of a unit start in a package of many (section 7.3.5.3); all 0 outside of one. */
export interface Contribution {
  readonly abbrev: number;
  readonly strOffsets: number;
  readonly loclists: number;
  readonly rnglists: number;
}

/** A unit in a file of its own. */
export const NO_CONTRIBUTION: Contribution = { abbrev: 0, strOffsets: 0, loclists: 0, rnglists: 0 };

/** A compilation unit or another: entries, and the tables that they refer to. */
export class Unit implements DieContext {
  readonly header: UnitHeader;
  readonly file: UnitFile;
  readonly contribution: Contribution;
  /** Of the half of a unit that is in a `.dwo` file: the half in the program itself, which has the addresses. */
  readonly skeleton: Unit | undefined;
  readonly littleEndian: boolean;
  readonly version: number;
  readonly offsetBytes: 4 | 8;
  readonly addressBytes: number;
  readonly #section: DebugSection;
  #bytes: Uint8Array | undefined;
  #abbreviations: Abbreviations | undefined;
  #root: Die | undefined;

  constructor(
    file: UnitFile,
    header: UnitHeader,
    section: DebugSection,
    contribution = NO_CONTRIBUTION,
    skeleton?: Unit,
  ) {
    this.file = file;
    this.header = header;
    this.contribution = contribution;
    this.skeleton = skeleton;
    this.littleEndian = header.littleEndian;
    this.version = header.version;
    this.offsetBytes = header.offsetBytes;
    this.addressBytes = header.addressBytes;
    this.#section = section;
  }

  get offset(): number {
    return this.header.offset;
  }

  get bytes(): Uint8Array {
    this.#bytes ??= this.#section.slice(this.header.offset, this.header.sizeBytes);
    return this.#bytes;
  }

  get abbreviations(): Abbreviations {
    this.#abbreviations ??= this.#findAbbreviations();
    return this.#abbreviations;
  }

  /** The entry that stands for the unit. Throws {@link ElfError}. */
  get root(): Die {
    this.#root ??= readingPart(this.#section.name, () => Die.read(this, this.header.firstEntry));
    if (!this.#root) throw new ElfError(`${this.#section.name}: a unit without an entry`);
    return this.#root;
  }

  /** Lets go of the unit's bytes, where they are not in memory anyway. */
  release(): void {
    if (!this.#section.isWhole) this.#bytes = undefined;
  }

  /** The entry at an offset from the unit's start. */
  entryAt(offset: number): Die | undefined {
    if (offset < this.header.firstEntry || offset >= this.header.sizeBytes) return undefined;
    return readingPart(this.#section.name, () => Die.read(this, offset));
  }

  string(form: number, value: number): string {
    switch (form) {
      case DW_FORM.strp:
        return this.file.section("str").text(value);
      case DW_FORM.line_strp:
        return this.file.section("line_str").text(value);
      case DW_FORM.strp_sup:
      case DW_FORM.GNU_strp_alt:
        return this.file.supplementary()?.section("str").text(value) ?? "";
      default:
        return this.file.section("str").text(this.#stringOffset(value));
    }
  }

  indexedAddress(index: number): number {
    const owner = this.skeleton ?? this;
    const base = owner.root.number(DW_AT.addr_base) ?? owner.root.number(DW_AT.GNU_addr_base) ?? 0;
    return entryOf(owner.file.section("addr"), base, index, this.addressBytes);
  }

  refer(form: number, value: number, signature: bigint): Die | undefined {
    switch (form) {
      case DW_FORM.ref1:
      case DW_FORM.ref2:
      case DW_FORM.ref4:
      case DW_FORM.ref8:
      case DW_FORM.ref_udata:
        return this.entryAt(value);
      case DW_FORM.ref_addr:
        return entryIn(this.file, value);
      case DW_FORM.ref_sup4:
      case DW_FORM.ref_sup8:
      case DW_FORM.GNU_ref_alt: {
        const other = this.file.supplementary();
        return other && entryIn(other, value);
      }
      case DW_FORM.ref_sig8: {
        const unit = this.file.typeUnit(signature);
        return unit?.entryAt(unit.header.typeOffset);
      }
      default:
        return undefined;
    }
  }

  /** The lowest address of the unit, from which its lists count. */
  get lowPc(): number {
    return (this.skeleton ?? this).root.address(DW_AT.low_pc) ?? 0;
  }

  #stringOffset(index: number): number {
    const { offsetBytes, version, header } = this;
    const isSplit = header.type === DW_UT.split_compile || header.type === DW_UT.split_type;
    // Without a base the table starts behind its header (version 5), or at once (GNU).
    const implied = this.contribution.strOffsets + (isSplit && version >= 5 ? offsetBytes * 2 : 0);
    const base = this.root.number(DW_AT.str_offsets_base) ?? implied;
    return entryOf(this.file.section("str_offsets"), base, index, offsetBytes, offsetBytes);
  }

  #findAbbreviations(): Abbreviations {
    const { file, header, contribution } = this;
    const at = contribution.abbrev + header.abbreviationsOffset;
    const key = `${at} ${header.version === 2} ${header.offsetBytes} ${header.addressBytes}`;
    const known = file.abbreviations.get(key);
    if (known) return known;
    const section = file.section("abbrev");
    const table = new Abbreviations(section.from(at), header);
    file.abbreviations.set(key, table);
    return table;
  }
}

/** The entry at an offset of a file's `.debug_info`. */
function entryIn(file: UnitFile, offset: number): Die | undefined {
  const unit = file.unitAt(offset);
  return unit?.entryAt(offset - unit.offset);
}

/** Number `index` of a table of numbers that starts at `base`. */
function entryOf(section: DebugSection, base: number, index: number, stride: number, sizeBytes = stride): number {
  return readingPart(section.name, () => {
    return new DwarfReader(section.slice(base + index * stride, sizeBytes), section.littleEndian).unsigned(sizeBytes);
  });
}
