import { expect, test } from "vitest";
import type { Expression, Probe, Script } from "../ast.ts";
import { parseScript } from "./parser.ts";

function parsed(source: string, params: readonly string[] = []): Script {
  const { script, diagnostics } = parseScript(source, { params });
  expect(diagnostics.all).toEqual([]);
  return script;
}

function errors(source: string): string[] {
  return parseScript(source, { params: [] }).diagnostics.all.map((each) =>
    each.span === undefined ? each.message : `${each.span.start}-${each.span.end} ${each.message}`,
  );
}

function probe(source: string, params: readonly string[] = []): Probe {
  const item = parsed(source, params).items[0];
  if (item?.kind !== "probe") throw new Error("no probe");
  return item;
}

/** Spans and texts are left out; 64-bit numbers are shown as `5n`. */
function bare(node: unknown): unknown {
  return JSON.parse(
    JSON.stringify(node, (key, value) =>
      /^(span|text)$|Span$/.test(key) ? undefined : typeof value === "bigint" ? `${value}n` : value,
    ),
  );
}

/** The expression as nested lists, for reading precedence. */
function tree(e: Expression): unknown {
  switch (e.kind) {
    case "binary":
      return [tree(e.left), e.operator, tree(e.right)];
    case "unary":
      return [e.operator, tree(e.operand)];
    case "step":
      return e.prefix ? [e.operator, tree(e.operand)] : [tree(e.operand), e.operator];
    case "conditional":
      return [tree(e.condition), "?", e.then === undefined ? "" : tree(e.then), ":", tree(e.else)];
    case "cast":
      return [
        "cast",
        `${"name" in e.type.base ? e.type.base.name : "typeof"}${"*".repeat(e.type.pointers)}`,
        tree(e.operand),
      ];
    case "field":
      return [tree(e.object), e.arrow ? "->" : ".", e.field];
    case "index":
      return [tree(e.object), "[]", tree(e.index)];
    case "int":
      return Number(e.value);
    case "identifier":
    case "variable":
      return e.name;
    case "map":
      return e.key === undefined ? e.name : [e.name, "[]", tree(e.key)];
    case "tuple":
      return ["tuple", ...e.elements.map(tree)];
    case "call":
      return [e.name, ...e.args.map((arg) => (arg.kind === "type-name" ? "type" : tree(arg)))];
    default:
      return e.kind;
  }
}

function expression(text: string): Expression {
  const statement = probe(`begin { $r = ${text}; }`).body.statements[0];
  if (statement?.kind !== "assignment") throw new Error("no assignment");
  return statement.value;
}

test.each([
  ["1 + 2 * 3", [1, "+", [2, "*", 3]]],
  ["1 - 2 - 3", [[1, "-", 2], "-", 3]],
  ["1 || 2 && 3 | 4 ^ 5 & 6", [1, "||", [2, "&&", [3, "|", [4, "^", [5, "&", 6]]]]]],
  ["1 == 2 < 3 << 4 + 5", [1, "==", [2, "<", [3, "<<", [4, "+", 5]]]]],
  ["a ? b : c ? d : e", ["a", "?", "b", ":", ["c", "?", "d", ":", "e"]]],
  ["a ?: b", ["a", "?", "", ":", "b"]],
  ["-$x++ * 2", [["-", ["$x", "++"]], "*", 2]],
  ["*$p.a[1]->b", ["*", [[[["$p", ".", "a"], "[]", 1], "->", "b"]][0]]],
  ["$t.1.2", [["$t", ".", "1"], ".", "2"]],
  ["args.if", ["args", ".", "if"]],
  ["@x[1, 2][3]", [["@x", "[]", ["tuple", 1, 2]], "[]", 3]],
  ["(1,)", ["tuple", 1]],
  ["()", ["tuple"]],
  ["(1)", 1],
  ["--$x", ["--", "$x"]],
])("%s", (text, expected) => {
  expect(tree(expression(text))).toEqual(expected);
});

