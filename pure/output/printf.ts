import { type Int, intFromWords, invariant } from "@beetrace/std";
import { bufferText } from "./byte-text.ts";
import {
  type DecimalExpression,
  type DecimalStyle,
  decimalDigits,
  decimalEvaluator,
  truncateDecimal,
} from "./decimal.ts";
import { decoder, textAt } from "./decode.ts";
import { type FormatConversion, type FormatPart, parseFormat } from "./format.ts";
import { gfpFlagsText } from "./gfp-flags.ts";
import type { Memory } from "./memory.ts";
import type { Resolver } from "./resolver.ts";
import { hexAddress } from "./stack.ts";
import { formatText, stringText } from "./text.ts";
import type { ValueType } from "./type.ts";
import { expectKind } from "./value.ts";

/** Where an argument of a printf-like call stands in the event. */
export type PrintfArg =
  | {
      /** From the event's start. */
      readonly offset: number;
      readonly type: ValueType;
      /**
       * A string of no fixed place: at `offset` stand a u32 position (from the event's start) and a u32 length in
       * bytes with the NUL (0: empty). A text as long as `type.size` with no NUL was cut.
       */
      readonly packed?: boolean;
    }
  | { readonly decimal: DecimalExpression };

/** Renders one event, which starts at byte `base`. */
export type Renderer = (memory: Memory, base: number) => string;

/**
 * The renderer of a format string, specialised once: an event costs one closure call a conversion and no more
 * allocation than its text. `format` is byte text and must have passed `checkFormat` with these arguments; an
 * argument that does not fit its conversion all the same shows as `!{why}`.
 */
export function printfRenderer(format: string, args: readonly PrintfArg[], resolver: Resolver): Renderer {
  let next = 0;
  return joined(
    parseFormat(format).map((part: FormatPart) => {
      if (part.kind === "text") return part.text;
      invariant(next < args.length, "fewer arguments than conversions");
      return conversionRenderer(part, args[next++], resolver);
    }),
  );
}

/** Text parts are put between the renderers at once, so that the loop has no branches. */
function joined(pieces: readonly (string | Renderer)[]): Renderer {
  const renderers: Renderer[] = [];
  const after: string[] = [];
  let before = "";
  for (const piece of pieces) {
    if (typeof piece !== "string") {
      renderers.push(piece);
      after.push("");
    } else if (renderers.length === 0) before += piece;
    else after[after.length - 1] += piece;
  }
  return (memory, base) => {
    let text = before;
    for (let index = 0; index < renderers.length; index++) text += renderers[index](memory, base) + after[index];
    return text;
  };
}

function conversionRenderer(part: FormatConversion, arg: PrintfArg, resolver: Resolver): Renderer {
  switch (part.specifier) {
    case "d":
    case "i":
    case "u":
    case "o":
    case "x":
    case "X":
      return integerRenderer(part, arg, resolver);
    case "f":
    case "F":
    case "e":
    case "E":
    case "g":
    case "G":
      return decimalRenderer(part, part.specifier, decimalReader(arg));
    case "c": {
      const read = wordReader(arg);
      return padded(part, read && ((memory, base) => String.fromCharCode(read(memory, base) & 0xff)), arg, resolver);
    }
    case "p": {
      const read = integerReader(arg, 64, false);
      // The C++ streams of bpftrace write a null pointer as 0.
      return padded(part, read && ((memory, base) => hexAddress(read(memory, base))), arg, resolver);
    }
    case "gr": {
      const read = integerReader(arg, 64, false);
      return padded(part, read && ((memory, base) => gfpFlagsText(read(memory, base))), arg, resolver);
    }
    case "r":
    case "rx":
    case "rh":
      return padded(part, bufferRenderer(part.specifier, arg), arg, resolver);
    default:
      return padded(part, textRenderer(arg, resolver), arg, resolver);
  }
}

/** Pads with blanks; without a renderer, the argument's kind is wrong for the conversion. */
function padded(part: FormatConversion, render: Renderer | undefined, arg: PrintfArg, resolver: Resolver): Renderer {
  const { width, left } = part;
  const inner = render ?? failedConversion(part, arg, resolver);
  if (width === 0) return inner;
  return left
    ? (memory, base) => inner(memory, base).padEnd(width)
    : (memory, base) => inner(memory, base).padStart(width);
}

function failedConversion(part: FormatConversion, arg: PrintfArg, resolver: Resolver): Renderer {
  const what = part.specifier === "gr" ? "GFP flags" : "integer";
  const render = textRenderer(arg, resolver);
  return (memory, base) => `!{invalid ${what} conversion: ${render(memory, base)}}`;
}

function textRenderer(arg: PrintfArg, resolver: Resolver): Renderer {
  if ("decimal" in arg) {
    const evaluate = decimalEvaluator(arg.decimal);
    return (memory, base) => decimalText(evaluate(memory, base));
  }
  const { offset, type } = arg;
  if (type.kind === "string") {
    const { size } = type;
    if (type.isArray) return (memory, base) => textAt(memory.u8, base + offset, size);
    if (arg.packed) return packedRenderer(offset, size, resolver);
    return (memory, base) => stringText(textAt(memory.u8, base + offset, size), size, resolver);
  }
  const decode = decoder(type);
  return (memory, base) => formatText(type, decode(memory, base + offset), resolver);
}

