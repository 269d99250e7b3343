import type { DebugMember, DebugType } from "@beetrace/object";
import { expect, test } from "vitest";
import { type ParameterPlace, parameterPlaces } from "./calling-convention.ts";

const base = (sizeBytes: number, encoding: "signed" | "float" = "signed"): DebugType => ({
  kind: "base",
  name: `${encoding}${sizeBytes}`,
  sizeBytes,
  encoding,
});
const INT = base(4);
const LONG = base(8);
const WIDE = base(16);
const DOUBLE = base(8, "float");
const LONG_DOUBLE = base(16, "float");
const POINTER: DebugType = { kind: "pointer", reference: "", to: undefined };

function struct(sizeBytes: number, types: readonly DebugType[], isPassedByAddress = false): DebugType {
  const stride = (sizeBytes * 8) / types.length;
  const members = types.map((type, index): DebugMember => ({ name: `m${index}`, type, bitOffset: index * stride }));
  return { kind: "struct", keyword: "struct", name: "s", sizeBytes, isPassedByAddress, members };
}

const PAIR = struct(16, [LONG, LONG]);
const MIXED = struct(16, [LONG, DOUBLE]);
const POINT = struct(16, [DOUBLE, DOUBLE]);
const BOX = struct(32, [LONG, LONG, LONG, LONG]);
const OBJECT = struct(8, [LONG], true);

function shown(place: ParameterPlace): string {
  switch (place.kind) {
    case "registers":
      return place.registers.join("+");
    case "stack":
      return `stack ${place.offset}`;
    case "address":
      return `*${place.register}`;
    case "vector":
      return "vector";
  }
}

function places(arch: "x86_64" | "aarch64", types: readonly DebugType[], result?: DebugType): string {
  const parameters = types.map((type) => ({ name: "p", type }));
  return parameterPlaces(arch, { name: "f", address: 1, parameters, isVariadic: false, result }).map(shown).join(", ");
}

test.each<[string, readonly DebugType[], string, string]>([
  ["integers and pointers", [INT, POINTER, LONG], "rdi, rsi, rdx", "x0, x1, x2"],
  ["floating point has registers of its own", [INT, DOUBLE, INT], "rdi, vector, rsi", "x0, vector, x1"],
  ["two registers", [INT, PAIR, INT], "rdi, rsi+rdx, rcx", "x0, x1+x2, x3"],
  ["two registers, the first of an even number", [INT, WIDE, INT], "rdi, rsi+rdx, rcx", "x0, x2+x3, x4"],
  ["structs half or all of floating point", [MIXED, POINT, INT], "vector, vector, rdi", "x0+x1, vector, x2"],
  ["large structs", [BOX, INT], "stack 8, rdi", "*x0, x1"],
  ["objects that are not copied byte by byte", [OBJECT, INT], "*rdi, rsi", "*x0, x1"],
  [
    "what does not fit goes on the stack",
    [...Array(10).fill(LONG)],
    "rdi, rsi, rdx, rcx, r8, r9, stack 8, stack 16, stack 24, stack 32",
    "x0, x1, x2, x3, x4, x5, x6, x7, stack 0, stack 8",
  ],
  [
    "a pair is not split, and on x86-64 leaves its register to the next",
    [...Array(5).fill(LONG), PAIR, LONG],
    "rdi, rsi, rdx, rcx, r8, stack 8, r9",
    "x0, x1, x2, x3, x4, x5+x6, x7",
  ],
  [
    "on arm64 no register is used after the stack was",
    [...Array(7).fill(LONG), PAIR, LONG],
    "rdi, rsi, rdx, rcx, r8, r9, stack 8, stack 16, stack 32",
    "x0, x1, x2, x3, x4, x5, x6, stack 0, stack 16",
  ],
  ["long double", [LONG_DOUBLE, INT], "stack 8, rdi", "vector, x0"],
  [
    "the stack is aligned to sixteen bytes for what needs it",
    [...Array(7).fill(LONG), WIDE],
    "rdi, rsi, rdx, rcx, r8, r9, stack 8, stack 24",
    "x0, x1, x2, x3, x4, x5, x6, stack 0",
  ],
])("%s", (_what, types, x86, arm) => {
  expect(places("x86_64", types)).toBe(x86);
  expect(places("aarch64", types)).toBe(arm);
});

test("a large result takes the first register on x86-64", () => {
  expect(places("x86_64", [INT], BOX)).toBe("rsi");
  expect(places("x86_64", [INT], PAIR)).toBe("rdi");
  expect(places("aarch64", [INT], BOX)).toBe("x0");
});

test("types that go in circles come to an end", () => {
  const loop: DebugMember[] = [];
  const endless: DebugType = {
    kind: "struct",
    keyword: "struct",
    name: "s",
    sizeBytes: 8,
    isPassedByAddress: false,
    members: loop,
  };
  loop.push({ name: "a", type: endless, bitOffset: 0 }, { name: "b", type: endless, bitOffset: 0 });
  expect(places("x86_64", [endless])).toBe("rdi");
});