test.each([
  ["(uint8)3 - 5", [["cast", "uint8", 3], "-", 5]],
  ["(u32)-1", ["cast", "u32", ["-", 1]]],
  ["(pid_t)-1", ["cast", "pid_t", ["-", 1]]],
  ["(pid) - 1", ["pid", "-", 1]],
  ["(foo) - 1", ["foo", "-", 1]],
  ["(foo)(1)", ["cast", "foo", 1]],
  ["(foo)$x", ["cast", "foo", "$x"]],
  ["(foo *)-$x", ["cast", "foo*", ["-", "$x"]]],
  ["(struct task_struct *)arg0", ["cast", "task_struct*", "arg0"]],
  ["(unsigned long)arg0", ["cast", "unsigned long", "arg0"]],
  ["(long unsigned int)arg0", ["cast", "unsigned long", "arg0"]],
  ["(const char *)arg0", ["cast", "char*", "arg0"]],
  ["(typeof($y) *)$x", ["cast", "typeof*", "$x"]],
  ["(typeof($y))", "typeof"],
  ["(typeof(a) == typeof(b))", ["typeof", "==", "typeof"]],
  ["(a * b)", ["a", "*", "b"]],
  ["(a[1])", ["a", "[]", 1]],
  ["((struct x *)$p)->y", [["cast", "x*", "$p"], "->", "y"]],
])("cast or not: %s", (text, expected) => {
  expect(tree(expression(text))).toEqual(expected);
});

test.each([
  ["sizeof(struct x)", "type-name"],
  ["sizeof(uint64)", "type-name"],
  ["sizeof(x *)", "type-name"],
  ["sizeof(uint8[4])", "type-name"],
  ["sizeof($x)", "variable"],
  ["sizeof(x)", "identifier"],
  ["sizeof(uint64 + 1)", "binary"],
])("operand of %s", (text, kind) => {
  const e = expression(text);
  expect(e.kind === "sizeof" && e.operand.kind).toBe(kind);
});

test("types may be arguments of calls", () => {
  expect(bare(expression("container_of($p, struct x, a.b)"))).toMatchObject({
    args: [
      { kind: "variable" },
      { kind: "type-name", base: { kind: "struct", name: "x" } },
      { kind: "field", field: "b" },
    ],
  });
  expect(bare(expression("offsetof(struct x, a.b)"))).toMatchObject({ kind: "offsetof", path: ["a", "b"] });
  expect(bare(expression("f(typeof($x))"))).toMatchObject({ args: [{ kind: "type-name", base: { kind: "typeof" } }] });
});

test("array types", () => {
  expect(bare(expression("(uint8[4][])$x"))).toMatchObject({
    type: { base: { name: "uint8" }, dimensions: ["4n", null] },
  });
});

test("records and literals", () => {
  expect(bare(expression('(x = 1, y = "s")'))).toMatchObject({
    kind: "record",
    fields: [
      { name: "x", value: { value: "1n" } },
      { name: "y", value: { kind: "string", value: "s" } },
    ],
  });
  expect(expression("100.5")).toMatchObject({ kind: "decimal", value: 100.5, text: "100.5" });
  expect(expression("2s")).toMatchObject({ kind: "int", value: 2_000_000_000n, duration: "s" });
  expect(expression("$1")).toMatchObject({ kind: "positional", index: 1 });
  expect(expression("$#")).toMatchObject({ kind: "positional-count" });
  expect(expression("true")).toMatchObject({ kind: "bool", value: true });
});

test("an attach point is split at colons outside quotes", () => {
  const [point] = probe('uprobe:"/bin/my prog":"operator new(unsigned long)" { }').attachPoints;
  expect(point?.parts.map(({ text, quoted }) => [text, quoted])).toEqual([
    ["uprobe", false],
    ["/bin/my prog", true],
    ["operator new(unsigned long)", true],
  ]);
  expect(point?.text).toBe('uprobe:"/bin/my prog":"operator new(unsigned long)"');
  expect(point?.span).toEqual({ start: 0, end: 51 });
  expect(point?.parts[1]?.span).toEqual({ start: 7, end: 21 });
});

