import { ByteWriter } from "@beetrace/std";
import { expect, test } from "vitest";
import type { DecimalExpression } from "./decimal.ts";
import { memoryOf } from "./memory.ts";
import { type PrintfArg, printfRenderer } from "./printf.ts";
import { bareResolver } from "./resolver.ts";
import type { ValueType } from "./type.ts";

const resolver = bareResolver();
const i64: ValueType = { kind: "int", size: 8, signed: true };
const u64: ValueType = { kind: "int", size: 8, signed: false };

/** Renders with 64-bit arguments of the given type. */
function ints(format: string, values: readonly (number | bigint)[], type: ValueType = i64): string {
  const writer = new ByteWriter();
  for (const value of values) writer.u64(BigInt(value));
  const args = values.map((_, index): PrintfArg => ({ offset: index * 8, type }));
  return printfRenderer(format, args, resolver)(memoryOf(writer.finish()), 0);
}

function one(format: string, type: ValueType, write: (writer: ByteWriter) => void): string {
  const writer = new ByteWriter();
  write(writer);
  return printfRenderer(format, [{ offset: 0, type }], resolver)(memoryOf(writer.finish()), 0);
}

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const literal = (value: number): PrintfArg => ({ decimal: { kind: "literal", value } });
const decimals = (format: string, ...values: number[]) =>
  printfRenderer(format, values.map(literal), resolver)(memoryOf(new Uint8Array(8)), 0);

test("integers without a length modifier are cut to 32 bits", () => {
  expect(ints("%x %lx", [0xaabbccddeeffn, 0xaabbccddeeffn])).toBe("ccddeeff aabbccddeeff");
  expect(ints("%d %i", [4294967295, -1])).toBe("-1 -1");
  expect(ints("%u %d", [-1, 1])).toBe("4294967295 1");
  expect(ints("%d", [4294967285n], u64)).toBe("-11");
});

test("length modifiers", () => {
  const x = 0x12345678abcdefn;
  expect(ints("%hhx %hx %x %jx", [x, x, x, x])).toBe("ef cdef 78abcdef 12345678abcdef");
  expect(ints("%hhd %hd %d %ld", [-1, -1, -1, -1])).toBe("-1 -1 -1 -1");
  expect(ints("%hhd %hd", [0x80, 0x8000])).toBe("-128 -32768");
  expect(ints("%lu %llu", [-1, -2])).toBe("18446744073709551615 18446744073709551614");
  expect(ints("%ld", [0xffffffffffffffffn], u64)).toBe("-1");
});

test("narrow integers extend by their sign", () => {
  expect(one("%d", { kind: "int", size: 1, signed: true }, (w) => w.u8(0xfe))).toBe("-2");
  expect(one("%d", { kind: "int", size: 1, signed: false }, (w) => w.u8(0xfe))).toBe("254");
  expect(one("%lu", { kind: "int", size: 2, signed: true }, (w) => w.u16(0xffff))).toBe("18446744073709551615");
  expect(one("%lu", { kind: "int", size: 4, signed: false }, (w) => w.u32(0xffffffff))).toBe("4294967295");
  expect(one("%ld", { kind: "int", size: 4, signed: true }, (w) => w.u32(0xffffffff))).toBe("-1");
});

test("octal, upper-case hex, characters", () => {
  expect(ints("%o %lo %X %lX", [8, -1, 255, 0xabcdef0123n])).toBe("10 1777777777777777777777 FF ABCDEF0123");
  expect(ints("%c%c%c", [0x41, 0x142, 0xff])).toBe("AB\xff");
  expect(ints("[%3c][%-3c]", [0x41, 0x42])).toBe("[  A][B  ]");
});

test("padding as C has it", () => {
  expect(ints("[%5d][%-5d][%05d]", [42, 42, 42])).toBe("[   42][42   ][00042]");
  expect(ints("[%05d][%5d][%-5d]", [-5, -5, -5])).toBe("[-0005][   -5][-5   ]");
  expect(ints("[%+d][%+d][% d][% d]", [5, -5, 5, -5])).toBe("[+5][-5][ 5][-5]");
  expect(ints("[%#06x][%#x][%#X][%#o][%#x]", [255, 255, 255, 8, 0])).toBe("[0x00ff][0xff][0XFF][010][0]");
  expect(ints("[%-05d][%04x]", [7, 2])).toBe("[7    ][0002]");
  expect(ints("[%#8x][%-#8x]", [255, 255])).toBe("[    0xff][0xff    ]");
  expect(ints("[%+u]", [5])).toBe("[5]");
});

