import { DURATION_UNITS_NS, type DurationUnit } from "@beetrace/std";
import type { IntLiteral } from "../ast.ts";

/** What an integer literal says, or what is wrong with it. */
export type DecodedInt =
  | { readonly value: bigint; readonly suffix?: string; readonly duration?: IntLiteral["duration"] }
  | { readonly problem: string };

const decimal = /^(\d+(?:_\d+)*)(?:([uU]|[uU]?[lL]{1,2})|(ns|us|ms|s|m|h|d))?$/;
const octal = /^0(\d+(?:_\d+)*)([uU]|[uU]?[lL]{1,2})?$/;
const prefixed = /^0(?:([xX])([0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)|[bB]([01]+(?:_[01]+)*))([uU]|[uU]?[lL]{1,2})?$/;
const scientific = /^([1-9])[eE](\d+)$/;

const MAX_U64 = 0xffff_ffff_ffff_ffffn;

/**
 * Reads `123`, `1_000`, `0x1f`, `017`, `0b101`, `1e6`, `5ULL` and `10ms`. A duration's value is in nanoseconds.
 * The result is an unsigned 64-bit number; a `u` alone limits it to 32 bits.
 */
export function decodeInt(text: string): DecodedInt {
  const read = readPrefixed(text) ?? readScientific(text) ?? readOctal(text) ?? readDecimal(text);
  if (read === undefined) return { problem: `invalid number '${shortened(text)}'` };
  if ("problem" in read) return read;
  const limit = read.suffix === "u" ? 0xffff_ffffn : MAX_U64;
  return read.value > limit ? outOfRange(text) : read;
}

function outOfRange(text: string): DecodedInt {
  return { problem: `number '${shortened(text)}' is out of range` };
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

function readPrefixed(text: string): DecodedInt | undefined {
  const match = prefixed.exec(text);
  if (match === null) return undefined;
  const hex = match[1] !== undefined;
  const figures = (hex ? match[2] : match[3]).replaceAll("_", "").replace(/^0+(?=.)/, "");
  if (figures.length > 64) return outOfRange(text);
  return withSuffix(BigInt((hex ? "0x" : "0b") + figures), match[4]);
}

function readScientific(text: string): DecodedInt | undefined {
  const match = scientific.exec(text);
  if (match === null) return undefined;
  const exponent = Number(match[2]);
  if (exponent === 0) return undefined;
  if (exponent > 19) return outOfRange(text);
  return { value: BigInt(match[1]) * 10n ** BigInt(exponent) };
}

function readOctal(text: string): DecodedInt | undefined {
  const match = octal.exec(text);
  if (match === null) return undefined;
  const figures = match[1].replaceAll("_", "").replace(/^0+(?=.)/, "");
  if (/[89]/.test(figures)) return { problem: `invalid octal number '${shortened(text)}'` };
  return figures.length > 22 ? outOfRange(text) : withSuffix(BigInt(`0o${figures}`), match[2]);
}

function readDecimal(text: string): DecodedInt | undefined {
  const match = decimal.exec(text);
  if (match === null) return undefined;
  const figures = match[1].replaceAll("_", "");
  // Two digits more than 2^64 needs: a longer one need not be converted to know that it is too large.
  if (figures.length > 22) return outOfRange(text);
  if (match[3] === undefined) return withSuffix(BigInt(figures), match[2]);
  const duration = match[3] as DurationUnit;
  return { value: BigInt(figures) * DURATION_UNITS_NS[duration], duration };
}

function withSuffix(value: bigint, suffix: string | undefined): DecodedInt {
  return suffix ? { value, suffix: suffix.toLowerCase() } : { value };
}

/** A decoded string: one character (U+0000 to U+00FF) a UTF-8 byte. Offsets of problems are from the opening quote. */
export interface DecodedString {
  readonly value: string;
  readonly problems: readonly { readonly offset: number; readonly length: number; readonly message: string }[];
}

const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["t", "\t"],
  ["r", "\r"],
  ['"', '"'],
  ["\\", "\\"],
]);

const numericEscape = /\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2}))/y;
const plainText = /[\x20-\x21\x23-\x5b\x5d-\x7e]+/y;

/** Decodes a string token, quotes included: `\n \t \r \" \\`, octal `\NNN` and hexadecimal `\xHH`. */
export function decodeString(text: string): DecodedString {
  const problems: DecodedString["problems"][number][] = [];
  const end = text.length > 1 && text.endsWith('"') ? text.length - 1 : text.length;
  let value = "";
  let at = 1;
  while (at < end) {
    const plain = stickyMatch(plainText, text, at);
    if (plain !== undefined) {
      value += plain[0];
      at += plain[0].length;
    } else if (text[at] === "\\") {
      const read = readEscape(text, at);
      if (read.problem !== undefined) problems.push({ offset: at, length: read.length, message: read.problem });
      value += read.value;
      at += read.length;
    } else {
      const point = text.codePointAt(at) ?? 0;
      value += utf8Text(point);
      at += point > 0xffff ? 2 : 1;
    }
  }
  return { value, problems };
}

function stickyMatch(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

function readEscape(text: string, at: number): { value: string; length: number; problem?: string } {
  const simple = simpleEscapes.get(text[at + 1]);
  if (simple !== undefined) return { value: simple, length: 2 };
  const numeric = stickyMatch(numericEscape, text, at);
  if (numeric === undefined) {
    const written = text.slice(at, at + 2);
    return { value: "", length: written.length, problem: `invalid escape character '${written}'` };
  }
  const byte = numeric[1] === undefined ? Number.parseInt(numeric[2], 16) : Number.parseInt(numeric[1], 8);
  const length = numeric[0].length;
  if (byte > 255) return { value: "", length, problem: `octal escape '${numeric[0]}' is out of range` };
  return { value: String.fromCharCode(byte), length };
}

/** The UTF-8 bytes of a code point, one character each (RFC 3629). A lone surrogate becomes U+FFFD. */
function utf8Text(codePoint: number): string {
  const point = codePoint >= 0xd800 && codePoint <= 0xdfff ? 0xfffd : codePoint;
  if (point < 0x80) return String.fromCharCode(point);
  const last = 0x80 | (point & 0x3f);
  if (point < 0x800) return String.fromCharCode(0xc0 | (point >> 6), last);
  const middle = 0x80 | ((point >> 6) & 0x3f);
  if (point < 0x1_0000) return String.fromCharCode(0xe0 | (point >> 12), middle, last);
  return String.fromCharCode(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 0x3f), middle, last);
}