function packedRenderer(offset: number, size: number, resolver: Resolver): Renderer {
  return (memory, base) => {
    const word = (base + offset) >>> 2;
    const length = memory.u32[word + 1];
    if (length === 0) return "";
    return stringText(textAt(memory.u8, base + memory.u32[word], Math.min(length, size)), size, resolver);
  };
}

function bufferRenderer(specifier: "r" | "rx" | "rh", arg: PrintfArg): Renderer | undefined {
  if ("decimal" in arg || arg.type.kind !== "buffer") return undefined;
  const { offset } = arg;
  const decode = decoder(arg.type);
  const style = specifier === "r" ? "ascii" : specifier === "rx" ? "escaped" : "hex";
  return (memory, base) => bufferText(expectKind(decode(memory, base + offset), "bytes").bytes, style);
}

// ---------------------------------------------------------------- integers

/** The low 32 bits, sign-extended from a narrower type; undefined when the argument is no integer. */
function wordReader(arg: PrintfArg): ((memory: Memory, base: number) => number) | undefined {
  if ("decimal" in arg) {
    const evaluate = decimalEvaluator(arg.decimal);
    return (memory, base) => Number(BigInt.asIntN(32, BigInt(truncateDecimal(evaluate(memory, base)))));
  }
  const { offset, type } = arg;
  if (type.kind === "pointer") return (memory, base) => memory.i32[(base + offset) >>> 2];
  if (type.kind !== "int" && type.kind !== "enum" && type.kind !== "bool") return undefined;
  if (type.kind !== "bool" && type.size >= 4) return (memory, base) => memory.i32[(base + offset) >>> 2];
  const decode = decoder(type);
  return (memory, base) => Number(decode(memory, base + offset));
}

/** The argument cut to `bits` and taken as signed or not, as a cast in C does. */
function integerReader(
  arg: PrintfArg,
  bits: 8 | 16 | 32 | 64,
  signed: boolean,
): ((memory: Memory, base: number) => Int) | undefined {
  if (bits === 64) return wideReader(arg, signed);
  const read = wordReader(arg);
  if (read === undefined) return undefined;
  const shift = 32 - bits;
  return signed
    ? (memory, base) => (read(memory, base) << shift) >> shift
    : (memory, base) => (read(memory, base) << shift) >>> shift;
}

function wideReader(arg: PrintfArg, signed: boolean): ((memory: Memory, base: number) => Int) | undefined {
  if ("decimal" in arg) {
    const evaluate = decimalEvaluator(arg.decimal);
    return (memory, base) => truncateDecimal(evaluate(memory, base));
  }
  const { offset, type } = arg;
  const read = wordReader(arg);
  if (read === undefined) return undefined;
  if (type.kind === "pointer" || ((type.kind === "int" || type.kind === "enum") && type.size === 8)) {
    return (memory, base) => {
      const word = (base + offset) >>> 2;
      return intFromWords(memory.u32[word], memory.u32[word + 1], signed);
    };
  }
  const extends32 = (type.kind === "int" || type.kind === "enum") && type.signed;
  return (memory, base) => {
    const word = read(memory, base);
    return intFromWords(word, extends32 ? word >> 31 : 0, signed);
  };
}

function integerRenderer(part: FormatConversion, arg: PrintfArg, resolver: Resolver): Renderer {
  const signed = part.specifier === "d" || part.specifier === "i";
  const read = integerReader(arg, part.bits, signed);
  if (read === undefined) return padded(part, undefined, arg, resolver);
  const radix = part.specifier === "o" ? 8 : part.specifier === "x" || part.specifier === "X" ? 16 : 10;
  const upper = part.specifier === "X";
  const prefix = !part.alternate || radix === 10 ? "" : radix === 8 ? "0" : upper ? "0X" : "0x";
  const sign = signed ? part.sign : "";
  if (prefix === "" && sign === "" && !part.zero && !upper) {
    const plain: Renderer =
      radix === 10
        ? (memory, base) => String(read(memory, base))
        : (memory, base) => read(memory, base).toString(radix);
    return padded(part, plain, arg, resolver);
  }
  return (memory, base) => {
    const value = read(memory, base);
    const digits = (value < 0 ? -value : value).toString(radix);
    const before = value < 0 ? "-" : value === 0 ? sign : prefix + sign;
    return withSign(part, before, upper ? digits.toUpperCase() : digits);
  };
}

/** C's rule: zeros stand between the sign or prefix and the digits. */
function withSign(part: FormatConversion, before: string, digits: string, zero = part.zero): string {
  if (zero) return before + digits.padStart(part.width - before.length, "0");
  const text = before + digits;
  return part.left ? text.padEnd(part.width) : text.padStart(part.width);
}

// ---------------------------------------------------------------- decimals

function decimalReader(arg: PrintfArg): (memory: Memory, base: number) => number {
  if ("decimal" in arg) return decimalEvaluator(arg.decimal);
  return decimalEvaluator({ kind: "field", offset: arg.offset, type: arg.type });
}

function decimalRenderer(
  part: FormatConversion,
  style: DecimalStyle,
  read: (memory: Memory, base: number) => number,
): Renderer {
  const precision = part.precision < 0 ? 6 : part.precision;
  return (memory, base) => {
    const value = read(memory, base);
    const before = signOf(value) || part.sign;
    const digits = decimalDigits(value, style, precision, part.alternate);
    return withSign(part, before, digits, part.zero && Number.isFinite(value));
  };
}

function decimalText(value: number): string {
  return signOf(value) + decimalDigits(value, "g");
}

function signOf(value: number): string {
  return value < 0 || Object.is(value, -0) ? "-" : "";
}