test("parameters are put into attach points, but not into quotes", () => {
  const [point] = probe('interval:$1:$2x$#:"$1":$9 { }', ["s", "10"]).attachPoints;
  expect(point?.parts.map(({ text }) => text)).toEqual(["interval", "s", "10x2", "$1", ""]);
});

test("attach points may be labelled, and the list may end with a comma", () => {
  const { attachPoints } = probe("a=kprobe:f,\nkprobe:g,\n{ }");
  expect(attachPoints.map(({ name, text }) => [name, text])).toEqual([
    ["a", "kprobe:f"],
    [undefined, "kprobe:g"],
  ]);
});

test("a slash belongs to the path once there was a colon", () => {
  expect(probe("BEGIN/pid/{}").predicate).toMatchObject({ kind: "identifier", name: "pid" });
  const { attachPoints, predicate } = probe("uprobe:/bin/sh:main /pid/{}");
  expect(attachPoints[0]?.text).toBe("uprobe:/bin/sh:main");
  expect(predicate).toMatchObject({ name: "pid" });
  expect(probe("kprobe:f/pid==1/{}").attachPoints[0]?.text).toBe("kprobe:f/pid==1/");
});

test("the predicate ends at the slash before the brace", () => {
  const { predicate } = probe("kprobe:f / pid / 2 == 10 / (3 / { 1 }) / // why\n { }");
  expect(predicate === undefined ? undefined : tree(predicate)).toEqual([
    ["pid", "/", 2],
    "==",
    [10, "/", [3, "/", "block-expression"]],
  ]);
});

test("the last expression without a semicolon is the value of a block", () => {
  expect(bare(expression("{ let $q = 2; $q * 3 }"))).toMatchObject({
    block: { statements: [{ kind: "let" }], value: { kind: "binary" } },
  });
  expect(bare(expression("if pid { 1 } else { 2 }"))).toMatchObject({
    if: { comptime: false, then: { value: { value: "1n" } }, else: { value: { value: "2n" } } },
  });
});

test.each([
  ["if 1 { 2 } else { 3 }", "if-expression"],
  ["if 1 { 2 } else if 3 { 4 } else { 5 }", "if-expression"],
  ["if 1 { x; } else { 3 }", undefined],
  ["if 1 { 2 } else { x; }", undefined],
  ["if 1 { 2 } else if 3 { x; } else { 5 }", undefined],
  ["if 1 { 2 }", undefined],
  ["{ 1 }", "block-expression"],
  ["{ x; }", undefined],
  ["{ 1 };", undefined],
  ["x;", undefined],
  ["$x = 1", undefined],
  ["x", "identifier"],
])("the value of a macro { %s } is %s", (body, kind) => {
  const [macro] = parsed(`macro m(x) { ${body} }`).items;
  expect(macro?.kind === "macro" && macro.body.value?.kind).toBe(kind);
});

test("nobody takes the value of a body", () => {
  const { body } = probe("begin { if 1 { print(1) } else if 2 { { 3 } } else { if 4 { 5 } else { 6 } } }");
  expect(bare(body)).toEqual({
    kind: "block",
    statements: [
      {
        kind: "if",
        condition: { kind: "int", value: "1n" },
        comptime: false,
        then: {
          kind: "block",
          statements: [
            {
              kind: "expression-statement",
              expression: { kind: "call", name: "print", args: [{ kind: "int", value: "1n" }] },
            },
          ],
        },
        else: {
          kind: "if",
          condition: { kind: "int", value: "2n" },
          comptime: false,
          then: { kind: "block", statements: [expect.objectContaining({ kind: "block" })] },
          else: {
            kind: "block",
            statements: [
              expect.objectContaining({ kind: "if", then: { kind: "block", statements: [expect.anything()] } }),
            ],
          },
        },
      },
    ],
  });
});

