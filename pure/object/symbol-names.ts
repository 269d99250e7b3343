import { utf8 } from "@beetrace/std";

/** In every JavaScript runtime, but in no ECMAScript library: declared here so that no platform's types are needed. */
declare class TextEncoder {
  encode(text: string): Uint8Array;
}

const NUL = 0;
const AT = 0x40;

/** FNV-1a, 32 bits (Fowler, Noll, Vo). */
const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** What one pass over a name finds. Filled in, not made: there is a name for each of 100,000 symbols. */
export interface NameScan {
  hash: number;
  /** Where the name ends: at its NUL, or at the `@` of its version. */
  end: number;
}

/** The names of a string table section: hashed and compared as bytes, text only when asked for. */
export interface SymbolNames {
  scan(offset: number, result: NameScan): void;
  equals(offset: number, name: Uint8Array): boolean;
  text(offset: number): string;
  /** Whether the name that ends there goes on with the `@VERSION` of a symbol that is not the default one (`@@VERSION`). */
  hasOldVersion(end: number): boolean;
}

/** The names of one string table section. Offsets beyond its end are empty names. */
export function symbolNames(strings: Uint8Array): SymbolNames {
  let whole: string | undefined;
  const scan = (offset: number, result: NameScan) => {
    let hash = FNV_BASIS;
    let at = offset;
    for (; at < strings.length; at++) {
      const byte = strings[at];
      if (byte === NUL || (byte === AT && at > offset)) break;
      hash = Math.imul(hash ^ byte, FNV_PRIME);
    }
    result.hash = hash >>> 0;
    result.end = at;
  };
  const scanned: NameScan = { hash: 0, end: 0 };
  return {
    scan,
    equals(offset, name) {
      if (offset + name.length > strings.length) return false;
      for (let at = 0; at < name.length; at++) if (strings[offset + at] !== name[at]) return false;
      const next = strings[offset + name.length];
      return next === undefined || next === NUL || next === AT;
    },
    text(offset) {
      // Nearly every table is ASCII: then a name is a slice of the table's text, without a copy.
      whole ??= utf8(strings);
      scan(offset, scanned);
      return whole.length === strings.length
        ? whole.slice(offset, scanned.end)
        : utf8(strings.subarray(offset, scanned.end));
    },
    hasOldVersion: (end) => strings[end] === AT && strings[end + 1] !== AT,
  };
}

/** A name as the bytes of a string table. */
export function nameBytes(name: string): Uint8Array {
  return new TextEncoder().encode(name);
}

/** The hash under which {@link SymbolNames} has a name. */
export function hashName(name: Uint8Array): number {
  let hash = FNV_BASIS;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name[at], FNV_PRIME);
  return hash >>> 0;
}
