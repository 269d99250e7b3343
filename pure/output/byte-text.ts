import { utf8 } from "@beetrace/std";

/**
 * Byte text: a string with one character (U+0000 to U+00FF) a byte. Kernel strings need not be UTF-8, and text
 * output must give back their bytes unchanged, so all text of this package is byte text, to be written as Latin-1.
 * Only JSON needs Unicode: it decodes.
 */

/** Unicode text as the byte text of its UTF-8 form. Lone surrogates become U+FFFD. */
export function encodeUtf8(text: string): string {
  let bytes = "";
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code >= 0xd800 && code <= 0xdfff ? "\xef\xbf\xbd" : utf8Sequence(code);
  }
  return bytes;
}

function utf8Sequence(code: number): string {
  const tail = (shift: number) => 0x80 | ((code >> shift) & 0x3f);
  if (code < 0x80) return String.fromCharCode(code);
  if (code < 0x800) return String.fromCharCode(0xc0 | (code >> 6), tail(0));
  if (code < 0x10000) return String.fromCharCode(0xe0 | (code >> 12), tail(6), tail(0));
  return String.fromCharCode(0xf0 | (code >> 18), tail(12), tail(6), tail(0));
}

/** Byte text read as UTF-8; malformed sequences become U+FFFD. */
export function decodeUtf8(byteText: string): string {
  if (isAscii(byteText)) return byteText;
  return utf8(Uint8Array.from(byteText, (character) => character.charCodeAt(0)));
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}

/** How `%r`, `%rx` and `%rh` show bytes: ASCII kept and the rest `\xNN`, all `\xNN`, or hex pairs with blanks. */
export type BufferStyle = "ascii" | "escaped" | "hex";

/** The bytes of a buffer as text. */
export function bufferText(bytes: Uint8Array, style: BufferStyle): string {
  let text = "";
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (style === "hex") text += (at === 0 ? "" : " ") + hexByte(byte);
    else if (style === "ascii" && byte >= 0x20 && byte <= 0x7e) text += String.fromCharCode(byte);
    else text += `\\x${hexByte(byte)}`;
  }
  return text;
}

/** Two lower-case hex digits. */
export function hexByte(byte: number): string {
  return (byte < 16 ? "0" : "") + byte.toString(16);
}
