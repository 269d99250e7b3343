import { ElfError } from "./elf-error.ts";
import type { ElfHeaders } from "./elf-headers.ts";
import { type NameScan, type SymbolNames, symbolNames } from "./symbol-names.ts";

/** The bytes of one symbol table: its entries, its strings, and the version of each entry (`.gnu.version`). */
export interface SymbolSection {
  readonly entries: Uint8Array;
  readonly strings: Uint8Array;
  readonly versions?: Uint8Array;
}

/** Symbols as columns: a large library has 65,000 of them, and most are never looked at. */
export interface SymbolRows {
  readonly count: number;
  readonly address: Float64Array;
  readonly sizeBytes: Float64Array;
  /** `st_info`: the bind in the high four bits, the type in the low four. */
  readonly info: Uint8Array;
  readonly sectionIndex: Uint16Array;
  readonly nameHash: Uint32Array;
  /** 1 for a symbol that only programs linked against an older version see. */
  readonly isOldVersion: Uint8Array;
  name(row: number): string;
  nameEquals(row: number, name: Uint8Array): boolean;
}

const SHN_UNDEF = 0;
const SHN_COMMON = 0xfff2;
const STT_SECTION = 3;
const STT_FILE = 4;
const VERSYM_HIDDEN = 0x8000;
const DOLLAR = 0x24;

/** Reads the defined symbols of the sections in order; a later section's that an earlier one has are dropped. */
export function readSymbols(sections: readonly SymbolSection[], headers: ElfHeaders): SymbolRows {
  const entrySizeBytes = headers.class === 64 ? 24 : 16;
  const most = sections.reduce((sum, section) => sum + Math.floor(section.entries.length / entrySizeBytes), 0);
  const rows = new RowWriter(most);
  for (const section of sections) readSection(section, headers, entrySizeBytes, rows);
  return rows.finish();
}

function readSection(section: SymbolSection, headers: ElfHeaders, entrySizeBytes: number, rows: RowWriter): void {
  const { entries, versions } = section;
  const view = new DataView(entries.buffer, entries.byteOffset, entries.byteLength);
  const versionView = versions && new DataView(versions.buffer, versions.byteOffset, versions.byteLength);
  const wide = headers.class === 64;
  const little = headers.littleEndian;
  rows.startSection(section.strings);
  for (let at = 0, index = 0; at + entrySizeBytes <= entries.length; at += entrySizeBytes, index++) {
    const sectionIndex = view.getUint16(at + (wide ? 6 : 14), little);
    const info = view.getUint8(at + (wide ? 4 : 12));
    const nameOffset = view.getUint32(at, little);
    if (sectionIndex === SHN_UNDEF || sectionIndex === SHN_COMMON || nameOffset === 0) continue;
    if ((info & 15) === STT_SECTION || (info & 15) === STT_FILE) continue;
    if (isMappingSymbol(headers, section.strings, nameOffset, info)) continue;
    const address = wide ? wordAt(view, at + 8, little) : view.getUint32(at + 4, little);
    const sizeBytes = wide ? wordAt(view, at + 16, little) : view.getUint32(at + 8, little);
    // Absolute values beyond 2^53 (flags, hashes) are no addresses of user space.
    if (address > Number.MAX_SAFE_INTEGER || sizeBytes > Number.MAX_SAFE_INTEGER) continue;
    const version =
      versionView && index * 2 + 2 <= versionView.byteLength ? versionView.getUint16(index * 2, little) : 0;
    rows.add(nameOffset, address, sizeBytes, info, sectionIndex, (version & VERSYM_HIDDEN) !== 0);
  }
}

function wordAt(view: DataView, at: number, little: boolean): number {
  const first = view.getUint32(at, little);
  const second = view.getUint32(at + 4, little);
  return little ? second * 4294967296 + first : first * 4294967296 + second;
}

/** `$x`, `$d` and the like mark code and data for disassemblers ("ELF for the Arm 64-bit Architecture", 5.4). */
function isMappingSymbol(headers: ElfHeaders, strings: Uint8Array, nameOffset: number, info: number): boolean {
  const isArm = headers.machine === "aarch64" || headers.machine === "arm";
  return isArm && (info & 15) === 0 && strings[nameOffset] === DOLLAR;
}

class RowWriter {
  #count = 0;
  readonly #address: Float64Array;
  readonly #sizeBytes: Float64Array;
  readonly #info: Uint8Array;
  readonly #sectionIndex: Uint16Array;
  readonly #nameHash: Uint32Array;
  readonly #nameOffset: Uint32Array;
  readonly #isOldVersion: Uint8Array;
  readonly #names: { readonly firstRow: number; readonly names: SymbolNames }[] = [];
  /** Name and address of each row as one number. */
  readonly #key: Float64Array;
  /** The keys of the sections before this one, sorted, to drop repeats. */
  #earlierKeys = new Float64Array(0);
  #nameBytesLeft = 0;
  readonly #scanned: NameScan = { hash: 0, end: 0 };

  constructor(capacity: number) {
    this.#address = new Float64Array(capacity);
    this.#sizeBytes = new Float64Array(capacity);
    this.#info = new Uint8Array(capacity);
    this.#sectionIndex = new Uint16Array(capacity);
    this.#nameHash = new Uint32Array(capacity);
    this.#nameOffset = new Uint32Array(capacity);
    this.#isOldVersion = new Uint8Array(capacity);
    this.#key = new Float64Array(capacity);
  }

  startSection(strings: Uint8Array): void {
    this.#earlierKeys = this.#key.slice(0, this.#count).sort();
    this.#names.push({ firstRow: this.#count, names: symbolNames(strings) });
    // Linkers share tails of names, but names of a hostile file may all share one long tail: that would take for ever.
    this.#nameBytesLeft = strings.length * 64 + 65536;
  }

  add(offset: number, address: number, sizeBytes: number, info: number, section: number, hidden: boolean): void {
    const { names } = this.#names[this.#names.length - 1];
    const scanned = this.#scanned;
    names.scan(offset, scanned);
    this.#nameBytesLeft -= scanned.end - offset;
    if (this.#nameBytesLeft < 0) throw new ElfError("symbol names overlap beyond reason");
    const key = scanned.hash * 2097152 + (address % 2097152);
    if (holds(this.#earlierKeys, key)) return;
    const row = this.#count++;
    this.#key[row] = key;
    this.#address[row] = address;
    this.#sizeBytes[row] = sizeBytes;
    this.#info[row] = info;
    this.#sectionIndex[row] = section;
    this.#nameHash[row] = scanned.hash;
    this.#nameOffset[row] = offset;
    this.#isOldVersion[row] = hidden || names.hasOldVersion(scanned.end) ? 1 : 0;
  }

  finish(): SymbolRows {
    const count = this.#count;
    const sections = this.#names.toReversed();
    const offsets = this.#nameOffset;
    const namesOf = (row: number) => (sections.find((section) => section.firstRow <= row) ?? sections[0]).names;
    return {
      count,
      address: this.#address.subarray(0, count),
      sizeBytes: this.#sizeBytes.subarray(0, count),
      info: this.#info.subarray(0, count),
      sectionIndex: this.#sectionIndex.subarray(0, count),
      nameHash: this.#nameHash.subarray(0, count),
      isOldVersion: this.#isOldVersion.subarray(0, count),
      name: (row) => namesOf(row).text(offsets[row]),
      nameEquals: (row, name) => namesOf(row).equals(offsets[row], name),
    };
  }
}

function holds(sorted: Float64Array, key: number): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < key) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === key;
}