test("pointers: null is 0", () => {
  const pointer: ValueType = { kind: "pointer" };
  expect(ints("%p %p", [0xdead, 0], pointer)).toBe("0xdead 0");
  expect(ints("%s %d %lx", [0xffffffff81000000n, 5, 0xffffffff81000000n], pointer)).toBe(
    "0xffffffff81000000 5 ffffffff81000000",
  );
  expect(ints("[%12p]", [0xdead])).toBe("[      0xdead]");
});

test("booleans and enums are integers, and have names", () => {
  expect(one("%d", { kind: "bool" }, (w) => w.u8(1))).toBe("1");
  expect(one("%s", { kind: "bool" }, (w) => w.u8(1))).toBe("true");
  const color: ValueType = { kind: "enum", size: 4, signed: false, name: "color", variants: [[3n, "RED"]] };
  expect(one("%d", color, (w) => w.u32(3))).toBe("3");
  expect(one("[%-5s]", color, (w) => w.u32(3))).toBe("[RED  ]");
  expect(one("%s", color, (w) => w.u32(4))).toBe("4");
});

test("strings, padded; precision is ignored", () => {
  const type: ValueType = { kind: "string", size: 8 };
  expect(one("%-6s|", type, (w) => w.append(ascii("ab\0\0\0\0\0\0")))).toBe("ab    |");
  expect(one("%5s|", type, (w) => w.append(ascii("ba\0\0\0\0\0\0")))).toBe("   ba|");
  expect(one("%.1s|", type, (w) => w.append(ascii("ba\0\0\0\0\0\0")))).toBe("ba|");
  expect(one("%s|", type, (w) => w.append(ascii("abcdefgh")))).toBe("abcdefgh..|");
});

test("packed strings", () => {
  const packed = (length: number, text: string) => {
    const writer = new ByteWriter().u64(0n).u32(24).u32(length).u64(0n).append(ascii(text));
    const args: PrintfArg[] = [{ offset: 0, type: { kind: "string", size: 6 }, packed: true }];
    return printfRenderer("<%s>", args, resolver)(memoryOf(writer.finish()), 8);
  };
  // The event starts at byte 8, so position 24 is byte 32 of the memory: eight bytes after the words.
  expect(packed(4, "--------abc\0zz")).toBe("<abc>");
  expect(packed(0, "--------abc\0zz")).toBe("<>");
  expect(packed(1, "--------\0bc\0zz")).toBe("<>");
  expect(packed(6, "--------abcdefzz")).toBe("<abcdef..>");
  expect(packed(6, "--------abcde\0zz")).toBe("<abcde>");
});

test("buffers in three styles", () => {
  const buffer: ValueType = { kind: "buffer", capacity: 8 };
  const write = (w: ByteWriter) => w.u32(2).u8(0x41).u8(1).u32(0);
  expect(one("%r", buffer, write)).toBe("A\\x01");
  expect(one("%rx", buffer, write)).toBe("\\x41\\x01");
  expect(one("%rh", buffer, write)).toBe("41 01");
  expect(one("%s", buffer, write)).toBe("A\\x01");
  expect(one("[%-8r]", buffer, write)).toBe("[A\\x01   ]");
});

test("allocation flags", () => {
  expect(ints("%gr %gr %gr", [1, 0xcc0, 0])).toBe("GFP_DMA GFP_KERNEL 0");
  expect(ints("%gr", [0xcc0 | 0x100 | 0x2000])).toBe("GFP_KERNEL|__GFP_ZERO|__GFP_NOWARN");
  expect(ints("%gr %gr %gr", [0x820, 0x140dca, 0x40cc0])).toBe(
    "GFP_ATOMIC GFP_HIGHUSER_MOVABLE|__GFP_ZERO|__GFP_COMP GFP_KERNEL|__GFP_COMP",
  );
  expect(ints("%gr", [2 ** 40 + 1])).toBe("GFP_DMA|0x10000000000");
});

