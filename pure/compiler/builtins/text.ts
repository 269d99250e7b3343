/** Strings and bytes. */
import type { Expression } from "../ast.ts";
import { compareStrings } from "../lower/compare.ts";
import { addressOf, bounded, convertPlace, copyBytes, isDirect, probeRead, zero } from "../lower/memory.ts";
import { scalar, shifted } from "../lower/place.ts";
import { readText } from "../lower/strings.ts";
import {
  intType,
  isInteger,
  pointerTo,
  type Space,
  strideOf,
  stringOf,
  type Type,
  typeName,
  UINT64,
} from "../semantics/types.ts";
import type { Builtin, Checking, Use } from "./builtin.ts";
import { expressionAt } from "./use.ts";

/** A length that is known is capped with a warning; one that is not is capped when it is read. */
function cappedLength(use: Use, c: Checking, most: number): number {
  const length = expressionAt(use, 1);
  if (!length) return most;
  const info = c.check(length);
  if (!isInteger(info.type) && info.type.kind !== "none")
    c.error(length.span, `${use.name}() only supports integers as the length (${typeName(info.type)} provided)`);
  if (typeof info.constant !== "bigint") return most;
  if (info.constant < 0n) c.error(length.span, `${use.name}() cannot use negative length (${info.constant})`);
  if (info.constant > BigInt(most))
    c.warning(
      length.span,
      `length param (${info.constant}) is too long and will be shortened to ${most} bytes (see BPFTRACE_MAX_STRLEN)`,
    );
  return Math.max(1, Math.min(Number(info.constant), most));
}

export const str: Builtin = {
  name: "str",
  form: "str(POINTER[, LENGTH])",
  doc: "Reads the NUL-terminated string at an address: at most LENGTH bytes with the NUL, or max_strlen.",
  arity: [1, 2],
  pure: true,
  check(use, c) {
    const source = expressionAt(use, 0);
    if (!source) return c.error(use.span, "str() expects a pointer");
    const info = c.check(source);
    const known = source.kind === "positional" ? (c.positional(source.index) ?? "") : info.constant;
    const size = cappedLength(use, c, c.config.max_strlen);
    if (typeof known === "string") {
      const text = use.args.length > 1 ? known.slice(0, size) : known;
      return { type: stringOf(text.length + 1), constant: text };
    }
    const { kind } = info.type;
    // Of a string, as of a literal, as many characters are taken: there is no NUL to be read with them.
    if (kind === "string")
      return { type: use.args.length > 1 ? stringOf(Math.min(size + 1, info.type.size)) : info.type };
    if (kind === "array")
      return { type: stringOf(Math.min(size, info.type.kind === "array" ? info.type.count : size)) };
    if (kind !== "pointer" && kind !== "int" && kind !== "none") {
      return c.error(
        source.span,
        `str() expects an integer or a pointer type as first argument (${typeName(info.type)} provided)`,
      );
    }
    warnNotText(source, c);
    return { type: stringOf(size) };
  },
  lowerInto(use, l, to, type) {
    const source = expressionAt(use, 0)!;
    const from = l.type(source);
    const own = l.type(use.node);
    const size = own.kind === "string" ? own.size : 0;
    if (from.kind === "string" || from.kind === "array") {
      const value = l.value(source);
      if (value.kind !== "place") return;
      const taken = from.kind === "string" && use.args.length > 1 ? size - 1 : size;
      const there = from.kind === "string" ? from.size : from.count;
      convertPlace(l, value.place, stringOf(Math.min(taken, there)), type, to);
      return;
    }
    const pointer = l.scalar(source);
    const space: Space = from.kind === "pointer" ? from.space : "none";
    const length = expressionAt(use, 1);
    if (type.kind === "string" && l.zeroFilled(to)) zero(l, to, type.size);
    if (length && l.info(length).constant === undefined) {
      probeRead(l, space, to, bounded(l, l.scalar(length), size), pointer, true);
      return;
    }
    readText(l, space, pointer, to, size, !length && size < 1024);
  },
};

/** `str(arg1)` of a kernel function whose second parameter is a struct: reads bytes that are no text. */
function warnNotText(source: Expression, c: Checking): void {
  const index = source.kind === "identifier" ? /^arg(\d+)$/.exec(source.name)?.[1] : undefined;
  const declared = index === undefined ? undefined : c.context.positional?.[Number(index)]?.declared;
  if (!declared) return;
  const { type } = declared;
  const text = type.kind === "pointer" && (type.to.kind === "none" || (type.to.kind === "int" && type.to.bits === 8));
  if (text) return;
  const struct = type.kind === "pointer" && type.to.kind === "struct";
  c.warning(
    source.span,
    `str(arg${index}): this argument of ${declared.function} is '${declared.name}' of type '${typeName(type)}', which is not text`,
    ...(struct ? [`its fields are at hand as args.${declared.name}: ((${typeName(type)})arg${index}).FIELD`] : []),
  );
}

