import { utf8 } from "@beetrace/std";

/** In every JavaScript runtime, but in no ECMAScript library: declared here so that no platform's types are needed. */
declare class TextEncoder {
  encode(text: string): Uint8Array;
}

const encoder = new TextEncoder();

/** Text as UTF-8 bytes. */
export function utf8Bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

/**
 * A string section of BTF: NUL-terminated strings, named by their offset. The offsets of a split BTF
 * go on where those of its base end. The section is known to end with a NUL.
 */
export interface BtfStrings {
  readonly bytes: Uint8Array;
  /** Offset that names the first byte of this section. */
  readonly start: number;
  readonly base: BtfStrings | undefined;
}

/** The section that holds `offset`, if any does. */
function sectionOf(strings: BtfStrings, offset: number): BtfStrings | undefined {
  let section: BtfStrings | undefined = strings;
  while (section !== undefined && offset < section.start) section = section.base;
  return section !== undefined && offset - section.start < section.bytes.length ? section : undefined;
}

/** The string at `offset`, or undefined when the offset is beyond the section. */
export function stringAt(strings: BtfStrings, offset: number): string | undefined {
  const section = sectionOf(strings, offset);
  if (section === undefined) return undefined;
  const { bytes } = section;
  let text = "";
  for (let at = offset - section.start; bytes[at] !== 0; at++) {
    if (bytes[at] >= 0x80) return utf8(bytes.subarray(offset - section.start, bytes.indexOf(0, at)));
    text += String.fromCharCode(bytes[at]);
  }
  return text;
}

/**
 * Reads many strings of a section fast: the section is decoded once, and each string is a piece of the result.
 * Offsets are taken to be inside the section or its bases.
 */
export function stringReader(strings: BtfStrings): (offset: number) => string {
  const text = utf8(strings.bytes);
  const isAscii = text.length === strings.bytes.length;
  return (offset) => {
    const from = offset - strings.start;
    return isAscii && from >= 0 ? text.slice(from, text.indexOf("\0", from)) : (stringAt(strings, offset) ?? "");
  };
}

/** FNV-1a of the string at `offset`, or undefined when the offset is beyond the section. */
export function hashStringAt(strings: BtfStrings, offset: number): number | undefined {
  const section = sectionOf(strings, offset);
  return section === undefined ? undefined : fnv1a(section.bytes, offset - section.start);
}

/**
 * 32-bit FNV-1a of the bytes up to a NUL or the end.
 * Source: Fowler, Noll, Vo; draft-eastlake-fnv.
 */
export function fnv1a(bytes: Uint8Array, from: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < bytes.length && bytes[at] !== 0; at++) hash = Math.imul(hash ^ bytes[at], 0x01000193);
  return hash >>> 0;
}

/** Whether the string at `offset` is the one that starts at `from` in `other` and ends at its NUL or end. */
export function stringEquals(strings: BtfStrings, offset: number, other: Uint8Array, from: number): boolean {
  const section = sectionOf(strings, offset);
  if (section === undefined) return false;
  const { bytes } = section;
  let at = offset - section.start;
  let otherAt = from;
  while (otherAt < other.length && other[otherAt] !== 0) if (bytes[at++] !== other[otherAt++]) return false;
  return bytes[at] === 0;
}

/** Whether the strings at two offsets are the same. */
export function sameString(strings: BtfStrings, a: number, b: number): boolean {
  if (a === b) return true;
  const section = sectionOf(strings, b);
  return section !== undefined && stringEquals(strings, a, section.bytes, b - section.start);
}
