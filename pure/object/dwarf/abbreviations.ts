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
  readonly implicit: ReadonlyMap<number, bigint>;
  /** Bytes that the attributes of every such entry have; -1 where that differs. */
  readonly fixedBytes: number;
}

/** The abbreviations of a unit, by code. */
export type Abbreviations = ReadonlyMap<number, Abbreviation>;

/** Reads the table that starts at the first of `bytes`. Throws `OutOfBoundsError`. */
export function readAbbreviations(bytes: Uint8Array, encoding: Encoding): Abbreviations {
  const reader = new DwarfReader(bytes, encoding.littleEndian);
  const table = new Map<number, Abbreviation>();
  for (let code = reader.uleb(); code !== 0; code = reader.uleb()) {
    const tag = reader.uleb();
    const hasChildren = reader.u8() !== 0;
    table.set(code, { tag, hasChildren, ...readShape(reader, encoding) });
  }
  return table;
}

function readShape(reader: DwarfReader, encoding: Encoding): Omit<Abbreviation, "tag" | "hasChildren"> {
  const attributes: number[] = [];
  const forms: number[] = [];
  const implicit = new Map<number, bigint>();
  let fixedBytes = 0;
  for (;;) {
    const attribute = reader.uleb();
    const form = reader.uleb();
    if (form === DW_FORM.implicit_const) implicit.set(attributes.length, reader.sleb());
    if (attribute === 0 && form === 0) return { attributes, forms, implicit, fixedBytes };
    attributes.push(attribute);
    forms.push(form);
    const sizeBytes = fixedFormBytes(form, encoding);
    fixedBytes = sizeBytes < 0 || fixedBytes < 0 ? -1 : fixedBytes + sizeBytes;
  }
}
