import { readingPart } from "../elf-error.ts";
import type { Die } from "./die.ts";
import { DwarfReader } from "./dwarf-reader.ts";
import { DW_AT, DW_FORM } from "./names.ts";
import { indexedOffset } from "./ranges.ts";
import type { Unit } from "./unit.ts";

/** Where a parameter is when its function is entered, as far as the debug information says it. */
export type EntryLocation =
  /** In a register, by DWARF's number for it. */
  | { readonly kind: "register"; readonly register: number }
  /** Nowhere: the compiler made a copy of the function for this value. */
  | { readonly kind: "constant"; readonly value: bigint };

/** Kinds of entries of location lists (section 7.7.3). */
const LLE = {
  end_of_list: 0,
  base_addressx: 1,
  startx_endx: 2,
  startx_length: 3,
  offset_pair: 4,
  default_location: 5,
  base_address: 6,
  start_end: 7,
  start_length: 8,
  GNU_view_pair: 9,
} as const;

/** Operations of location expressions (section 7.7.1). */
const OP = {
  constu: 0x10,
  consts: 0x11,
  lit0: 0x30,
  lit31: 0x4f,
  reg0: 0x50,
  reg31: 0x6f,
  regx: 0x90,
  stack_value: 0x9f,
};

/**
 * Where a parameter is at `address`, the first of its function. Without optimisation nothing is said of that place:
 * there the calling convention alone tells. Throws `ElfError`.
 */
export function entryLocation(unit: Unit, parameter: Die, address: number): EntryLocation | undefined {
  const constant = parameter.integer(DW_AT.const_value);
  if (constant !== undefined) return { kind: "constant", value: constant };
  const whole = parameter.block(DW_AT.location);
  const expression = whole ?? expressionAt(unit, parameter, address);
  return expression && readingPart("location", () => evaluate(expression, unit.littleEndian));
}

function evaluate(expression: Uint8Array, littleEndian: boolean): EntryLocation | undefined {
  const reader = new DwarfReader(expression, littleEndian);
  if (reader.remaining === 0) return undefined;
  const operation = reader.u8();
  if (operation >= OP.reg0 && operation <= OP.reg31 && reader.remaining === 0)
    return { kind: "register", register: operation - OP.reg0 };
  if (operation === OP.regx) return { kind: "register", register: reader.uleb() };
  const value = constantOf(operation, reader);
  const isValue = value !== undefined && reader.remaining === 1 && reader.u8() === OP.stack_value;
  return isValue ? { kind: "constant", value } : undefined;
}

function constantOf(operation: number, reader: DwarfReader): bigint | undefined {
  if (operation >= OP.lit0 && operation <= OP.lit31) return BigInt(operation - OP.lit0);
  if (operation === OP.constu) return reader.wideUleb();
  return operation === OP.consts ? reader.sleb() : undefined;
}

/** The expression of a location list that holds at an address. */
function expressionAt(unit: Unit, parameter: Die, address: number): Uint8Array | undefined {
  const form = parameter.form(DW_AT.location);
  const value = parameter.number(DW_AT.location);
  if (form === undefined || value === undefined) return undefined;
  const section = unit.file.section(unit.version < 5 ? "loc" : "loclists");
  // What GCC wrote for split units before version 5 is a format of its own.
  if (section.sizeBytes === 0 || (unit.version < 5 && unit.skeleton)) return undefined;
  return readingPart(section.name, () => {
    if (unit.version < 5) return inPairs(unit, section.from(value), address);
    const isIndexed = form === DW_FORM.loclistx;
    const offset = isIndexed ? indexedOffset(unit, "loclists", value) : value + unit.contribution.loclists;
    return inList(unit, section.from(offset), address);
  });
}

function inPairs(unit: Unit, bytes: Uint8Array, address: number): Uint8Array | undefined {
  const { addressBytes } = unit;
  const largest = addressBytes === 4 ? 0xffffffff : 2 ** 64;
  const reader = new DwarfReader(bytes, unit.littleEndian);
  for (let base = unit.lowPc; ; ) {
    const first = reader.unsigned(addressBytes);
    const second = reader.unsigned(addressBytes);
    if (first === 0 && second === 0) return undefined;
    if (first === largest) {
      base = second;
      continue;
    }
    const expression = reader.take(reader.u16());
    if (address >= base + first && address < base + second) return expression;
  }
}

function inList(unit: Unit, bytes: Uint8Array, address: number): Uint8Array | undefined {
  const reader = new DwarfReader(bytes, unit.littleEndian);
  const own = () => reader.unsigned(unit.addressBytes);
  const indexed = () => unit.indexedAddress(reader.uleb());
  let base = unit.lowPc;
  const range = (kind: number): readonly [start: number, end: number] => {
    switch (kind) {
      case LLE.startx_endx:
        return [indexed(), indexed()];
      case LLE.startx_length:
        return sized(indexed(), reader);
      case LLE.offset_pair:
        return [base + reader.uleb(), base + reader.uleb()];
      case LLE.start_end:
        return [own(), own()];
      case LLE.start_length:
        return sized(own(), reader);
      default:
        return [0, Number.MAX_SAFE_INTEGER];
    }
  };
  for (;;) {
    const kind = reader.u8();
    if (kind === LLE.end_of_list || kind > LLE.GNU_view_pair) return undefined;
    if (kind === LLE.base_addressx) base = indexed();
    else if (kind === LLE.base_address) base = own();
    else if (kind === LLE.GNU_view_pair) {
      reader.skipLeb();
      reader.skipLeb();
    } else {
      const [start, end] = range(kind);
      const expression = reader.take(reader.uleb());
      if (address >= start && address < end) return expression;
    }
  }
}

function sized(start: number, reader: DwarfReader): readonly [start: number, end: number] {
  return [start, start + reader.uleb()];
}
