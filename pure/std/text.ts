/** In every JavaScript runtime, but in no ECMAScript library: declared here so that no platform's types are needed. */
declare class TextDecoder {
  constructor(label?: string);
  decode(bytes: Uint8Array): string;
}

const utf8Decoder = new TextDecoder("utf-8");

/** Bytes as UTF-8 text; malformed sequences become U+FFFD. */
export function utf8(bytes: Uint8Array): string {
  return utf8Decoder.decode(bytes);
}

/** Bytes as text, one character (U+0000 to U+00FF) a byte, so that nothing is lost. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}
