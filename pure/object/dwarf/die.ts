import { utf8 } from "@beetrace/std";
import { ElfError } from "../elf-error.ts";
import type { Abbreviation, Abbreviations } from "./abbreviations.ts";
import { DwarfReader } from "./dwarf-reader.ts";
import { directForm, type Encoding, plainNumber, skipForm } from "./form.ts";
import { DW_AT, DW_FORM } from "./names.ts";

/** Entries that continue each other (`specification`, `abstract_origin`) are followed so far: damaged ones go in circles. */
const LONGEST_CHAIN = 16;

/** What an entry needs of its unit. */
export interface DieContext extends Encoding {
  /** Where the unit starts in its section. */
  readonly offset: number;
  /** The whole unit, with its header. */
  readonly bytes: Uint8Array;
  readonly abbreviations: Abbreviations;
  /** The text of a string form: of an offset, or an index into the unit's table of offsets. */
  string(form: number, value: number): string;
  /** An address by its index in the unit's table of addresses. */
  indexedAddress(index: number): number;
  /** The entry that a reference form means; `undefined` where it is in a file that is not there. */
  refer(form: number, value: number, signature: bigint): Die | undefined;
}

/** A debugging information entry: what it is, and where its attributes are. Offsets are those of its unit. */
export class Die {
  readonly unit: DieContext;
  readonly offset: number;
  readonly abbreviation: Abbreviation;
  /** Where the next entry is: the first child, where it has some. */
  readonly end: number;
  readonly #positions: readonly number[];

  private constructor(unit: DieContext, offset: number, abbreviation: Abbreviation, positions: number[], end: number) {
    this.unit = unit;
    this.offset = offset;
    this.abbreviation = abbreviation;
    this.#positions = positions;
    this.end = end;
  }

  /** The entry at `offset` of a unit; `undefined` where there is the end of a list of children. Throws `ElfError`. */
  static read(unit: DieContext, offset: number): Die | undefined {
    const reader = new DwarfReader(unit.bytes, unit.littleEndian, offset);
    const code = reader.uleb();
    if (code === 0) return undefined;
    const abbreviation = unit.abbreviations.get(code);
    if (!abbreviation) throw new ElfError(`debug information: there is no abbreviation ${code}`);
    const positions = abbreviation.forms.map((form) => {
      const position = reader.offset;
      skipForm(reader, form, unit);
      return position;
    });
    return new Die(unit, offset, abbreviation, positions, reader.offset);
  }

  get tag(): number {
    return this.abbreviation.tag;
  }

  /** Where the entry is in its section: the same for the same entry, however it was found. */
  get sectionOffset(): number {
    return this.unit.offset + this.offset;
  }

  has(attribute: number): boolean {
    return this.abbreviation.attributes.includes(attribute);
  }

  /** In which form an attribute is; indirect forms are resolved. */
  form(attribute: number): number | undefined {
    return this.#value(attribute)?.form;
  }

  /** An integer, an offset, an index or a flag; signed forms as signed numbers. */
  number(attribute: number): number | undefined {
    const value = this.#value(attribute);
    if (!value) return undefined;
    if (value.form === DW_FORM.implicit_const) return Number(value.implicit);
    return plainNumber(value.reader, value.form, this.unit);
  }

  /** An integer of up to 64 bits; one of a fixed size has no sign of its own. */
  integer(attribute: number): bigint | undefined {
    const value = this.#value(attribute);
    if (!value) return undefined;
    switch (value.form) {
      case DW_FORM.implicit_const:
        return value.implicit;
      case DW_FORM.sdata:
        return value.reader.sleb();
      case DW_FORM.udata:
        return value.reader.wideUleb();
      case DW_FORM.data8:
        return value.reader.u64();
      default: {
        const number = plainNumber(value.reader, value.form, this.unit);
        return number === undefined ? undefined : BigInt(number);
      }
    }
  }

  flag(attribute: number): boolean {
    return (this.number(attribute) ?? 0) !== 0;
  }