export const buf: Builtin = {
  name: "buf",
  form: "buf(POINTER or ARRAY[, LENGTH])",
  doc: "Reads LENGTH bytes, whatever they are; an array has its own length.",
  arity: [1, 2],
  pure: true,
  check(use, c) {
    const source = expressionAt(use, 0);
    if (!source) return c.error(use.span, "buf() expects a pointer");
    const { type } = c.check(source);
    const most = c.config.max_strlen - 4;
    if (type.kind === "array" || type.kind === "string") {
      const own = type.kind === "string" ? type.size : type.count * strideOf(type.of);
      return {
        type: { kind: "buffer", capacity: use.args.length > 1 ? Math.min(cappedLength(use, c, most), own) : own },
      };
    }
    if (use.args.length < 2) return c.error(use.span, "buf() expects a length argument for non-array types");
    if (type.kind !== "pointer" && type.kind !== "int" && type.kind !== "none")
      return c.error(source.span, `buf() expects an integer or a pointer type (${typeName(type)} provided)`);
    return { type: { kind: "buffer", capacity: cappedLength(use, c, most) } };
  },
  lowerInto(use, l, to, type) {
    const source = expressionAt(use, 0)!;
    const own = l.type(use.node);
    const capacity = own.kind === "buffer" ? own.capacity : 0;
    const length = expressionAt(use, 1);
    const size =
      length && l.info(length).constant === undefined ? bounded(l, l.scalar(length), capacity) : BigInt(capacity);
    if (type.kind === "buffer" && l.zeroFilled(to)) zero(l, to, 4 + type.capacity);
    l.b.store(to.base, to.offset, 4, size);
    const from = l.type(source);
    const data = shifted(to, 4);
    if (from.kind !== "array" && from.kind !== "string") {
      probeRead(l, from.kind === "pointer" ? from.space : "none", data, size, l.scalar(source));
      return;
    }
    const value = l.value(source);
    if (value.kind !== "place") return;
    if (typeof size === "bigint" && isDirect(value.place.space)) copyBytes(l, data, value.place, Number(size));
    else
      probeRead(l, value.place.space === "bpf" ? "kernel" : value.place.space, data, size, addressOf(l, value.place));
  },
};

export const strncmp: Builtin = {
  name: "strncmp",
  form: "strncmp(A, B, LENGTH)",
  doc: "0 when the first LENGTH characters of two strings are the same, else not 0.",
  arity: [3, 3],
  pure: true,
  check(use, c) {
    for (const index of [0, 1]) {
      const side = expressionAt(use, index);
      const info = side && c.check(side);
      if (!info || !["string", "probe", "none"].includes(info.type.kind))
        return c.error(
          use.span,
          `strncmp() expects a string argument (${info ? typeName(info.type) : "a type"} provided)`,
        );
    }
    const length = c.constantInt(use, 2);
    if (length !== undefined && length < 0n) return c.error(use.span, "strncmp() cannot take a negative length");
    return { type: UINT64 };
  },
  lower(use, l) {
    const length = Number(l.info(expressionAt(use, 2)!).constant);
    const result = l.b.copy(1n);
    const [same, after] = [l.b.block(), l.b.block()];
    compareStrings(l, expressionAt(use, 0)!, expressionAt(use, 1)!, length, same, after);
    l.b.enter(same);
    l.b.copy(0n, result);
    l.b.jump(after);
    l.b.enter(after);
    return scalar(result);
  },
};

export const bswap: Builtin = {
  name: "bswap",
  form: "bswap(INTEGER)",
  doc: "The bytes of an integer in the other order.",
  arity: [1, 1],
  pure: true,
  check(use, c) {
    const source = expressionAt(use, 0);
    const info = source && c.check(source);
    if (!info || (info.type.kind !== "int" && info.type.kind !== "none"))
      return c.error(use.span, "bswap() only supports integer arguments");
    if (info.type.kind !== "int") return { type: UINT64 };
    if (info.type.bits === 8) c.warning(use.span, "bswap() on 8-bit integer arguments has no effect");
    return { type: intType(info.type.bits, false) };
  },
  lower(use, l) {
    const source = expressionAt(use, 0)!;
    const type = l.type(source);
    const bits = type.kind === "int" ? type.bits : 64;
    const value = l.scalar(source);
    return scalar(bits === 8 ? value : l.b.swap(value, bits));
  },
};

function retag(name: string, space: Space, doc: string): Builtin {
  return {
    name,
    form: `${name}(POINTER)`,
    doc,
    arity: [1, 1],
    pure: true,
    check(use, c) {
      const source = expressionAt(use, 0);
      const type: Type = source ? c.check(source).type : UINT64;
      if (type.kind === "pointer") return { type: pointerTo(type.to, space) };
      return isInteger(type) || type.kind === "none"
        ? { type: pointerTo(intType(8, true), space) }
        : c.error(use.span, `${name}() only supports pointers and integers`);
    },
    lower: (use, l) => scalar(l.scalar(expressionAt(use, 0)!)),
  };
}

/** `kptr(p)`: what it points to is read as kernel memory, whatever the probe; an integer becomes `int8 *`. */
export const kptr = retag("kptr", "kernel", "The same pointer, into the kernel's memory.");
/** `uptr(p)`: what it points to is read as memory of the process; an integer becomes `int8 *`. */
export const uptr = retag("uptr", "user", "The same pointer, into the process's memory.");