test("statements", () => {
  const kinds = probe(
    `begin { ; let $a; let $b: uint8 = 1; @x++; @y[1] += 2; _ = 3; while (1) { break; continue } unroll 3 { }
     for $i : 0..3 { } for ($k : @x) { } if comptime (1) { } ; { } import "x.bt"; return 1; return }`,
  ).body.statements.map((statement) => statement.kind);
  expect(kinds).toEqual(
    `let let expression-statement assignment discard while unroll for-range for-map if block import return return`.split(
      " ",
    ),
  );
});

test("declarations", () => {
  const script = parsed(`#!/usr/bin/beetrace
config = { max_strlen = 1_00; missing_probes = warn; str_trunc_trailer = ""; }
import "a.bt";
let @x = lruhash(10);
macro m($a, @b, c) { $a + c }
fn f($a: int64, $b: struct x *): void { return; }
begin { m($a, @b, 1) }`);
  expect(script.shebang).toBe("#!/usr/bin/beetrace");
  expect(bare(script.config)).toEqual([
    { key: "max_strlen", value: { kind: "int", value: "100n" } },
    { key: "missing_probes", value: { kind: "word", value: "warn" } },
    { key: "str_trunc_trailer", value: { kind: "string", value: "" } },
  ]);
  expect(bare(script.imports)).toEqual([{ kind: "import", path: "a.bt" }]);
  expect(bare(script.items)).toMatchObject([
    { kind: "map-declaration", name: "@x", type: "lruhash", maxEntries: { value: "10n" } },
    {
      kind: "macro",
      name: "m",
      params: [
        { kind: "variable", name: "$a" },
        { kind: "map", name: "@b" },
        { kind: "expression", name: "c" },
      ],
      body: { value: { kind: "binary" } },
    },
    {
      kind: "function",
      name: "f",
      params: [{ name: "$a" }, { name: "$b", type: { pointers: 1 } }],
      result: { base: { name: "void" } },
    },
    { kind: "probe" },
  ]);
});

test("C definitions", () => {
  const { definitions } = parsed(`#define LEN 4
struct a {
  unsigned long long x, *y;
  char name[LEN * 2][3];
  struct { u8 low : 3; u8 : 5; };
  union u { int i; float f; } value;
  int (*call)(int, char *);
  int (*rows)[2];
  struct b *next;
  const char flexible[];
} __attribute__((packed, aligned(8)));
struct forward;
enum color { RED, GREEN = 1 << 3, BLUE };
begin { }`);
  expect(bare(definitions)).toEqual([
    {
      kind: "struct",
      name: "a",
      packed: true,
      alignedBytes: 8,
      fields: [
        { name: "x", type: { kind: "named", name: "unsigned long long" } },
        { name: "y", type: { kind: "pointer", to: { kind: "named", name: "unsigned long long" } } },
        {
          name: "name",
          type: { kind: "array", count: 8, of: { kind: "array", count: 3, of: { kind: "named", name: "char" } } },
        },
        {
          name: "",
          type: {
            kind: "inline",
            definition: {
              kind: "struct",
              name: "",
              packed: false,
              fields: [
                { name: "low", type: { kind: "named", name: "u8" }, bitWidth: 3 },
                { name: "", type: { kind: "named", name: "u8" }, bitWidth: 5 },
              ],
            },
          },
        },
        {
          name: "value",
          type: {
            kind: "inline",
            definition: {
              kind: "union",
              name: "u",
              packed: false,
              fields: [
                { name: "i", type: { kind: "named", name: "int" } },
                { name: "f", type: { kind: "named", name: "float" } },
              ],
            },
          },
        },
        { name: "call", type: { kind: "pointer", to: { kind: "function" } } },
        {
          name: "rows",
          type: { kind: "pointer", to: { kind: "array", count: 2, of: { kind: "named", name: "int" } } },
        },
        { name: "next", type: { kind: "pointer", to: { kind: "struct", name: "b" } } },
        { name: "flexible", type: { kind: "array", of: { kind: "named", name: "char" } } },
      ],
    },
    {
      kind: "enum",
      name: "color",
      constants: [
        { name: "RED", value: "0n" },
        { name: "GREEN", value: "8n" },
        { name: "BLUE", value: "9n" },
      ],
    },
  ]);
});

