import { describe, expect, test } from "vitest";
import { compileScript } from "../compile.ts";
import { parseScript } from "../parser/parser.ts";
import { sizeOfC } from "../semantics/c-scalars.ts";
import { CTypes } from "../semantics/c-types.ts";
import { testTarget } from "../testing/index.ts";
import { Headers } from "./headers.ts";
import type { ReadInclude } from "./preprocess.ts";

const files =
  (texts: Readonly<Record<string, string>>): ReadInclude =>
  (path) => {
    const text = texts[path];
    return text === undefined ? undefined : { path: `/inc/${path}`, text };
  };

/** What is known after `#include "a.h"` with this text. */
function read(text: string, others: Readonly<Record<string, string>> = {}) {
  const headers = new Headers(files({ ...others, "a.h": text }), { arch: "x86_64", btf: undefined });
  const { diagnostics } = parseScript('#include "a.h"\nbegin { }', { params: [], headers });
  const types = new CTypes({ btf: undefined }, [], headers);
  return {
    errors: diagnostics.all.map(({ message }) => message),
    meaning: (name: string) => headers.meaningOf(name),
    size: (name: string) => {
      const type = types.named(name);
      return type && sizeOfC(type);
    },
    offsets: (name: string) =>
      types
        .struct(name)
        ?.fields()
        .map((field) => [field.name, field.offsetBytes]),
    names: headers.definitions.map(({ name }) => name),
  };
}

describe("macros", () => {
  test.each([
    ["#define X 5", 5n],
    ["#define X (1 << 4 | 3)", 19n],
    ["#define X 0170000", 0o170000n],
    ["#define X 0xffUL", 255n],
    ["#define X 'A'", 65n],
    ["#define X '\\n'", 10n],
    ["#define X \\\n  7 /* seven\n */ + 1 // and one", 8n],
    ["#define Y 4\n#define X Y * 2", 8n],
    ["#define F(a, b) ((a) << (b))\n#define X F(1, F(1, 2))", 16n],
    ["#define G F\n#define F(a) a + 1\n#define X G(2)", 3n],
    ["#define CAT(a, b) a##b\n#define AB 9\n#define X CAT(A, B)", 9n],
    ["#define CAT_(a, b) a##b\n#define CAT(a, b) CAT_(a, b)\n#define ONE 1\n#define X CAT(ONE, 2)", 12n],
    ["#define V(first, ...) __VA_ARGS__\n#define X V(1, 2 + 3)", 5n],
    ["#define N(args...) args\n#define X N(6)", 6n],
    ["#define E() 3\n#define X E()", 3n],
    ["enum { A = 3, B };\n#define X (B + 1)", 5n],
    ["enum { X = 7 };\n#define X X", 7n],
    ["struct s { int a; long b; };\n#define X sizeof(struct s)", 16n],
    ["typedef struct { char c[3]; } t;\n#define X (sizeof(t) * 2)", 6n],
    ["#define X sizeof(unsigned long[4])", 32n],
    ["struct s { char c; short h; };\n#define X (__alignof__(struct s) * 10 + _Alignof(void *))", 28n],
    ["#define X 1\n#undef X", undefined],
    ["#define X do_something()", undefined],
    ["#define X X", undefined],
    ["#define X Y\n#define Y X", undefined],
    ["#define X(a) a", undefined],
    ["#define X", undefined],
  ])("%j", (text, value) => expect(read(text).meaning("X")).toBe(value));

  test("text is text", () => {
    expect(read('#define X "a" "b\\n"').meaning("X")).toBe("ab\n");
    expect(read("#define S(a) #a\n#define X S(1 + 2)").meaning("X")).toBe("1 + 2");
  });

  test("endless ones are given up", { timeout: 30_000 }, () => {
    const bomb = Array.from({ length: 60 }, (_, index) => `#define M${index + 1} M${index} M${index}`).join("\n");
    expect(read(`#define M0 1 +\n${bomb}\n#define X M60 0`).meaning("X")).toBeUndefined();
    expect(read(`#define M0 1 +\n${bomb}\nint x = M60 0;`).errors[0]).toMatch(/'a.h' is too large: macros expand/);
  });
});

