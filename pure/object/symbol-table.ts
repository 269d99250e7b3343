import { type AddressIndex, buildAddressIndex } from "./address-index.ts";
import type { ElfHeaders } from "./elf-headers.ts";
import { hashName, nameBytes } from "./symbol-names.ts";
import { readSymbols, type SymbolRows, type SymbolSection } from "./symbol-rows.ts";

/** What a symbol stands for (`STT_*`). */
export type SymbolType = "NOTYPE" | "OBJECT" | "FUNC" | "COMMON" | "TLS" | "IFUNC" | `stt_${number}`;

/** How far a symbol is seen (`STB_*`). */
export type SymbolBind = "LOCAL" | "GLOBAL" | "WEAK" | "UNIQUE" | `stb_${number}`;

/** A defined symbol of an ELF file. */
export interface ElfSymbol {
  /** As in the file (mangled), without `@VERSION`. */
  readonly name: string;
  readonly address: number;
  /** 0 when the file does not say. */
  readonly sizeBytes: number;
  readonly type: SymbolType;
  readonly bind: SymbolBind;
  /** The section it is in; 0xfff1 (`SHN_ABS`) when its value is not an address in one. */
  readonly sectionIndex: number;
}

/**
 * The defined symbols of a file: `.symtab`'s first, then those of `.dynsym` that it lacks.
 * Imports, section and file symbols, and the mapping symbols of Arm are left out.
 */
export interface SymbolTable extends Iterable<ElfSymbol> {
  readonly count: number;
  /** The symbol of that name; of several, one of the default version before others, then the first. */
  findByName(name: string): ElfSymbol | undefined;
  /** All symbols of that name, in the order of the file. */
  findAll(name: string): ElfSymbol[];
  /**
   * The symbol whose bytes hold `address`. Of several that start together: functions first, then global before weak
   * before local. A symbol without a size reaches to the next one within its section.
   */
  findByAddress(address: number): { readonly symbol: ElfSymbol; readonly offset: number } | undefined;
  /** Every name, repeated where several symbols share it. */
  names(): Iterable<string>;
}

const TYPES: Readonly<Record<number, SymbolType>> = {
  0: "NOTYPE",
  1: "OBJECT",
  2: "FUNC",
  5: "COMMON",
  6: "TLS",
  10: "IFUNC",
};
const BINDS: Readonly<Record<number, SymbolBind>> = { 0: "LOCAL", 1: "GLOBAL", 2: "WEAK", 10: "UNIQUE" };

/** Builds the table of the given sections, `.symtab` before `.dynsym`. Throws {@link ElfError}. */
export function buildSymbolTable(sections: readonly SymbolSection[], headers: ElfHeaders): SymbolTable {
  const rows = readSymbols(sections, headers);
  let byName: NameIndex | undefined;
  let byAddress: AddressIndex | undefined;
  const symbol = (row: number): ElfSymbol => ({
    name: rows.name(row),
    address: rows.address[row],
    sizeBytes: rows.sizeBytes[row],
    type: TYPES[rows.info[row] & 15] ?? `stt_${rows.info[row] & 15}`,
    bind: BINDS[rows.info[row] >> 4] ?? `stb_${rows.info[row] >> 4}`,
    sectionIndex: rows.sectionIndex[row],
  });
  const rowsNamed = (name: string): number[] => {
    byName ??= buildNameIndex(rows);
    return findRows(rows, byName, nameBytes(name));
  };
  return {
    count: rows.count,
    findByName(name) {
      const found = rowsNamed(name);
      const best = found.find((row) => rows.isOldVersion[row] === 0) ?? found[0];
      return best === undefined ? undefined : symbol(best);
    },
    findAll: (name) => rowsNamed(name).map(symbol),
    findByAddress(address) {
      byAddress ??= buildAddressIndex(rows, headers.sections);
      const row = byAddress.find(address);
      return row < 0 ? undefined : { symbol: symbol(row), offset: address - rows.address[row] };
    },
    *names() {
      for (let row = 0; row < rows.count; row++) yield rows.name(row);
    },
    *[Symbol.iterator]() {
      for (let row = 0; row < rows.count; row++) yield symbol(row);
    },
  };
}

/** A hash table with chains, as arrays: the rows of a bucket in their order; -1 ends a chain. */
interface NameIndex {
  readonly heads: Int32Array;
  readonly next: Int32Array;
}

function buildNameIndex(rows: SymbolRows): NameIndex {
  let size = 16;
  while (size < rows.count) size *= 2;
  const heads = new Int32Array(size).fill(-1);
  const next = new Int32Array(rows.count);
  for (let row = rows.count - 1; row >= 0; row--) {
    const bucket = rows.nameHash[row] & (size - 1);
    next[row] = heads[bucket];
    heads[bucket] = row;
  }
  return { heads, next };
}

function findRows(rows: SymbolRows, index: NameIndex, name: Uint8Array): number[] {
  const hash = hashName(name);
  const found: number[] = [];
  for (let row = index.heads[hash & (index.heads.length - 1)] ?? -1; row >= 0; row = index.next[row]) {
    if (rows.nameHash[row] === hash && rows.nameEquals(row, name)) found.push(row);
  }
  return found;
}
