/**
 * Where each type of a BTF blob is, and which type has which name: typed arrays only, so that it can be written
 * to a file and read back without any work. The kernel's own BTF has no such index, and 126,000 types.
 */
import {
  BTF_KIND_ENUM,
  BTF_KIND_ENUM64,
  BTF_KIND_FLOAT,
  BTF_KIND_FUNC,
  BTF_KIND_FWD,
  BTF_KIND_INT,
  BTF_KIND_STRUCT,
  BTF_KIND_TYPEDEF,
  BTF_KIND_UNION,
  BTF_KIND_VAR,
  BtfError,
  type BtfSections,
  btfSections,
  kindOf,
  RECORD_WORDS,
  recordWords,
  vlenOf,
} from "./format.ts";
import { type BtfStrings, fnv1a, hashStringAt, sameString, stringEquals, utf8Bytes } from "./strings.ts";
import type { BtfNamedKind } from "./type.ts";

/** The index of one BTF blob. It is only valid together with the very bytes it was built from. */
export interface BtfIndex {
  /** Size of the BTF blob it belongs to. */
  readonly sizeBytes: number;
  /** Id of the first type in the blob: 1, or the type count of its base. */
  readonly firstId: number;
  /** Word offset of each type record in the type section. */
  readonly offsets: Uint32Array;
  /** Open-addressing hash table of named types: a type id, or 0. */
  readonly typeSlots: Uint32Array;
  /** Open-addressing hash table of enumerators: pairs of word offset and id of the enum, or 0, 0. */
  readonly constantSlots: Uint32Array;
}

/** What a type id in the hash table is matched by: the kind, with both widths of enum as one. 0: not found by name. */
const NAMED_KIND = new Uint8Array(32);
for (const kind of [
  BTF_KIND_INT,
  BTF_KIND_STRUCT,
  BTF_KIND_UNION,
  BTF_KIND_ENUM,
  BTF_KIND_FWD,
  BTF_KIND_TYPEDEF,
  BTF_KIND_FUNC,
  BTF_KIND_VAR,
  BTF_KIND_FLOAT,
]) {
  NAMED_KIND[kind] = kind;
}
NAMED_KIND[BTF_KIND_ENUM64] = BTF_KIND_ENUM;

/** The number of each kind that is found by name. */
export const KIND_NUMBERS: Readonly<Record<BtfNamedKind, number>> = {
  int: BTF_KIND_INT,
  struct: BTF_KIND_STRUCT,
  union: BTF_KIND_UNION,
  enum: BTF_KIND_ENUM,
  fwd: BTF_KIND_FWD,
  typedef: BTF_KIND_TYPEDEF,
  func: BTF_KIND_FUNC,
  var: BTF_KIND_VAR,
  float: BTF_KIND_FLOAT,
};

/** The kind number by which a record with this `info` word is found by name, or 0. */
export function namedKindOf(info: number): number {
  return NAMED_KIND[kindOf(info)];
}

/**
 * Scans BTF once. `base` holds the strings and the type count of the BTF that a split BTF extends.
 * Throws {@link BtfError} when a record is malformed.
 */
export function buildBtfIndex(
  bytes: Uint8Array,
  base?: { readonly strings: BtfStrings; readonly typeCount: number },
): BtfIndex {
  const btf = btfSections(bytes, base?.strings);
  const firstId = base?.typeCount ?? 1;
  const { offsets, named, constants } = scan(btf);
  const index: BtfIndex = {
    sizeBytes: bytes.length,
    firstId,
    offsets,
    typeSlots: new Uint32Array(tableSize(named)),
    constantSlots: new Uint32Array(tableSize(constants) * 2),
  };
  for (let i = 0; i < offsets.length; i++) {
    const at = offsets[i];
    const info = btf.words[at + 1];
    const kind = NAMED_KIND[kindOf(info)];
    if (kind === 0) continue;
    if (btf.words[at] !== 0) insertType(btf, index, firstId + i, at, kind);
    if (kind === BTF_KIND_ENUM) insertConstants(btf, index, firstId + i, at, info);
  }
  return index;
}

/** A power of two that leaves at least half of the slots free. */
function tableSize(entries: number): number {
  let size = 16;
  while (size < entries * 2) size *= 2;
  return size;
}

function scan(btf: BtfSections): { offsets: Uint32Array; named: number; constants: number } {
  const { words } = btf;
  const offsets = new Uint32Array(Math.floor(words.length / RECORD_WORDS));
  let count = 0;
  let named = 0;
  let constants = 0;
  for (let at = 0; at < words.length; ) {
    const info = words[at + 1];
    const length = at + RECORD_WORDS > words.length ? 0 : recordWords(info);
    if (length === 0 || at + length > words.length) {
      throw new BtfError(length === 0 ? "no type record" : "type record is cut short", btf.wordsOffset + at * 4);
    }
    offsets[count++] = at;
    const kind = NAMED_KIND[kindOf(info)];
    if (kind !== 0) named++;
    if (kind === BTF_KIND_ENUM) constants += vlenOf(info);
    at += length;
  }
  return { offsets: offsets.slice(0, count), named, constants };
}

function nameHash(btf: BtfSections, at: number): number {
  const hash = hashStringAt(btf.strings, btf.words[at]);
  if (hash !== undefined) return hash;
  throw new BtfError(`name offset ${btf.words[at]} is beyond the strings`, btf.wordsOffset + at * 4);
}

/** The same name in another kind goes elsewhere. The factor is 2^32 divided by the golden ratio. */
function withKind(hash: number, kind: number): number {
  return (hash ^ Math.imul(kind, 0x9e3779b1)) >>> 0;
}

