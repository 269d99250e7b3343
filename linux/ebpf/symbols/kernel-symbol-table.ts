/**
 * The symbols of the kernel in typed arrays: 120,000 of them make no objects and no strings before they are asked for,
 * and the whole table goes to disk and back as one run of bytes.
 */
export interface KernelSymbolTable {
  /** Ascending; aliases stand in the order of /proc/kallsyms. */
  readonly addresses: BigUint64Array;
  /** Where the name of each symbol starts in `names`; one more entry for the end. */
  readonly nameStarts: Uint32Array;
  readonly names: Buffer;
  /** Bit 0: code. The other bits: 0 for the kernel itself, else 1 + the index into `modules`. */
  readonly owners: Uint16Array;
  readonly modules: readonly string[];
  /** Open addressing by {@link hashOf} the name, a power of two long: 1 + index of a symbol, 0 is free. */
  readonly slots: Uint32Array;
}

const SPACE = 32;
const TAB = 9;
const NEWLINE = 10;
const ADDRESS_DIGITS = 16;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** A module's index must fit {@link KernelSymbolTable.owners} beside the bit for code. */
const MOST_MODULES = 0x7ffe;

/** The value of each hexadecimal digit; 255 for other bytes. */
const HEX = Uint8Array.from({ length: 256 }, (_, byte) => {
  const digit = Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(digit) ? 255 : digit;
});

/** What is being parsed: columns with room for more rows than there are. */
interface Columns {
  count: number;
  /** Low and high word of each address. */
  words: Uint32Array;
  nameStarts: Uint32Array;
  hashes: Uint32Array;
  owners: Uint16Array;
  names: Uint8Array;
  nameBytes: number;
  ascending: boolean;
  readonly modules: string[];
  readonly moduleIds: Map<string, number>;
}

/**
 * Parses the text of /proc/kallsyms: lines of 16 digits, a type letter and a name, with `\t[module]` where it has one
 * (s_show in kernel/kallsyms.c). Other lines are skipped.
 */
export function parseKallsyms(text: Uint8Array): KernelSymbolTable {
  const columns = emptyColumns(text.length);
  for (let at = 0; at < text.length; ) at = parseLine(text, at, columns);
  return tableOf(columns);
}

function emptyColumns(textBytes: number): Columns {
  // A line has 44 bytes on average; the columns grow when that was too hopeful.
  const room = 16 + Math.ceil(textBytes / 32);
  return {
    count: 0,
    words: new Uint32Array(2 * room),
    nameStarts: new Uint32Array(room + 1),
    hashes: new Uint32Array(room),
    owners: new Uint16Array(room),
    names: new Uint8Array(textBytes),
    nameBytes: 0,
    ascending: true,
    modules: [],
    moduleIds: new Map(),
  };
}

/** Adds the symbol of the line at `at`, and returns where the next line starts. */
function parseLine(text: Uint8Array, at: number, to: Columns): number {
  const nameAt = at + ADDRESS_DIGITS + 3;
  const low = hexWord(text, at + 8);
  const high = hexWord(text, at);
  if (low < 0 || high < 0 || text[nameAt - 1] !== SPACE || !(text[nameAt] > SPACE)) return lineAfter(text, at);
  const index = to.count++;
  if (index === to.hashes.length) grow(to);
  to.words[2 * index] = low;
  to.words[2 * index + 1] = high;
  to.nameStarts[index] = to.nameBytes;
  const end = copyName(text, nameAt, index, to);
  const module = text[end] === TAB ? moduleOf(text, end, to) : 0;
  to.owners[index] = (module << 1) | (isCode(text[nameAt - 2]) ? 1 : 0);
  if (index > 0 && isBelow(to.words, index, index - 1)) to.ascending = false;
  return text[end] === NEWLINE ? end + 1 : lineAfter(text, end);
}

function lineAfter(text: Uint8Array, at: number): number {
  const end = text.indexOf(NEWLINE, at);
  return end < 0 ? text.length : end + 1;
}

/** Eight digits as an unsigned word; -1 when they are not all digits. */
function hexWord(text: Uint8Array, at: number): number {
  let word = 0;
  let wrong = 0;
  for (let digit = 0; digit < 8; digit++) {
    const value = HEX[text[at + digit]] ?? 255;
    wrong |= value;
    word = (word << 4) | value;
  }
  return wrong > 15 ? -1 : word >>> 0;
}

/** Copies the name up to a control character, hashing it on the way (FNV-1a of Fowler, Noll and Vo, 32 bits). */
function copyName(text: Uint8Array, from: number, index: number, to: Columns): number {
  const { names } = to;
  let hash = FNV_OFFSET;
  let out = to.nameBytes;
  let at = from;
  for (; at < text.length && text[at] >= SPACE; at++) {
    const byte = text[at];
    names[out++] = byte;
    hash = Math.imul(hash ^ byte, FNV_PRIME);
  }
  to.nameBytes = out;
  to.hashes[index] = hash;
  return at;
}

function hashOf(name: Uint8Array): number {
  let hash = FNV_OFFSET;
  for (const byte of name) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return hash >>> 0;
}

/** nm's letters for code: t, T, and the weak w, W. */
function isCode(type: number): boolean {
  const lower = type | 32;
  return lower === 116 || lower === 119;
}