test("an argument that does not fit says so in the text", () => {
  const type: ValueType = { kind: "string", size: 4 };
  expect(one("%d", type, (w) => w.append(ascii("abc\0")))).toBe("!{invalid integer conversion: abc}");
  expect(one("%gr", type, (w) => w.append(ascii("abc\0")))).toBe("!{invalid GFP flags conversion: abc}");
});

test("text around conversions", () => {
  expect(ints("%d%% of %d%s\n", [5, 10, 3])).toBe("5% of 103\n");
  expect(ints("plain", [])).toBe("plain");
  expect(ints("", [])).toBe("");
});

test("%f as C writes it", () => {
  expect(decimals("%f %.2f %.0f %.0f %.0f", 1.5, 3.1437, 0.5, 1.5, 2.5)).toBe("1.500000 3.14 0 2 2");
  expect(decimals("%.2f %.3f %.1f", 1.005, 2.0005, 0.25)).toBe("1.00 2.001 0.2");
  expect(decimals("[%8.2f][%-8.2f][%08.2f][%+.1f][% .1f]", -3.1437, 3.1437, -3.1437, 2, 2)).toBe(
    "[   -3.14][3.14    ][-0003.14][+2.0][ 2.0]",
  );
  expect(decimals("%f %.0f %#.0f", 1e22, 1e22, 3)).toBe("10000000000000000000000.000000 10000000000000000000000 3.");
  expect(
    decimals("%f %F %f %05f", Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
  ).toBe("nan INF -inf   inf");
  expect(decimals("%.1f", -0)).toBe("-0.0");
});

test("%e and %g as C writes them", () => {
  expect(decimals("%e %.2E %.0e %e", 12345.678, 0.00012, 2.5, 0)).toBe("1.234568e+04 1.20E-04 2e+00 0.000000e+00");
  expect(decimals("%.3e %.0e", 9.9996, 9.6)).toBe("1.000e+01 1e+01");
  expect(decimals("%.17e", 1e23)).toBe("9.99999999999999916e+22");
  expect(decimals("%g %g %g %g %g", 100000, 1000000, 0.0001, 0.00001, 1234567)).toBe(
    "100000 1e+06 0.0001 1e-05 1.23457e+06",
  );
  expect(decimals("%g %g %.3g %#g %G", 0, 0.5, 1234.5, 1.5, 1e-10)).toBe("0 0.5 1.23e+03 1.50000 1E-10");
  expect(decimals("%.0g %g", 25, 999999.5)).toBe("2e+01 1e+06");
});

test("decimals from fields", () => {
  const field = (offset: number, type: ValueType = u64): DecimalExpression => ({ kind: "field", offset, type });
  const ratio: DecimalExpression = { kind: "binary", op: "/", left: field(0), right: field(8) };
  const memory = memoryOf(new ByteWriter().u64(7n).u64(2n).u64(-3n).u64(0n).finish());
  const render = (format: string, decimal: DecimalExpression) =>
    printfRenderer(format, [{ decimal }], resolver)(memory, 0);
  expect(render("%.1f", ratio)).toBe("3.5");
  expect(render("%d", ratio)).toBe("3");
  expect(render("%d", { kind: "unary", op: "-", operand: ratio })).toBe("-3");
  expect(render("%s", ratio)).toBe("3.5");
  expect(render("%.2f", { kind: "binary", op: "%", left: field(0), right: field(8) })).toBe("1.00");
  expect(
    render("%.1f", { kind: "binary", op: "*", left: field(16, i64), right: { kind: "literal", value: 0.5 } }),
  ).toBe("-1.5");
  expect(render("%f", { kind: "binary", op: "/", left: field(0), right: field(24) })).toBe("inf");
  expect(render("%d", { kind: "binary", op: "/", left: field(0), right: field(24) })).toBe("0");
  expect(render("%ld", { kind: "literal", value: 1e18 })).toBe("1000000000000000000");
  expect(
    render("%.1f", {
      kind: "binary",
      op: "+",
      left: field(0),
      right: { kind: "binary", op: "-", left: field(8), right: field(0) },
    }),
  ).toBe("2.0");
  expect(printfRenderer("%.2f", [{ offset: 16, type: i64 }], resolver)(memory, 0)).toBe("-3.00");
});
