/** Network addresses. */
import { addressOf, convertScalar, copyBytes, isDirect, probeRead, zero } from "../lower/memory.ts";
import { shifted } from "../lower/place.ts";
import { isInteger, strideOf, typeName, UINT32 } from "../semantics/types.ts";
import type { Builtin } from "./builtin.ts";
import { expressionAt } from "./use.ts";

const AF_INET = 2n;

export const ntop: Builtin = {
  name: "ntop",
  form: "ntop([AF,] ADDRESS)",
  doc: "An IPv4 address (a 32-bit integer or 4 bytes) or IPv6 address (16 bytes) as text.",
  arity: [1, 2],
  pure: true,
  check(use, c) {
    const address = expressionAt(use, use.args.length - 1);
    const info = address && c.check(address);
    if (!address || !info) return c.error(use.span, "ntop() expects an address");
    if (use.args.length === 2) {
      const family = c.check(use.args[0]);
      if (!isInteger(family.type) && family.type.kind !== "none")
        return c.error(use.span, `ntop() expects an integer argument, got ${typeName(family.type)}`);
    }
    const { type } = info;
    if (type.kind === "array" || type.kind === "string") {
      const size = type.kind === "string" ? type.size : type.count * strideOf(type.of);
      if (size !== 4 && size !== 16)
        return c.error(address.span, "ntop() array argument must be 4 bytes (for IPv4) or 16 bytes (for IPv6)");
    } else if (!isInteger(type) && type.kind !== "pointer" && type.kind !== "none") {
      return c.error(address.span, `ntop() expects an integer or array argument, got ${typeName(type)}`);
    }
    return { type: { kind: "inet" } };
  },
  lowerInto(use, l, to) {
    const address = expressionAt(use, use.args.length - 1)!;
    const type = l.type(address);
    zero(l, to, 20);
    const bytes = shifted(to, 4);
    if (isInteger(type)) {
      l.b.store(to.base, to.offset, 4, 4n);
      l.b.store(bytes.base, bytes.offset, 4, convertScalar(l, l.scalar(address), type, UINT32));
      return;
    }
    if (type.kind === "pointer") {
      l.b.store(to.base, to.offset, 4, 16n);
      probeRead(l, type.space, bytes, 16n, l.scalar(address));
      return;
    }
    const value = l.value(address);
    if (value.kind !== "place") return;
    const own = type.kind === "array" ? type.count * strideOf(type.of) : type.kind === "string" ? type.size : 0;
    const family = use.args.length === 2 && use.args[0].kind !== "type-name" ? l.info(use.args[0]).constant : undefined;
    const size = family === AF_INET ? 4 : own;
    l.b.store(to.base, to.offset, 4, BigInt(size));
    if (isDirect(value.place.space)) copyBytes(l, bytes, value.place, size);
    else probeRead(l, value.place.space, bytes, BigInt(size), addressOf(l, value.place));
  },
};

export const macaddr: Builtin = {
  name: "macaddr",
  form: "macaddr(ADDRESS)",
  doc: "Six bytes as a MAC address.",
  arity: [1, 1],
  pure: true,
  check(use, c) {
    const address = expressionAt(use, use.args.length - 1);
    const type = address && c.check(address).type;
    if (!type || (type.kind !== "array" && type.kind !== "string" && type.kind !== "pointer" && type.kind !== "none")) {
      return c.error(use.span, "macaddr() only supports array or pointer arguments");
    }
    const size = type.kind === "array" ? type.count * strideOf(type.of) : type.kind === "string" ? type.size : 6;
    if (size < 6) return c.error(use.span, "macaddr() argument must be at least 6 bytes in size");
    return { type: { kind: "mac" } };
  },
  lowerInto(use, l, to) {
    const address = expressionAt(use, use.args.length - 1)!;
    const type = l.type(address);
    l.b.store(to.base, to.offset, 8, 0n);
    if (type.kind === "pointer") {
      probeRead(l, type.space, to, 6n, l.scalar(address));
      return;
    }
    const value = l.value(address);
    if (value.kind === "place") copyBytes(l, to, value.place, 6);
  },
};

export const pton: Builtin = {
  name: "pton",
  form: 'pton("ADDRESS")',
  doc: "The bytes of an IPv4 or IPv6 address that is written out.",
  arity: [1, 1],
  pure: true,
  check(use, c) {
    const text = c.constantString(use, 0);
    const bytes = text === undefined ? [] : parseAddress(text);
    if (!bytes) return c.error(use.span, `pton() expects a valid IPv4 or IPv6 address, got '${text}'`);
    return { type: { kind: "array", of: { kind: "int", bits: 8, signed: false }, count: bytes.length } };
  },
  lowerInto(use, l, to) {
    const argument = use.args[0];
    const text = argument.kind === "type-name" ? "" : String(l.info(argument).constant);
    (parseAddress(text) ?? []).forEach((byte, index) => {
      l.b.store(to.base, to.offset + index, 1, BigInt(byte));
    });
  },
};

/** The bytes of an address (RFC 4291, section 2.2, for IPv6). */
function parseAddress(text: string): number[] | undefined {
  const dotted = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (dotted) {
    const bytes = dotted.slice(1).map(Number);
    return bytes.every((byte) => byte < 256) ? bytes : undefined;
  }
  const halves = text.split("::");
  if (halves.length > 2 || !/^[0-9a-fA-F:.]*$/.test(text) || !text.includes(":")) return undefined;
  const [head, tail] = halves.map(groups);
  if (!head || (halves.length === 2 && !tail)) return undefined;
  const rest = tail ?? [];
  const missing = 16 - head.length - rest.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...rest];
}

function groups(text: string): number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  for (const group of text.split(":")) {
    if (group.includes(".")) {
      const dotted = parseAddress(group);
      if (dotted?.length !== 4) return undefined;
      bytes.push(...dotted);
      continue;
    }
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    const value = Number.parseInt(group, 16);
    bytes.push(value >> 8, value & 0xff);
  }
  return bytes;
}
