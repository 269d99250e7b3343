/** Formats of `trace`: those of C, and `%K` and `%U` for symbols of the kernel and of the process. */
import type { JsonValue } from "@beetrace/output";
import { ToolError } from "../tool.ts";

/** A conversion: `%-10s`, `%lu`, `%%`. */
export interface Conversion {
  /** As it is written. */
  readonly text: string;
  readonly flags: string;
  /** `s`, `d`, `u`, `x`, `c`, `p`, `K`, `U` or `%`. */
  readonly kind: string;
  /** The type that a number of it has. */
  readonly type: string;
}

const CONVERSION = /%([-0+ #]*\d*)(hh|h|ll|l|z)?([a-zA-Z%])/g;
const KNOWN = "sduxcpiKU%";

const SIZES: Readonly<Record<string, number>> = { hh: 8, h: 16, l: 64, ll: 64, z: 64 };

/** The conversions of a format. Throws {@link ToolError}. */
export function readFormat(format: string): Conversion[] {
  return Array.from(format.matchAll(CONVERSION), ([text, flags, size = "", letter]) => {
    if (!KNOWN.includes(letter)) throw new ToolError(`${JSON.stringify(format)}: there is no conversion ${text}`);
    const kind = letter === "i" ? "d" : letter;
    return { text, flags, kind, type: typeOf(kind, size) };
  });
}

function typeOf(kind: string, size: string): string {
  if (kind === "p") return "uint64";
  if (kind === "c") return "int8";
  return `${kind === "d" ? "int" : "uint"}${SIZES[size] ?? 32}`;
}

/** The message: the format with its values. */
export function message(format: string, conversions: readonly Conversion[], values: readonly JsonValue[]): string {
  let next = 0;
  let at = 0;
  let text = "";
  for (const conversion of conversions) {
    const start = format.indexOf(conversion.text, at);
    text += unescaped(format.slice(at, start));
    text += conversion.kind === "%" ? "%" : shown(conversion, values[next++]);
    at = start + conversion.text.length;
  }
  return text + unescaped(format.slice(at));
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", '"': '"', "\\": "\\" };

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, character) => ESCAPES[character] ?? `\\${character}`);
}

function shown({ flags, kind }: Conversion, value: JsonValue): string {
  const width = Number(/\d*$/.exec(flags)?.[0] ?? 0);
  const text = plain(kind, value);
  if (flags.includes("-")) return text.padEnd(width);
  return text.padStart(width, flags.startsWith("0") ? "0" : " ");
}

function plain(kind: string, value: JsonValue): string {
  switch (kind) {
    case "x":
      return BigInt(value as number | string).toString(16);
    case "p":
      return `0x${BigInt(value as number | string).toString(16)}`;
    case "c":
      return String.fromCharCode(Number(value) & 255);
    default:
      return String(value);
  }
}
