/** Where the fields of a struct lie: the System V ABI of x86-64 and that of arm64, which agree. */
import { alignUp } from "@beetrace/std";
import type { CField, CStruct } from "../c-ast.ts";

/** Size and alignment of a type. */
export interface Measure {
  readonly sizeBytes: number;
  readonly alignBytes: number;
}

/** A struct or union with the places of its fields, in bits from its start, by their index. */
export interface Layout extends Measure {
  readonly bitOffsets: readonly number[];
}

/** Lays out fields whose types are as large as `measures` say. */
export function layOutFields(definition: CStruct, measures: readonly Measure[]): Layout {
  const bitOffsets: number[] = [];
  let next = 0;
  let sizeBits = 0;
  let alignBytes = definition.alignedBytes ?? 1;
  definition.fields.forEach((field, index) => {
    const measure = measures[index];
    const own = fieldAlignment(field, measure, definition.packed);
    // A bitfield without a name aligns what follows, not the struct.
    if (field.bitWidth === undefined || field.name !== "") alignBytes = Math.max(alignBytes, own);
    if (definition.kind === "union") next = 0;
    const at = field.bitWidth === undefined ? alignUp(next, own * 8) : bitStart(next, field, measure, own);
    bitOffsets.push(at);
    next = at + (field.bitWidth ?? measure.sizeBytes * 8);
    sizeBits = Math.max(sizeBits, next);
  });
  return { bitOffsets, alignBytes, sizeBytes: alignUp(Math.ceil(sizeBits / 8), alignBytes) };
}

function fieldAlignment(field: CField, { alignBytes }: Measure, packed: boolean): number {
  return Math.max(packed || field.packed ? 1 : alignBytes, field.alignedBytes ?? 1);
}

/** Bits follow one another; they cross the borders of their own type only in a packed struct. A width of 0 ends one. */
function bitStart(next: number, field: CField, { sizeBytes }: Measure, own: number): number {
  const unit = Math.max(1, sizeBytes) * 8;
  const width = field.bitWidth ?? 0;
  if (width === 0) return alignUp(next, unit);
  const at = field.alignedBytes === undefined ? next : alignUp(next, own * 8);
  const crosses = Math.floor(at / unit) !== Math.floor((at + width - 1) / unit);
  return crosses && own * 8 >= unit ? alignUp(at, unit) : at;
}