/** 1 + the index of the module in `\t[module]`; 0 when it is not of that form. */
function moduleOf(text: Uint8Array, tab: number, to: Columns): number {
  const end = text.indexOf(93, tab);
  if (end < 0 || end - tab > 128) return 0;
  const name = Buffer.from(text.subarray(tab + 2, end)).toString("latin1");
  const known = to.moduleIds.get(name);
  if (known !== undefined) return known;
  if (to.modules.length === MOST_MODULES) return 0;
  to.modules.push(name);
  to.moduleIds.set(name, to.modules.length);
  return to.modules.length;
}

function isBelow(words: Uint32Array, a: number, b: number): boolean {
  const difference = words[2 * a + 1] - words[2 * b + 1];
  return difference < 0 || (difference === 0 && words[2 * a] < words[2 * b]);
}

function grow(columns: Columns): void {
  const room = 2 * columns.hashes.length;
  const widened = <T extends Uint32Array | Uint16Array>(to: T, from: T): T => {
    to.set(from);
    return to;
  };
  columns.words = widened(new Uint32Array(2 * room), columns.words);
  columns.nameStarts = widened(new Uint32Array(room + 1), columns.nameStarts);
  columns.hashes = widened(new Uint32Array(room), columns.hashes);
  columns.owners = widened(new Uint16Array(room), columns.owners);
}

function tableOf(columns: Columns): KernelSymbolTable {
  columns.nameStarts[columns.count] = columns.nameBytes;
  const sorted = columns.ascending ? columns : inAddressOrder(columns);
  const { count } = sorted;
  return {
    addresses: new BigUint64Array(sorted.words.slice(0, 2 * count).buffer),
    nameStarts: sorted.nameStarts.slice(0, count + 1),
    names: Buffer.from(sorted.names.slice(0, sorted.nameBytes).buffer),
    owners: sorted.owners.slice(0, count),
    modules: sorted.modules,
    slots: hashSlots(sorted.hashes, count),
  };
}

/** Modules come in the order of loading, not of addresses. Stable, so that aliases keep their order. */
function inAddressOrder(from: Columns): Columns {
  const { words } = from;
  const order = Uint32Array.from({ length: from.count }, (_, index) => index);
  order.sort((a, b) => words[2 * a + 1] - words[2 * b + 1] || words[2 * a] - words[2 * b] || a - b);
  const to: Columns = { ...emptyColumns(0), names: new Uint8Array(from.nameBytes), modules: from.modules };
  for (const source of order) {
    const index = to.count++;
    if (index === to.hashes.length) grow(to);
    to.words[2 * index] = words[2 * source];
    to.words[2 * index + 1] = words[2 * source + 1];
    to.owners[index] = from.owners[source];
    to.hashes[index] = from.hashes[source];
    to.nameStarts[index] = to.nameBytes;
    const name = from.names.subarray(from.nameStarts[source], from.nameStarts[source + 1]);
    to.names.set(name, to.nameBytes);
    to.nameBytes += name.length;
  }
  to.nameStarts[to.count] = to.nameBytes;
  return to;
}

function hashSlots(hashes: Uint32Array, count: number): Uint32Array {
  let capacity = 16;
  while (capacity < 2 * count) capacity *= 2;
  const mask = capacity - 1;
  const slots = new Uint32Array(capacity);
  for (let index = 0; index < count; index++) {
    let slot = hashes[index] & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = index + 1;
  }
  return slots;
}

/** Indices of the symbols of that name, by ascending address. */
export function findByName(table: KernelSymbolTable, name: string): readonly number[] {
  const wanted = Buffer.from(name, "latin1");
  const mask = table.slots.length - 1;
  const found: number[] = [];
  let slot = hashOf(wanted) & mask;
  for (let tries = 0; tries <= mask && table.slots[slot] !== 0; tries++) {
    const index = table.slots[slot] - 1;
    if (nameEquals(table, index, wanted)) found.push(index);
    slot = (slot + 1) & mask;
  }
  return found.sort((a, b) => a - b);
}

function nameEquals(table: KernelSymbolTable, index: number, wanted: Uint8Array): boolean {
  const start = table.nameStarts[index];
  if (table.nameStarts[index + 1] - start !== wanted.length) return false;
  for (let at = 0; at < wanted.length; at++) if (table.names[start + at] !== wanted[at]) return false;
  return true;
}

/** Index of the nearest symbol at or below `address`, the first of its aliases (as the kernel's own %pS); -1 for none. */
export function findByAddress(table: KernelSymbolTable, address: bigint): number {
  const { addresses } = table;
  let low = 0;
  let high = addresses.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (addresses[middle] <= address) low = middle + 1;
    else high = middle;
  }
  let index = low - 1;
  while (index > 0 && addresses[index - 1] === addresses[index]) index--;
  return index;
}

/** The name of a symbol, made into a string at each call; `index` must be less than the number of addresses. */
export function nameAt(table: KernelSymbolTable, index: number): string {
  return table.names.toString("latin1", table.nameStarts[index], table.nameStarts[index + 1]);
}

/** The module of a symbol; `undefined` for the kernel itself. */
export function moduleAt(table: KernelSymbolTable, index: number): string | undefined {
  return table.modules[(table.owners[index] >> 1) - 1];
}

/** Whether a symbol is a function (types `t`, `T`, `w` and `W` of /proc/kallsyms) rather than data. */
export function isCodeAt(table: KernelSymbolTable, index: number): boolean {
  return (table.owners[index] & 1) === 1;
}