test("the preprocessor", () => {
  const { includes, defines, definitions } = parsed(`# a comment, as in a shell; don't mind
#ifndef BPFTRACE_HAVE_BTF
  ' this need not even be tokens
#if 1
#endif
#include <linux/dead.h>
#else
#include <linux/live.h>
#endif
#if defined(BEETRACE) && !defined NOPE && 2 > 1
#include "own.h"
#elif 1
#include "dead.h"
#endif
#define N (1 << \\
  4) // sixteen
#define ADD(a, b) ((a) + (b))
#define EMPTY
#define TYPE struct foo
#undef EMPTY
#ifdef EMPTY
#error dead
#endif
struct s { char c[N]; };
begin { }`);
  expect(includes.map(({ path, system }) => [path, system])).toEqual([
    ["linux/live.h", true],
    ["own.h", false],
  ]);
  expect(defines.map(({ name, params, value }) => [name, params, value?.kind])).toEqual([
    ["N", undefined, "binary"],
    ["ADD", ["a", "b"], undefined],
    ["EMPTY", undefined, undefined],
    ["TYPE", undefined, undefined],
  ]);
  expect(bare(definitions)).toMatchObject([{ fields: [{ type: { kind: "array", count: 16 } }] }]);
});

test.each([
  ["", "0-0 syntax: unexpected end of file, expected a probe"],
  ["kprobe:f {", "10-10 syntax: unexpected end of file, expected '}'"],
  ["kprobe:f\n\n", "8-8 syntax: unexpected end of file, expected '{', ',' or a predicate"],
  ["kprobe:f { $x = ; }", "16-17 syntax: unexpected ';', expected an expression"],
  ["kprobe:f { $x = 1 $y = 2; }", "18-20 syntax: unexpected '$y', expected ';' or '}'"],
  ['begin { print("a }', "14-18 syntax: unterminated string"],
  ['begin { print("a\nb"); }', "14-16 syntax: unterminated string"],
  ["begin { $x = 'a'; }", "13-16 syntax: strings stand in double quotes"],
  ["begin { /* }", "8-12 syntax: unterminated comment"],
  [String.raw`begin { print("a\q") }`, String.raw`16-18 syntax: invalid escape character '\q'`],
  ["begin { $x = 10e6 }", "13-17 syntax: invalid number '10e6'"],
  ["begin { $x = 18446744073709551616; }", "13-33 syntax: number '18446744073709551616' is out of range"],
  ["begin { $x = (a = 1, a = 2); }", "21-22 syntax: duplicate record field 'a'"],
  ["begin { $0 }", "8-10 syntax: invalid positional parameter '$0'"],
  ["begin { @x[] }", "10-12 syntax: a map key is missing between the brackets"],
  ["let $x = 1; begin { }", "4-6 syntax: unexpected '$x', expected a map: only maps are declared outside probes"],
  ["begin { let @x; }", "12-14 syntax: a map cannot be declared inside a block"],
  ["begin { } struct x { int a; };", "10-16 syntax: C definitions must appear before probes and functions"],
  ["begin { } config = { a = 1 }", "10-16 syntax: config must appear before probes and functions"],
  ['begin { } import "x";', "10-16 syntax: root imports must appear before probes and functions"],
  ["config = { } config = { } begin { }", "13-19 syntax: duplicate config block"],
  ["typedef int x; begin { }", "0-7 syntax: typedef is not supported in scripts"],
  ['uprobe:"/bin/x { }', "0-18 syntax: unterminated string in the attach point"],
  ["#if 1\nbegin { }", "0-5 syntax: this condition has no #endif"],
  ["#incldue <x>\nbegin { }", "0-8 syntax: unknown directive '#incldue'"],
  ["#endif\nbegin { }", "0-6 syntax: #endif without #if"],
  ["begin { for $i : 3 { } }", "17-18 syntax: a for loop goes over a map or a range"],
])("%j", (source, message) => {
  expect(errors(source)).toEqual([message]);
});