/** The first type of a name and kind is the one that is found: later ones are left out. */
function insertType(btf: BtfSections, index: BtfIndex, id: number, at: number, kind: number): void {
  const { typeSlots, offsets, firstId } = index;
  const { words, strings } = btf;
  const mask = typeSlots.length - 1;
  let slot = withKind(nameHash(btf, at), kind) & mask;
  for (; typeSlots[slot] !== 0; slot = (slot + 1) & mask) {
    const other = offsets[typeSlots[slot] - firstId];
    if (NAMED_KIND[kindOf(words[other + 1])] === kind && sameString(strings, words[at], words[other])) return;
  }
  typeSlots[slot] = id;
}

function insertConstants(btf: BtfSections, index: BtfIndex, id: number, at: number, info: number): void {
  const { constantSlots } = index;
  const { words, strings } = btf;
  const mask = constantSlots.length / 2 - 1;
  const step = kindOf(info) === BTF_KIND_ENUM ? 2 : 3;
  const end = at + recordWords(info);
  next: for (let word = at + RECORD_WORDS; word < end; word += step) {
    let slot = nameHash(btf, word) & mask;
    for (; constantSlots[slot * 2 + 1] !== 0; slot = (slot + 1) & mask) {
      if (sameString(strings, words[word], words[constantSlots[slot * 2]])) continue next;
    }
    constantSlots[slot * 2] = word;
    constantSlots[slot * 2 + 1] = id;
  }
}

/** The id of the first type of this kind and name in the blob. */
export function findIndexedType(btf: BtfSections, index: BtfIndex, kind: number, name: string): number | undefined {
  const { typeSlots, offsets, firstId } = index;
  const wanted = utf8Bytes(name);
  const mask = typeSlots.length - 1;
  let slot = withKind(fnv1a(wanted, 0), kind) & mask;
  for (let probes = 0; probes <= mask && typeSlots[slot] !== 0; probes++, slot = (slot + 1) & mask) {
    const at = offsets[typeSlots[slot] - firstId];
    if (NAMED_KIND[kindOf(btf.words[at + 1])] !== kind) continue;
    if (stringEquals(btf.strings, btf.words[at], wanted, 0)) return typeSlots[slot];
  }
  return undefined;
}

/** The id of the first enum in the blob with an enumerator of this name. */
export function findIndexedConstant(btf: BtfSections, index: BtfIndex, name: string): number | undefined {
  const { constantSlots } = index;
  const wanted = utf8Bytes(name);
  const mask = constantSlots.length / 2 - 1;
  let slot = fnv1a(wanted, 0) & mask;
  for (let probes = 0; probes <= mask && constantSlots[slot * 2 + 1] !== 0; probes++, slot = (slot + 1) & mask) {
    if (stringEquals(btf.strings, btf.words[constantSlots[slot * 2]], wanted, 0)) return constantSlots[slot * 2 + 1];
  }
  return undefined;
}

/** First words of an encoded index: "BTFI" and the version of its layout. */
const INDEX_MAGIC = 0x49465442;
const INDEX_VERSION = 1;
const INDEX_HEADER_WORDS = 7;

/** The index as bytes: seven words of header (magic, version, size, first id, three lengths), then the three arrays. */
export function encodeBtfIndex(index: BtfIndex): Uint8Array {
  const { offsets, typeSlots, constantSlots } = index;
  const words = new Uint32Array(INDEX_HEADER_WORDS + offsets.length + typeSlots.length + constantSlots.length);
  words.set([INDEX_MAGIC, INDEX_VERSION, index.sizeBytes, index.firstId]);
  words.set([offsets.length, typeSlots.length, constantSlots.length], 4);
  words.set(offsets, INDEX_HEADER_WORDS);
  words.set(typeSlots, INDEX_HEADER_WORDS + offsets.length);
  words.set(constantSlots, INDEX_HEADER_WORDS + offsets.length + typeSlots.length);
  return new Uint8Array(words.buffer);
}

/** Reads what {@link encodeBtfIndex} wrote, without a copy when the bytes are aligned. Throws {@link BtfError}. */
export function decodeBtfIndex(bytes: Uint8Array): BtfIndex {
  if (bytes.length % 4 !== 0 || bytes.length < INDEX_HEADER_WORDS * 4) throw new BtfError("index is cut short");
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
  const [magic, version, sizeBytes, firstId, offsetCount, typeSlotCount, constantSlotCount] = words;
  if (magic !== INDEX_MAGIC || version !== INDEX_VERSION) throw new BtfError("not an index of this version");
  if (INDEX_HEADER_WORDS + offsetCount + typeSlotCount + constantSlotCount !== words.length) {
    throw new BtfError("index is cut short");
  }
  if (!isPowerOfTwo(typeSlotCount) || !isPowerOfTwo(constantSlotCount) || constantSlotCount < 2) {
    throw new BtfError("index has a table of a bad size");
  }
  const typeSlotsAt = INDEX_HEADER_WORDS + offsetCount;
  const constantSlotsAt = typeSlotsAt + typeSlotCount;
  return {
    sizeBytes,
    firstId,
    offsets: words.subarray(INDEX_HEADER_WORDS, typeSlotsAt),
    typeSlots: words.subarray(typeSlotsAt, constantSlotsAt),
    constantSlots: words.subarray(constantSlotsAt),
  };
}

function isPowerOfTwo(n: number): boolean {
  return n > 0 && (n & (n - 1)) === 0;
}
