import { describe, expect, it } from "vitest";
import { bytesSource, ElfError, goFunctions, isGoProgram, parseElf } from "./index.ts";
import { TinyWriter, tinyElf } from "./tiny-elf.ts";

const NAMES = ["main.main", "net/http.(*conn).serve"];

/** A table of two functions of 0x20 and 0x30 bytes as Go 1.18 and later lay it out. */
function offsetsTable(magic: number, textAddress: number): Uint8Array {
  const header = 8 + 8 * 8;
  const names = new TinyWriter().text(NAMES[0]).text(NAMES[1]).align(8).finish();
  const writer = new TinyWriter().number(magic, 4).number(0, 2).number(1, 1).number(8, 1);
  writer
    .word(2)
    .word(0)
    .word(textAddress)
    .word(header)
    .word(0)
    .word(0)
    .word(0)
    .word(header + names.length);
  writer.bytes(names);
  const index = 5 * 4;
  for (const value of [0, index, 0x20, index + 8, 0x50]) writer.number(value, 4);
  return writer
    .number(0, 4)
    .number(0, 4)
    .number(0x20, 4)
    .number(NAMES[0].length + 1, 4)
    .finish();
}

/** The same as Go 1.16 and 1.17 lay it out: with addresses. */
function addressesTable(textAddress: number): Uint8Array {
  const header = 8 + 7 * 8;
  const names = new TinyWriter().text(NAMES[0]).text(NAMES[1]).align(8).finish();
  const writer = new TinyWriter().number(0xfffffffa, 4).number(0, 2).number(1, 1).number(8, 1);
  writer
    .word(2)
    .word(0)
    .word(header)
    .word(0)
    .word(0)
    .word(0)
    .word(header + names.length)
    .bytes(names);
  const index = 5 * 8;
  for (const value of [textAddress, index, textAddress + 0x20, index + 12, textAddress + 0x50]) writer.word(value);
  writer.word(textAddress).number(0, 4);
  return writer
    .word(textAddress + 0x20)
    .number(NAMES[0].length + 1, 4)
    .finish();
}

function functionsOf(bytes: Uint8Array, name = ".gopclntab") {
  const text = { name: ".text", type: 1, flags: 6, address: 0x401000, bytes: new Uint8Array(0x50) };
  return goFunctions(parseElf(bytesSource(tinyElf({ sections: [text, { name, type: 1, bytes }] }))));
}

const expected = [
  { name: "main.main", address: 0x401000, sizeBytes: 0x20 },
  { name: "net/http.(*conn).serve", address: 0x401020, sizeBytes: 0x30 },
];

describe("goFunctions", () => {
  it.each([
    ["1.16", addressesTable(0x401000)],
    ["1.18", offsetsTable(0xfffffff0, 0x401000)],
    ["1.20", offsetsTable(0xfffffff1, 0x401000)],
    ["1.20, the address left to the loader", offsetsTable(0xfffffff1, 0)],
  ])("reads the table of Go %s", (_, bytes) => {
    expect(functionsOf(bytes)).toEqual(expected);
    expect(functionsOf(bytes, ".data.rel.ro.gopclntab")).toEqual(expected);
  });

  it("has none for other programs", () => {
    expect(functionsOf(new Uint8Array(), ".other")).toBeUndefined();
  });

  it("refuses tables that it cannot read", () => {
    expect(() => functionsOf(offsetsTable(0xfffffffb, 0))).toThrow("version 0xfffffffb is not read here");
    const cut = offsetsTable(0xfffffff1, 0x401000);
    for (const length of [0, 10, 60, 110, cut.length - 1])
      expect(() => functionsOf(cut.subarray(0, length))).toThrow(ElfError);
    const many = cut.slice();
    many.fill(0xff, 8, 14);
    expect(() => functionsOf(many)).toThrow(ElfError);
    const before = cut.slice();
    before[cut.length - 1] = 0x80;
    expect(() => functionsOf(before)).toThrow("has its name at -2147483638");
  });
});

it.each([
  [".gopclntab", true],
  [".go.buildinfo", true],
  [".data", false],
])("a program with a section %s: made by Go %s", (name, isGo) => {
  const elf = parseElf(bytesSource(tinyElf({ sections: [{ name, type: 1, bytes: Uint8Array.of(0) }] })));
  expect(isGoProgram(elf)).toBe(isGo);
});
