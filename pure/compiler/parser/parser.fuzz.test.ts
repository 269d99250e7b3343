import fc from "fast-check";
import { expect, test } from "vitest";
import { parseScript } from "./parser.ts";
import { printScript } from "./print.ts";
import { samples, shapeOf } from "./samples.ts";

const settings = { seed: 20240611, numRuns: 2000 };

const pieces =
  `begin kprobe:f { } ( ) [ ] < > / * + - -- ++ = == => != ! ~ & && | || ^ , ; : ? . .. -> $x $1 $# $0 @ @x @x[ 1 0 08 1e6 5ms
  1.5 "s" "\\q" " ' // /* */ # #if #ifdef #else #endif #define #include \\ if else while for unroll let fn macro config
  import struct union enum typedef sizeof offsetof typeof typeinfo comptime return break continue true false uint8
  x y int unsigned __attribute__ 0x é 😀 \n`.split(/[ ]+/);

/** Whatever the text: diagnostics in its bounds. A script without errors is printed, read again and printed the same. */
function check(source: string): void {
  const { script, diagnostics } = parseScript(source, { params: ["1"] });
  for (const { span, message } of diagnostics.all) {
    expect(message).not.toBe("");
    if (span === undefined) continue;
    expect(span.start).toBeGreaterThanOrEqual(0);
    expect(span.end).toBeGreaterThanOrEqual(span.start);
    expect(span.end).toBeLessThanOrEqual(source.length);
  }
  if (diagnostics.hasErrors) return;
  const once = printScript(script, source);
  const again = parseScript(once, { params: ["1"] });
  expect(again.diagnostics.all.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(printScript(again.script, once)).toBe(once);
  expect(shapeOf(once)).toEqual(shapeOf(source));
}

const soup = fc
  .array(fc.tuple(fc.constantFrom(...pieces), fc.constantFrom("", " ", " ", "\n")), { maxLength: 60 })
  .map((list) => list.flat().join(""));

test("token soup", () => {
  fc.assert(fc.property(soup, check), settings);
});

test("token soup in a body", () => {
  fc.assert(
    fc.property(soup, (text) => check(`begin { ${text} }`)),
    settings,
  );
});

test("any text", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), check), settings);
});

/** Text of expressions that are right by construction, with parentheses in all places. */
const { expression } = fc.letrec<{ expression: string }>((tie) => {
  const sub = tie("expression");
  const form = (...parts: (string | fc.Arbitrary<string>)[]) =>
    fc
      .tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part)))
      .map((list) => list.join(""));
  const infix = "+ - * / % << >> & | ^ == != < <= > >= && ||".split(" ");
  const prefix = [
    "!",
    "~",
    "- ",
    "+ ",
    "* ",
    "& ",
    "++ ",
    "-- ",
    "(u32)",
    "(foo *)",
    "(foo)",
    "(typeof($y))",
    "(uint8[4])",
  ];
  const leaf = fc.constantFrom(
    "1",
    "5ms",
    "1.5",
    '"s"',
    "$x",
    "@x",
    "@",
    "pid",
    "sizeof((uint64))",
    "$1",
    "true",
    "f()",
    "()",
  );
  return {
    expression: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      leaf,
      form("(", sub, ")"),
      form("(", sub, ") ", fc.constantFrom(...infix), " (", sub, ")"),
      form("(", sub, ") ? (", sub, ") : (", sub, ")"),
      form("(", sub, ") ?: ", sub),
      form(fc.constantFrom(...prefix), "(", sub, ")"),
      form("(", sub, ")", fc.constantFrom("++", "--", ".a", "->b", ".0", "[0]")),
      form("(", sub, ")[", sub, "]"),
      form("@x[", sub, ", ", sub, "]"),
      form("(", sub, ",)"),
      form("(a = ", sub, ", b = ", sub, ")"),
      form("f(", sub, ", ", sub, ")"),
      form("sizeof(", sub, ")"),
      form("{ $y = ", sub, "; ", sub, " }"),
      form("{ ", sub, " }"),
      form("{ ", sub, "; }"),
      form("if (", sub, ") { ", sub, " } else { ", sub, " }"),
      form("if ", sub, " { ", sub, "; }"),
      form("comptime ", sub),
    ),
  };
});

test("expressions", () => {
  const places = [
    "begin { $r = (E); }",
    "begin { (E); }",
    "kprobe:f / (E) / { }",
    "macro m() { (E) }",
    "begin { if (E) { } }",
  ];
  fc.assert(
    fc.property(expression, fc.constantFrom(...places), (text, place) => {
      const source = place.replace("E", () => text);
      check(source);
      return parseScript(source, { params: [] }).diagnostics.all.every(({ message }) => message.endsWith("too deeply"));
    }),
    settings,
  );
});

test("mutated scripts", () => {
  const mutation = fc.record({
    source: fc.constantFrom(...samples),
    edits: fc.array(fc.record({ at: fc.nat(), cut: fc.nat(6), piece: fc.constantFrom("", ...pieces) }), {
      minLength: 1,
      maxLength: 4,
    }),
  });
  const mutate = (text: string, { at, cut, piece }: { at: number; cut: number; piece: string }) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + piece + text.slice(place + cut);
  };
  fc.assert(
    fc.property(mutation, ({ source, edits }) => check(edits.reduce(mutate, source))),
    settings,
  );
});
