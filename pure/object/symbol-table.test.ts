import { describe, expect, it } from "vitest";
import { bytesSource, ElfError, parseElf } from "./index.ts";
import { type TinyElf, type TinySymbol, tinyElf, tinySymbols } from "./tiny-elf.ts";

const text = { name: ".text", type: 1, flags: 6, address: 0x1000, bytes: new Uint8Array(0x100) };

function tableOf(symbols: readonly TinySymbol[], dynamic: readonly TinySymbol[] = [], more: Partial<TinyElf> = {}) {
  const sections = [text, ...tinySymbols(symbols, 2), ...tinySymbols(dynamic, 4, undefined, true)];
  return parseElf(bytesSource(tinyElf({ ...more, sections }))).symbols();
}

const FUNC = 2;
const OBJECT = 1;
const GLOBAL = 0x10;
const WEAK = 0x20;

describe("SymbolTable", () => {
  it("finds by name", () => {
    const table = tableOf([{ name: "main", address: 0x1010, sizeBytes: 8 }]);
    expect(table.findByName("main")).toEqual({
      name: "main",
      address: 0x1010,
      sizeBytes: 8,
      type: "FUNC",
      bind: "GLOBAL",
      sectionIndex: 1,
    });
    expect(["", "mai", "mainx", "ain"].map(table.findByName)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it("merges the tables, the static one first, each symbol once", () => {
    const table = tableOf(
      [
        { name: "both", address: 0x1000 },
        { name: "local", address: 0x1010, info: FUNC },
      ],
      [
        { name: "both", address: 0x1000 },
        { name: "both", address: 0x1020 },
        { name: "exported", address: 0x1030 },
      ],
    );
    expect([...table].map((symbol) => [symbol.name, symbol.address])).toEqual([
      ["both", 0x1000],
      ["local", 0x1010],
      ["both", 0x1020],
      ["exported", 0x1030],
    ]);
    expect([...table.names()]).toEqual(["both", "local", "both", "exported"]);
    expect(table.count).toBe(4);
    expect(table.findAll("both").map((symbol) => symbol.address)).toEqual([0x1000, 0x1020]);
  });

  it("leaves out imports, sections, files, and Arm's mapping symbols", () => {
    const symbols: TinySymbol[] = [
      { name: "imported", address: 0, sectionIndex: 0 },
      { name: "a.c", address: 0, info: 4, sectionIndex: 0xfff1 },
      { name: ".text", address: 0x1000, info: 3 },
      { name: "$x", address: 0x1000, info: 0 },
    ];
    expect([...tableOf(symbols).names()]).toEqual(["$x"]);
    expect([...tableOf(symbols, [], { machine: 183 }).names()]).toEqual([]);
  });

  it("strips versions and prefers the default one", () => {
    const table = tableOf([
      { name: "wait@GLIBC_2.2.5", address: 0x1000 },
      { name: "wait@@GLIBC_2.3.2", address: 0x1010 },
      { name: "@odd", address: 0x1020 },
    ]);
    expect([...table.names()]).toEqual(["wait", "wait", "@odd"]);
    expect(table.findByName("wait")?.address).toBe(0x1010);
    expect(table.findAll("wait").map((symbol) => symbol.address)).toEqual([0x1000, 0x1010]);
  });

  it("reads versions of dynamic symbols", () => {
    const dynamic = tinySymbols(
      [
        { name: "wait", address: 0x1000 },
        { name: "wait", address: 0x1010 },
      ],
      2,
      undefined,
      true,
    );
    // One 16-bit entry for each symbol, the null symbol included; the high bit hides.
    const versions = { name: ".gnu.version", type: 0x6fffffff, link: 2, bytes: Uint8Array.of(0, 0, 2, 0x80, 3, 0) };
    const table = parseElf(bytesSource(tinyElf({ sections: [text, ...dynamic, versions] }))).symbols();
    expect(table.findByName("wait")?.address).toBe(0x1010);
  });

  it("decodes names that are not ASCII", () => {
    const table = tableOf([{ name: "main.\u00c2\u00b7dot", address: 0x1000 }]);
    expect([...table.names()]).toEqual(["main.\u00b7dot"]);
    expect(table.findByName("main.\u00b7dot")?.address).toBe(0x1000);
  });

  it("reads tables of 32 bits and big endian", () => {
    const encoding = { class: 32, littleEndian: false } as const;
    const sections = [text, ...tinySymbols([{ name: "f", address: 0x1004, sizeBytes: 12, info: 0x22 }], 2, encoding)];
    const table = parseElf(bytesSource(tinyElf({ ...encoding, sections }))).symbols();
    expect([...table]).toEqual([
      { name: "f", address: 0x1004, sizeBytes: 12, type: "FUNC", bind: "WEAK", sectionIndex: 1 },
    ]);
  });

  it("does not spend forever on names that share one long tail", () => {
    const long = { name: "x".repeat(60_000), address: 0x1000 };
    const [entries, strings] = tinySymbols([long], 2);
    const row = entries.bytes!.subarray(24);
    const bytes = new Uint8Array(24 * 20_001);
    for (let n = 1; n <= 20_000; n++) bytes.set(row, n * 24);
    const elf = parseElf(bytesSource(tinyElf({ sections: [text, { ...entries, bytes }, strings] })));
    expect(() => elf.symbols()).toThrow(new ElfError("symbol names overlap beyond reason"));
  });
});

describe("findByAddress", () => {
  const at = (symbols: readonly TinySymbol[], address: number) => {
    const found = tableOf(symbols).findByAddress(address);
    return found && `${found.symbol.name}+${found.offset}`;
  };

  it("finds the symbol that holds the address", () => {
    const symbols = [
      { name: "b", address: 0x1020, sizeBytes: 0x10 },
      { name: "a", address: 0x1000, sizeBytes: 0x10 },
    ];
    expect([0xfff, 0x1000, 0x100f, 0x1010, 0x1020, 0x102f, 0x1030].map((address) => at(symbols, address))).toEqual([
      undefined,
      "a+0",
      "a+15",
      undefined,
      "b+0",
      "b+15",
      undefined,
    ]);
  });

  it("prefers functions, then global, then what comes first", () => {
    const place = { address: 0x1000, sizeBytes: 8 };
    const all = [
      { name: "data", ...place, info: GLOBAL | OBJECT },
      { name: "local", ...place, info: FUNC },
      { name: "weak", ...place, info: WEAK | FUNC },
      { name: "global", ...place, info: GLOBAL | FUNC },
      { name: "alias", ...place, info: GLOBAL | FUNC },
      { name: "unsized", address: 0x1000, info: GLOBAL | FUNC },
    ];
    expect(at(all, 0x1004)).toBe("global+4");
    expect(at(all.slice(0, 3), 0x1004)).toBe("weak+4");
    expect(at(all.slice(0, 2), 0x1004)).toBe("local+4");
  });

  it("looks around symbols that lie within a larger one", () => {
    const symbols = [
      { name: "outer", address: 0x1000, sizeBytes: 0x40 },
      { name: "inner", address: 0x1010, sizeBytes: 4 },
      { name: "label", address: 0x1020, info: 0 },
    ];
    expect([0x1011, 0x1014, 0x1024].map((address) => at(symbols, address))).toEqual([
      "inner+1",
      "outer+20",
      "outer+36",
    ]);
  });

  it("lets a symbol without a size reach to the next one in its section", () => {
    const symbols = [
      { name: "_start", address: 0x1000, info: GLOBAL },
      { name: "next", address: 0x1010, sizeBytes: 4 },
      { name: "last", address: 0x1020, info: GLOBAL },
    ];
    expect([0x100f, 0x1014, 0x10ff, 0x1100].map((address) => at(symbols, address))).toEqual([
      "_start+15",
      undefined,
      "last+223",
      undefined,
    ]);
  });

  it("does not take absolute and thread-local values for addresses", () => {
    const symbols = [
      { name: "absolute", address: 0x1000, sizeBytes: 8, sectionIndex: 0xfff1 },
      { name: "errno", address: 0x1000, sizeBytes: 8, info: GLOBAL | 6 },
    ];
    expect(at(symbols, 0x1000)).toBeUndefined();
  });
});
