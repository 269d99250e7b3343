import type { ValueType } from "./type.ts";

/** A piece of a format string: text as it is, or a conversion that takes one argument. */
export type FormatPart = { readonly kind: "text"; readonly text: string } | FormatConversion;

/** A conversion such as `%-8.3f`, taken apart; a flag that was not written is false. */
export interface FormatConversion {
  readonly kind: "conversion";
  /** `d`, `s`, `rx`, … */
  readonly specifier: string;
  /** `-`: pad on the right. */
  readonly left: boolean;
  /** `+`, or a blank, before a number that is not negative. */
  readonly sign: "+" | " " | "";
  /** `#`: `0x`, `0`, or the point of a decimal. */
  readonly alternate: boolean;
  /** `0`: pad a number with zeros. */
  readonly zero: boolean;
  /** Least characters; at most {@link MOST_WIDTH}. */
  readonly width: number;
  /** Digits of a decimal; -1 when not given. bpftrace ignores it for all other conversions, and so must we. */
  readonly precision: number;
  /** Bits an integer is cut to by the length modifier: hh 8, h 16, none 32, l ll j z t 64. */
  readonly bits: 8 | 16 | 32 | 64;
}

/** A wider field would only be an attack on memory. */
export const MOST_WIDTH = 65_536;
const MOST_PRECISION = 1_000;

// `gr` comes before `g`, `rh` and `rx` before `r`; whatever does not match is text. `*` takes no argument.
const CONVERSION = /%([-+ #0]*)(?:(\d+)|\*)?(?:\.(?:(\d+)|\*)?)?([hlLjzt]*)(gr|rh|rx|[diouxXeEfFgGaAcspnr%])/g;

/** Splits a format string (byte text). `%%` becomes text; every text part is followed by a conversion or the end. */
export function parseFormat(format: string): FormatPart[] {
  const parts: FormatPart[] = [];
  let text = "";
  let at = 0;
  for (const match of format.matchAll(CONVERSION)) {
    text += format.slice(at, match.index);
    at = match.index + match[0].length;
    if (match[5] === "%") {
      text += "%";
      continue;
    }
    if (text !== "") parts.push({ kind: "text", text });
    text = "";
    parts.push(conversionOf(match));
  }
  text += format.slice(at);
  if (text !== "") parts.push({ kind: "text", text });
  return parts;
}

function conversionOf(match: RegExpMatchArray): FormatConversion {
  const flags = match[1];
  return {
    kind: "conversion",
    specifier: match[5],
    left: flags.includes("-"),
    sign: flags.includes("+") ? "+" : flags.includes(" ") ? " " : "",
    alternate: flags.includes("#"),
    zero: flags.includes("0") && !flags.includes("-"),
    width: Math.min(Number(match[2] ?? 0), MOST_WIDTH),
    precision: match[3] === undefined ? -1 : Math.min(Number(match[3]), MOST_PRECISION),
    bits: bitsOf(match[4]),
  };
}

function bitsOf(length: string): 8 | 16 | 32 | 64 {
  switch (length) {
    case "hh":
      return 8;
    case "h":
      return 16;
    case "l":
    case "ll":
    case "j":
    case "z":
    case "t":
      return 64;
    default:
      return 32;
  }
}

/** An argument as far as the check of a format string needs it. */
export interface FormatArgument {
  readonly kind: ValueType["kind"] | "decimal";
  /** How messages name the type: `string[16]`, `int64`… */
  readonly typeName: string;
}

const INTEGER = ["int", "enum", "bool", "pointer"] as const;
const DECIMAL = [...INTEGER, "decimal"] as const;
const BUFFER = ["buffer"] as const;

/** The kinds each conversion takes; `any` takes all. A conversion that is not here is not supported. */
const ACCEPTED: Readonly<Record<string, "any" | readonly FormatArgument["kind"][]>> = {
  d: DECIMAL,
  i: DECIMAL,
  u: INTEGER,
  o: INTEGER,
  x: INTEGER,
  X: INTEGER,
  c: INTEGER,
  p: INTEGER,
  gr: INTEGER,
  r: BUFFER,
  rx: BUFFER,
  rh: BUFFER,
  s: "any",
  f: DECIMAL,
  F: DECIMAL,
  e: DECIMAL,
  E: DECIMAL,
  g: DECIMAL,
  G: DECIMAL,
};

/** Why the arguments do not fit the format string, in bpftrace's words; undefined when they do. */
export function checkFormat(format: string, args: readonly FormatArgument[]): { readonly message: string } | undefined {
  const conversions = parseFormat(format).filter((part) => part.kind === "conversion");
  if (args.length !== conversions.length) {
    const much = args.length < conversions.length ? "not enough" : "too many";
    const counts = `(${args.length} supplied, ${conversions.length} expected)`;
    return { message: `${much} arguments for format string ${counts}` };
  }
  for (const [index, { specifier }] of conversions.entries()) {
    const message = mismatch(specifier, args[index]);
    if (message !== undefined) return { message };
  }
  return undefined;
}

function mismatch(specifier: string, argument: FormatArgument): string | undefined {
  if (argument.kind === "none") return `unable to print none type for specifier: ${specifier}`;
  if (!Object.hasOwn(ACCEPTED, specifier)) return `unsupported format specifier: ${specifier}`;
  const accepted = ACCEPTED[specifier];
  if (accepted === "any" || accepted.includes(argument.kind)) return undefined;
  return `unsupported format specifier for type '${argument.typeName}': ${specifier}`;
}
