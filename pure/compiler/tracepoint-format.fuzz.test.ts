import fc from "fast-check";
import { expect, it } from "vitest";
import { parseTracepointFormat } from "./tracepoint-format.ts";

const WORDS = [
  "field:",
  "\tfield:",
  "name: x\n",
  "ID: 7\n",
  "format:\n",
  "int x",
  "char c[16]",
  "__data_loc char[] s",
  ";",
  "\t",
  " ",
];
const MORE_WORDS = [
  "offset:8;",
  "size:4;",
  "signed:1;",
  "\n",
  "\n\n",
  "[",
  "]",
  "[[",
  "*",
  "(",
  "print fmt:",
  "99999999999999999999",
];

it("gives a format or undefined for any text", () => {
  const pieces = fc.array(fc.oneof(fc.constantFrom(...WORDS, ...MORE_WORDS), fc.string({ maxLength: 8 })), {
    maxLength: 40,
  });
  const property = fc.property(pieces, fc.boolean(), (parts, headed) => {
    const parsed = parseTracepointFormat((headed ? "name: x\nID: 7\nformat:\n" : "") + parts.join(""), "c");
    for (const field of parsed?.fields ?? []) {
      expect(field.name).toMatch(/^[A-Za-z_]\w*$/);
      expect(Number.isSafeInteger(field.offset) && Number.isSafeInteger(field.size)).toBe(true);
    }
  });
  fc.assert(property, { seed: 20, numRuns: 3000 });
});

it("does not hang on a long field", () => {
  const text = `name: x\nID: 7\nformat:\n\tfield:${"a [".repeat(20_000)};\toffset:0;\tsize:1;\tsigned:0;\n`;
  expect(parseTracepointFormat(text, "c")).toBeUndefined();
});
