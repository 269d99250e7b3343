import { DwarfReader } from "./dwarf-reader.ts";
import { type Encoding, fixedFormBytes } from "./form.ts";
import { DW_FORM } from "./names.ts";

/** The shape of entries that share a code (section 7.5.3): their tag, and which attributes follow in which form. */
export interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly attributes: readonly number[];
  readonly forms: readonly number[];
  /** Values that stand here and not in the entries, by the attribute's place. */
  readonly implicit?: ReadonlyMap<number, bigint>;
  /** Bytes that the attributes of every such entry have; -1 where that differs. */
  readonly fixedBytes: number;
}

/**
 * The abbreviations of a unit, by code. They are read only as far as one is looked for: of most units no more than
 * the first entry is looked at, whose abbreviation is the first.
 */
export class Abbreviations {
  readonly #encoding: Encoding;
  readonly #table = new Map<number, Abbreviation>();
  #rest: DwarfReader | undefined;

  /** The table starts at the first of `bytes`. */
  constructor(bytes: Uint8Array, encoding: Encoding) {
    this.#encoding = encoding;
    this.#rest = new DwarfReader(bytes, encoding.littleEndian);
  }

  /** Throws `OutOfBoundsError` where the table has no end. */
  get(code: number): Abbreviation | undefined {
    return this.#table.get(code) ?? (this.#rest ? this.#readUpTo(code, this.#rest) : undefined);
  }

  #readUpTo(wanted: number, reader: DwarfReader): Abbreviation | undefined {
    for (let code = reader.uleb(); code !== 0; code = reader.uleb()) {
      const abbreviation = readAbbreviation(reader, this.#encoding);
      this.#table.set(code, abbreviation);
      if (code === wanted) return abbreviation;
    }
    this.#rest = undefined;
    return undefined;
  }
}

function readAbbreviation(reader: DwarfReader, encoding: Encoding): Abbreviation {
  const tag = reader.uleb();
  const hasChildren = reader.u8() !== 0;
  const attributes: number[] = [];
  const forms: number[] = [];
  let implicit: Map<number, bigint> | undefined;
  let fixedBytes = 0;
  for (;;) {
    const attribute = reader.uleb();
    const form = reader.uleb();
    if (form === DW_FORM.implicit_const) {
      implicit ??= new Map();
      implicit.set(attributes.length, reader.sleb());
    }
    if (attribute === 0 && form === 0)
      return { tag, hasChildren, attributes, forms, fixedBytes, ...(implicit ? { implicit } : {}) };
    attributes.push(attribute);
    forms.push(form);
    const sizeBytes = fixedFormBytes(form, encoding);
    fixedBytes = sizeBytes < 0 || fixedBytes < 0 ? -1 : fixedBytes + sizeBytes;
  }
}
