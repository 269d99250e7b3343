import { ElfError } from "../elf-error.ts";
import type { DwarfReader } from "./dwarf-reader.ts";
import { DW_FORM } from "./names.ts";

/** How a unit writes its numbers. */
export interface Encoding {
  readonly littleEndian: boolean;
  readonly version: number;
  /** 4, or 8 in the 64-bit format. */
  readonly offsetBytes: 4 | 8;
  readonly addressBytes: number;
}

/** How many bytes a value of this form has; -1 where that depends on the value. */
export function fixedFormBytes(form: number, { version, offsetBytes, addressBytes }: Encoding): number {
  switch (form) {
    case DW_FORM.flag_present:
    case DW_FORM.implicit_const:
      return 0;
    case DW_FORM.data1:
    case DW_FORM.ref1:
    case DW_FORM.flag:
    case DW_FORM.strx1:
    case DW_FORM.addrx1:
      return 1;
    case DW_FORM.data2:
    case DW_FORM.ref2:
    case DW_FORM.strx2:
    case DW_FORM.addrx2:
      return 2;
    case DW_FORM.strx3:
    case DW_FORM.addrx3:
      return 3;
    case DW_FORM.data4:
    case DW_FORM.ref4:
    case DW_FORM.strx4:
    case DW_FORM.addrx4:
    case DW_FORM.ref_sup4:
      return 4;
    case DW_FORM.data8:
    case DW_FORM.ref8:
    case DW_FORM.ref_sig8:
    case DW_FORM.ref_sup8:
      return 8;
    case DW_FORM.data16:
      return 16;
    case DW_FORM.addr:
      return addressBytes;
    case DW_FORM.ref_addr:
      return version === 2 ? addressBytes : offsetBytes;
    case DW_FORM.sec_offset:
    case DW_FORM.strp:
    case DW_FORM.line_strp:
    case DW_FORM.strp_sup:
    case DW_FORM.GNU_ref_alt:
    case DW_FORM.GNU_strp_alt:
      return offsetBytes;
    default:
      return -1;
  }
}

/** Moves over a value. Throws {@link ElfError} on a form that is not known: where the next value is, is not known then. */
export function skipForm(reader: DwarfReader, form: number, encoding: Encoding): void {
  const fixed = fixedFormBytes(form, encoding);
  if (fixed >= 0) return reader.skip(fixed);
  switch (form) {
    case DW_FORM.block1:
      return reader.skip(reader.u8());
    case DW_FORM.block2:
      return reader.skip(reader.u16());
    case DW_FORM.block4:
      return reader.skip(reader.u32());
    case DW_FORM.block:
    case DW_FORM.exprloc:
      return reader.skip(reader.uleb());
    case DW_FORM.string:
      while (reader.u8() !== 0);
      return;
    case DW_FORM.udata:
    case DW_FORM.sdata:
    case DW_FORM.ref_udata:
    case DW_FORM.strx:
    case DW_FORM.addrx:
    case DW_FORM.loclistx:
    case DW_FORM.rnglistx:
    case DW_FORM.GNU_addr_index:
    case DW_FORM.GNU_str_index:
      return reader.skipLeb();
    case DW_FORM.indirect:
      return skipForm(reader, directForm(reader), encoding);
    default:
      throw new ElfError(`debug information: form 0x${form.toString(16)} is not known`);
  }
}

/** The form that an indirect value names. */
export function directForm(reader: DwarfReader): number {
  const form = reader.uleb();
  if (form === DW_FORM.indirect || form === DW_FORM.implicit_const)
    throw new ElfError("debug information: an indirect form names another");
  return form;
}

/** The number that a value of a plain integer form holds, as it is written; `undefined` for other forms. */
export function plainNumber(reader: DwarfReader, form: number, encoding: Encoding): number | undefined {
  switch (form) {
    case DW_FORM.udata:
    case DW_FORM.ref_udata:
    case DW_FORM.strx:
    case DW_FORM.addrx:
    case DW_FORM.loclistx:
    case DW_FORM.rnglistx:
    case DW_FORM.GNU_addr_index:
    case DW_FORM.GNU_str_index:
      return reader.uleb();
    case DW_FORM.sdata:
      return Number(reader.sleb());
    case DW_FORM.flag_present:
      return 1;
    default: {
      const sizeBytes = fixedFormBytes(form, encoding);
      return sizeBytes >= 1 && sizeBytes <= 8 ? reader.unsigned(sizeBytes) : undefined;
    }
  }
}
