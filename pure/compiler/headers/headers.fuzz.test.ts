import fc from "fast-check";
import { expect, test } from "vitest";
import { parseScript } from "../parser/parser.ts";
import { CTypes } from "../semantics/c-types.ts";
import { Headers } from "./headers.ts";

const PIECES = [
  ..."#define #undef #if #ifdef #ifndef #elif #else #endif #include #pragma once defined struct union enum typedef".split(
    " ",
  ),
  ..."int unsigned long char a b c X Y F( ) ( { } [ ] ; , * : = + - << ## # __VA_ARGS__ ... 0 1 0x7 'a' \"s\" \\ /* */ //".split(
    " ",
  ),
  "\n",
  "\n",
  "\n",
  "sizeof",
  "__attribute__((packed))",
  '"a.h"',
  "<a.h>",
];

const texts = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 80 }).map((pieces) => pieces.join(" ")),
  fc.string({ maxLength: 200, unit: "binary" }),
);

test("any header gives types and constants, or nothing", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(texts, texts, (text, other) => {
      const read = (path: string) =>
        path === "a.h" || path === "b.h" ? { path, text: path === "a.h" ? text : other } : undefined;
      const headers = new Headers(read, { arch: "x86_64", btf: undefined });
      const { diagnostics } = parseScript('#include "a.h"\n#include "b.h"\nbegin { }', { params: [], headers });
      const types = new CTypes({ btf: undefined }, [], headers);
      for (const { name } of headers.definitions) types.struct(name);
      for (const name of [...headers.typedefs.keys(), "a", "b", "c"]) types.named(name);
      for (const name of ["X", "Y", "a", "b"]) headers.meaningOf(name);
      expect(diagnostics.all.every(({ severity }) => severity === "error" || severity === "warning")).toBe(true);
    }),
    { seed: 12, numRuns: 2000 },
  );
});