describe("conditions", () => {
  test.each([
    ["#if 1\n#define X 1\n#else\n#define X 2\n#endif", 1n],
    ["#if 0\n#define X 1\n#elif 2 > 1\n#define X 2\n#elif 1\n#define X 3\n#else\n#define X 4\n#endif", 2n],
    ["#ifdef A\n#define X 1\n#else\n#define X 2\n#endif", 2n],
    ["#ifndef A\n# define X 1\n#endif", 1n],
    ["#define A\n#if defined A && !defined(B)\n#define X 1\n#endif", 1n],
    ["#if 0\n#if 1\n#define X 1\n#else\n#define X 2\n#endif\n#else\n#define X 3\n#endif", 3n],
    ["#define V(a, b) ((a) << 16 | (b))\n#if V(6, 1) > V(5, 15)\n#define X 1\n#endif", 1n],
    ["#if UNKNOWN\n#define X 1\n#else\n#define X 2\n#endif", 2n],
    ["#if UNKNOWN(3)\n#define X 1\n#else\n#define X 2\n#endif", 2n],
    ["#if 0\nit's no C \" at all\n#endif\n#define X 1", 1n],
    ["#ifdef __x86_64__\n#define X __LP64__\n#endif", 1n],
    ["#if '\\0' - 1 > 0\n#define X 1\n#else\n#define X 2\n#endif", 2n],
    ["#endif\n#else\n#define X 1", 1n],
  ])("%j", (text, value) => expect(read(text).meaning("X")).toBe(value));
});

describe("includes", () => {
  test("are nested, and guarded", () => {
    const { meaning, errors } = read(
      '#include "b.h"\n#include "b.h"\n#include <c.h>\n#include <c.h>\n#define X (B + C)',
      {
        "b.h": "#ifndef B_H\n#define B_H\n#define B 1\nenum { IN_B };\n#endif",
        "c.h": "#pragma once\n#include PATH\n#define C 2\nenum { IN_C = 5 };",
      },
    );
    expect(errors).toEqual([]);
    expect([meaning("X"), meaning("IN_B"), meaning("IN_C")]).toEqual([3n, 0n, 5n]);
  });

  test("may be named by a macro", () => {
    expect(read("#define WHERE <b.h>\n#include WHERE", { "b.h": "#define X 4" }).meaning("X")).toBe(4n);
  });

  test("of themselves end", () => {
    expect(read('#define X 1\n#include "a.h"').meaning("X")).toBe(1n);
  });

  test("that are nowhere are told, with the file that wants them", () => {
    const first = "The C definitions cannot be read\ndefinitions.h:2:10: fatal error: ";
    expect(read('#include "gone.h"').errors).toEqual([`${first}'gone.h' file not found (included by /inc/a.h)`]);
    expect(read("#include <stddef.h>\n#include <stdarg.h>").errors).toEqual([]);
  });
});