test("several errors are told at once", () => {
  expect(errors("begin { $x = ; $y = 1; { @z = ) ; } } end { ] } kprobe:f { }")).toEqual([
    "13-14 syntax: unexpected ';', expected an expression",
    "30-31 syntax: unexpected ')', expected an expression",
    "44-45 syntax: unexpected ']', expected an expression",
  ]);
});

test("old forms are read", () => {
  const { items } = parsed(
    "BEGIN { } kfunc:f { args->x } kretfunc:f { delete(@x[1]); } tracepoint:a:b / args->ret > 0 / { $s.field } END { }",
  );
  expect(items.length).toBe(5);
});

test.each([
  ["parentheses", `begin { ${"(".repeat(10_000)}`],
  ["braces", `begin { ${"{".repeat(10_000)}`],
  ["minus signs", `begin { $x = ${"- ".repeat(10_000)}1; }`],
  ["conditionals", `begin { $x = ${"1 ? 2 : ".repeat(10_000)}3; }`],
  ["casts", `begin { $x = ${"(u8)".repeat(10_000)}1; }`],
  ["map keys", `begin { $x = ${"@[".repeat(10_000)}`],
  ["calls", `begin { $x = ${"f(".repeat(10_000)}`],
  ["typeofs", `begin { $x = ${"typeof(".repeat(10_000)}`],
  ["ifs", `begin { ${"if 1 {".repeat(10_000)}`],
  ["a sum", `begin { $x = 1${" + 1".repeat(10_000)}; }`],
  ["fields", `begin { $x = $y${".a".repeat(10_000)}; }`],
  ["else ifs", `begin { if 1 { 1 } ${"else if 1 { 1 }".repeat(10_000)} }`],
  ["structs", `${"struct a { ".repeat(10_000)}`],
  ["declarators", `struct a { int ${"(".repeat(10_000)}`],
])("10,000 %s are nested too deeply", (_, source) => {
  expect(errors(source)[0]).toMatch(/^\d+-\d+ syntax: nested too deeply$/);
});

test("reasonable depth is accepted", () => {
  parsed(`begin { $x = ${"(".repeat(150)}1${")".repeat(150)}; $y = 1${" + 1".repeat(900)}; }`);
});

test("a megabyte takes linear time", () => {
  const statement = 'if (@x[pid, comm] > 10) { printf("%d %s\\n", $x + 1, str(args.filename)); } // why\n';
  const time = (repeats: number) => {
    const source = `begin { ${statement.repeat(repeats)} }`;
    const start = Date.now();
    parsed(source);
    return Date.now() - start;
  };
  time(1000);
  const short = time(1500);
  // Eight times the text: 64 times the time would be quadratic.
  expect(time(12_000)).toBeLessThan(short * 30 + 100);
});

test.each([
  ["one string", `begin { print("${"a".repeat(1_000_000)}"); }`],
  ["one comment", `/*${"a".repeat(1_000_000)}*/ begin { }`],
  ["one name", `begin { $${"a".repeat(1_000_000)} }`],
  ["one attach point", `kprobe:${"a".repeat(1_000_000)} { }`],
  ["blanks", `${" ".repeat(1_000_000)}begin { }`],
  ["colons", `a${":".repeat(1_000_000)} { }`],
  ["defines", `${"#define A 1 + 2\n".repeat(60_000)}begin { }`],
  ["fields", `struct a { ${"int b; ".repeat(140_000)} }; begin { }`],
  ["items", "begin { } ".repeat(100_000)],
  ["semicolons", `begin { ${";".repeat(1_000_000)} }`],
])("a megabyte of %s", (_, source) => {
  parsed(source);
});
