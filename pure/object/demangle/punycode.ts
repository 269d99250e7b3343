const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const DAMP = 700;

/**
 * Decodes Punycode (RFC 3492) with `_` before the encoded part, as Rust's v0 mangling has it.
 * Undefined when it is malformed.
 */
export function decodePunycode(text: string): string | undefined {
  const split = text.lastIndexOf("_");
  const points = Array.from(split < 0 ? "" : text.slice(0, split), (character) => character.charCodeAt(0));
  let point = 128;
  let bias = 72;
  let position = 0;
  for (let at = split + 1; at < text.length; ) {
    const start = position;
    for (let weight = 1, k = BASE; ; k += BASE) {
      const digit = digitOf(text.charCodeAt(at++));
      if (digit < 0) return undefined;
      position += digit * weight;
      const threshold = Math.min(Math.max(k - bias, T_MIN), T_MAX);
      if (digit < threshold) break;
      weight *= BASE - threshold;
      if (weight > 0x7fffffff) return undefined;
    }
    const count = points.length + 1;
    bias = adapt(position - start, count, start === 0);
    point += Math.floor(position / count);
    position %= count;
    if (point > 0x10ffff) return undefined;
    points.splice(position++, 0, point);
  }
  return points.map((value) => String.fromCodePoint(value)).join("");
}

function digitOf(code: number): number {
  if (code >= 0x61 && code <= 0x7a) return code - 0x61;
  return code >= 0x30 && code <= 0x39 ? code - 0x30 + 26 : -1;
}

/** RFC 3492, 6.1. */
function adapt(delta: number, count: number, isFirst: boolean): number {
  let rest = Math.floor(delta / (isFirst ? DAMP : 2));
  rest += Math.floor(rest / count);
  let k = 0;
  for (; rest > ((BASE - T_MIN) * T_MAX) / 2; k += BASE) rest = Math.floor(rest / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + SKEW));
}