describe("declarations", () => {
  test("of types are kept, all others passed over", () => {
    const { names, size, errors } = read(`
      extern int printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
      static inline int f(int a) { struct inner { int x; } y = { a }; if (a) { return y.x; } return '}'; }
      int table[] = { 1, 2, 3 };
      struct forward;
      struct s { int a; } __attribute__((packed)), *pointer;
      typedef struct s s_t, *s_p;
      typedef struct { long a, b; } pair;
      typedef union { char c; short h; } both, several[3];
      typedef int (*callback)(struct s *, void *);
      typedef unsigned char bytes[16];
      struct s *give(void);
      _Static_assert(sizeof(struct s) == 4, "size");
      asm(".globl x; }");
      __extension__ typedef long long wide;
      enum e { E1, E2 = 4, E3 };
    `);
    expect(errors).toEqual([]);
    expect(names).toEqual(["s", "pair", "both", "e"]);
    expect(["s_t", "s_p", "pair", "both", "several", "callback", "bytes", "wide", "e"].map(size)).toEqual([
      4, 8, 16, 2, 6, 8, 16, 8, 4,
    ]);
  });

  test("a struct with a field that cannot be read is left out: its other fields would be at wrong places", () => {
    expect(read("struct bad { int a; __typeof__(x) b; int c; };\nstruct good { int a; };").names).toEqual(["good"]);
  });

  test("fields with attributes, bounds that are computed, and anonymous parts", () => {
    const { offsets } = read(`
      #define MAX (1024 / (8 * (int) sizeof (mask)))
      typedef long int mask;
      struct s {
        char tag;
        __attribute__((aligned(8))) int early;
        unsigned int __attribute__((aligned(16))) middle;
        union { struct { short lo, hi; }; int both; };
        mask bits[MAX];
        char last[];
      };`);
    expect(offsets("s")).toEqual([
      ["tag", 0],
      ["early", 8],
      ["middle", 16],
      ["", 20],
      ["bits", 24],
      ["last", 152],
    ]);
  });

  test("a struct that holds what is not declared has no layout", () => {
    const { offsets } = read("struct s { int a; struct gone b; };\nstruct t { int a; struct gone *b; };");
    expect([offsets("s"), offsets("t")]).toEqual([
      undefined,
      [
        ["a", 0],
        ["b", 8],
      ],
    ]);
  });

  test("a typedef of itself is nothing", () => {
    const { size } = read("typedef a b;\ntypedef b a;\ntypedef struct node node;\nstruct node { node *next; };");
    expect([size("a"), size("node")]).toEqual([undefined, 8]);
  });
});

describe("scripts", () => {
  const compile = (
    source: string,
    texts: Readonly<Record<string, string>> = {},
    includeFiles: readonly string[] = [],
  ) => {
    const { diagnostics } = compileScript(source, testTarget(), { readInclude: files(texts), includeFiles });
    return diagnostics.all.map(({ message }) => message);
  };

  test("use what headers say, and headers what the script defines", () => {
    const header = '#ifdef WANTED\ntypedef struct { int a; } t;\n#define SIZE 4\n#define NAME "n"\n#endif';
    const source = `#define WANTED 1
      #include "a.h"
      #if SIZE * 2 == 8
      struct mine { t first; char rest[SIZE]; };
      #endif
      begin { $m = (struct mine *)0; print($m.first.a + SIZE); print(NAME); print(sizeof(t)); }`;
    expect(compile(source, { "a.h": header })).toEqual([]);
  });

  test("include files of the command line first", () => {
    expect(compile("begin { print(X); }", { "x.h": "#define X 3" }, ["x.h"])).toEqual([]);
    expect(compile("begin { }", {}, ["x.h"])).toEqual(["fatal error: 'x.h' file not found"]);
  });

  test("know some constants where there are no headers, once they include one", () => {
    const source = `begin { print((AF_INET6, PF_INET, SOCK_DGRAM, S_IFDIR, O_CLOEXEC, SIGKILL, ENOENT, EWOULDBLOCK, ENOTSUP,
      __NR_nanosleep, SYS_fstat)); }`;
    expect(compile(`#include <sys/socket.h>\n${source}`)).toEqual([]);
    expect(compile(source)).toHaveLength(6);
  });

  test("take headers of the kernel for read where there is BTF", () => {
    expect(compile("#include <linux/fs.h>\n#include <net/sock.h>\nbegin { }")).toEqual([]);
    expect(compile("#include <lol/no.h>\nbegin { }")).toHaveLength(1);
  });
});

test("known constants have the kernel's values", () => {
  const value = (name: string) => read("").meaning(name);
  expect(
    ["AF_XDP", "SIGSYS", "EHWPOISON", "ECONNREFUSED", "IPPROTO_SCTP", "O_DIRECTORY", "__NR_uname"].map(value),
  ).toEqual([44n, 31n, 133n, 111n, 132n, 0o200000n, 63n]);
});