  text(attribute: number): string | undefined {
    const value = this.#value(attribute);
    if (!value) return undefined;
    const { reader, form } = value;
    if (form === DW_FORM.string) {
      const end = reader.bytes.indexOf(0, reader.offset);
      return utf8(reader.take(end - reader.offset));
    }
    const number = plainNumber(reader, form, this.unit);
    return number === undefined ? undefined : this.unit.string(form, number);
  }

  /** An address, in its own form or by its index. */
  address(attribute: number): number | undefined {
    const value = this.#value(attribute);
    if (!value || !isAddressForm(value.form)) return undefined;
    const number = plainNumber(value.reader, value.form, this.unit);
    if (number === undefined || value.form === DW_FORM.addr) return number;
    return this.unit.indexedAddress(number);
  }

  /** The bytes of a block or an expression. */
  block(attribute: number): Uint8Array | undefined {
    const value = this.#value(attribute);
    if (!value) return undefined;
    const { reader, form } = value;
    switch (form) {
      case DW_FORM.exprloc:
      case DW_FORM.block:
        return reader.take(reader.uleb());
      case DW_FORM.block1:
        return reader.take(reader.u8());
      case DW_FORM.block2:
        return reader.take(reader.u16());
      case DW_FORM.block4:
        return reader.take(reader.u32());
      case DW_FORM.data16:
        return reader.take(16);
      default:
        return undefined;
    }
  }

  /** The entry that an attribute refers to. */
  reference(attribute: number): Die | undefined {
    const value = this.#value(attribute);
    if (!value) return undefined;
    const { reader, form } = value;
    if (form === DW_FORM.ref_sig8) return this.unit.refer(form, 0, reader.u64());
    const number = plainNumber(reader, form, this.unit);
    return number === undefined ? undefined : this.unit.refer(form, number, 0n);
  }

  /** This entry, or the one that it continues, which has the attribute. */
  inheriting(attribute: number): Die | undefined {
    let die: Die | undefined = this;
    for (let length = 0; die && length < LONGEST_CHAIN; length++) {
      if (die.has(attribute)) return die;
      die = die.reference(DW_AT.abstract_origin) ?? die.reference(DW_AT.specification);
    }
    return undefined;
  }

  /** The entries directly below. */
  *children(): Iterable<Die> {
    if (!this.abbreviation.hasChildren) return;
    let depth = 0;
    for (let at = this.end; ; ) {
      const die = Die.read(this.unit, at);
      if (!die) {
        if (depth === 0) return;
        depth--;
        at++;
        continue;
      }
      if (depth === 0) yield die;
      const next: number | undefined = die.abbreviation.hasChildren ? die.sibling : die.end;
      if (next === undefined) depth++;
      at = next ?? die.end;
    }
  }

  /** Where the entry behind this one and all that is below it starts, where that is said. */
  get sibling(): number | undefined {
    const sibling = this.number(DW_AT.sibling);
    // One that does not lead forward would be followed for ever.
    return sibling !== undefined && sibling > this.offset && sibling >= this.end ? sibling : undefined;
  }

  #value(
    attribute: number,
  ): { readonly form: number; readonly reader: DwarfReader; readonly implicit: bigint } | undefined {
    const { attributes, forms, implicit } = this.abbreviation;
    const index = attributes.indexOf(attribute);
    if (index < 0) return undefined;
    const reader = new DwarfReader(this.unit.bytes, this.unit.littleEndian, this.#positions[index]);
    const form = forms[index] === DW_FORM.indirect ? directForm(reader) : forms[index];
    return { form, reader, implicit: implicit?.get(index) ?? 0n };
  }
}

/** Whether a form holds an address, and not a distance. */
export function isAddressForm(form: number | undefined): boolean {
  switch (form) {
    case DW_FORM.addr:
    case DW_FORM.addrx:
    case DW_FORM.addrx1:
    case DW_FORM.addrx2:
    case DW_FORM.addrx3:
    case DW_FORM.addrx4:
    case DW_FORM.GNU_addr_index:
      return true;
    default:
      return false;
  }
}
