import { ElfError, readingPart } from "../elf-error.ts";
import type { DebugSection } from "./debug-section.ts";
import { DwarfReader } from "./dwarf-reader.ts";
import type { Encoding } from "./form.ts";
import { DW_UT } from "./names.ts";

/** The header of a unit (section 7.5.1). Offsets are those of its section. */
export interface UnitHeader extends Encoding {
  readonly offset: number;
  /** With the header. */
  readonly sizeBytes: number;
  /** Where its first entry is, from its start. */
  readonly firstEntry: number;
  /** `DW_UT_*` */
  readonly type: number;
  readonly abbreviationsOffset: number;
  /** Of a type unit, or of the two halves of a split one. */
  readonly id: bigint;
  /** Of a type unit: where its type is, from the start of the unit. */
  readonly typeOffset: number;
}

const LONGEST_HEADER_BYTES = 48;

/** The headers of all units, in the order of the section; `isTypes` for `.debug_types` of version 4. Throws `ElfError`. */
export function readUnitHeaders(section: DebugSection, isTypes: boolean): readonly UnitHeader[] {
  const headers: UnitHeader[] = [];
  for (let offset = 0; offset < section.sizeBytes; ) {
    const bytes = section.slice(offset, Math.min(LONGEST_HEADER_BYTES, section.sizeBytes - offset));
    const header = readingPart(section.name, () => readHeader(bytes, offset, section, isTypes));
    headers.push(header);
    offset += header.sizeBytes;
  }
  return headers;
}

/** A length, and with it how wide offsets are: 0xffffffff says that the length follows in 64 bits (section 7.4). */
export function readInitialLength(reader: DwarfReader): { readonly length: number; readonly offsetBytes: 4 | 8 } {
  const first = reader.u32();
  if (first < 0xfffffff0) return { length: first, offsetBytes: 4 };
  if (first !== 0xffffffff) throw new ElfError(`debug information: 0x${first.toString(16)} is no length`);
  return { length: reader.unsigned(8), offsetBytes: 8 };
}

function readHeader(bytes: Uint8Array, offset: number, section: DebugSection, isTypes: boolean): UnitHeader {
  const reader = new DwarfReader(bytes, section.littleEndian);
  const { length, offsetBytes } = readInitialLength(reader);
  const sizeBytes = reader.offset + length;
  if (length < 2 || offset + sizeBytes > section.sizeBytes)
    throw new ElfError(`${section.name}: the unit at 0x${offset.toString(16)} goes beyond its end`);
  const version = reader.u16();
  if (version < 2 || version > 5) throw new ElfError(`${section.name}: DWARF version ${version} is not known`);
  let type: number = isTypes ? DW_UT.type : DW_UT.compile;
  let addressBytes = 0;
  if (version >= 5) {
    type = reader.u8();
    addressBytes = reader.u8();
  }
  const abbreviationsOffset = reader.unsigned(offsetBytes);
  if (version < 5) addressBytes = reader.u8();
  if (addressBytes !== 4 && addressBytes !== 8)
    throw new ElfError(`${section.name}: addresses of ${addressBytes} bytes are not known`);
  const isTypeUnit = type === DW_UT.type || type === DW_UT.split_type;
  const hasId = isTypeUnit || type === DW_UT.skeleton || type === DW_UT.split_compile;
  const id = hasId ? reader.u64() : 0n;
  const typeOffset = isTypeUnit ? reader.unsigned(offsetBytes) : 0;
  const { littleEndian } = section;
  const encoding = { littleEndian, version, offsetBytes, addressBytes };
  return { ...encoding, offset, sizeBytes, firstEntry: reader.offset, type, abbreviationsOffset, id, typeOffset };
}
