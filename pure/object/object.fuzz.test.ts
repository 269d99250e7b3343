import fc from "fast-check";
import { expect, it, vi } from "vitest";
import {
  buildId,
  bytesSource,
  debugLink,
  type Elf,
  ElfError,
  goFunctions,
  instructionBoundaries,
  instructionLength,
  parseElf,
  parsePerfMap,
  parseUsdtArgs,
  usdtProbes,
  zipMember,
} from "./index.ts";
import { TinyWriter, tinyElf, tinyNote, tinySymbols, tinyUsdtNote } from "./tiny-elf.ts";
import { tinyZip } from "./tiny-zip.ts";

vi.setConfig({ testTimeout: 30_000 });

function sample(encoding: { class: 32 | 64; littleEndian: boolean }): Uint8Array {
  const probe = { pc: 0x1004, base: 0x2000, semaphore: 0x1010, provider: "p", name: "n", args: "4@f(%rip) 8@%rdi" };
  const table = new TinyWriter(encoding).number(0xfffffff1, 4).number(0x0801_0000, 4).word(1).word(0).word(0x1000);
  table.word(72).word(0).word(0).word(0).word(80).text("main.go");
  for (const value of [0, 12, 9, 0, 0]) table.number(value, 4);
  const symbols = [
    { name: "f", address: 0x1000, sizeBytes: 8 },
    { name: "g@@V", address: 0x1008 },
  ];
  const link = new TinyWriter(encoding).text("a.debug").number(1, 4).finish();
  return tinyElf({
    ...encoding,
    sections: [
      { name: ".text", type: 1, flags: 6, address: 0x1000, offset: 0x200, bytes: new Uint8Array(32) },
      ...tinySymbols(symbols, 2, encoding),
      ...tinySymbols(symbols, 4, encoding, true),
      { name: ".note.gnu.build-id", type: 7, bytes: tinyNote("GNU", 3, Uint8Array.of(1, 2), encoding) },
      { name: ".note.stapsdt", type: 7, bytes: tinyUsdtNote(probe, encoding) },
      { name: ".stapsdt.base", type: 1, address: 0x2000, bytes: Uint8Array.of(0) },
      { name: ".gnu_debuglink", type: 1, bytes: link },
      { name: ".gopclntab", type: 1, bytes: table.finish() },
    ],
    segments: [{ type: 1, offset: 0x200, address: 0x1000, fileSizeBytes: 32 }],
  });
}

/** Reads everything that can be read from a file; each part may say that it is damaged. */
function readAll(bytes: Uint8Array): void {
  const elf = orDamaged(() => parseElf(bytesSource(bytes), { inflate: () => new Uint8Array(0) }));
  if (elf === undefined) return;
  const parts: ((elf: Elf) => unknown)[] = [
    (file) => file.sections.map((section) => orDamaged(() => file.data(section))),
    (file) => [...file.symbols()].map((symbol) => file.symbols().findByAddress(symbol.address)),
    (file) => file.symbols().findByName("f"),
    buildId,
    debugLink,
    usdtProbes,
    goFunctions,
    (file) => [file.fileOffset(0x1004), file.addressOf(0x204)],
  ];
  for (const part of parts) orDamaged(() => part(elf));
}

function orDamaged<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ElfError) return undefined;
    throw error;
  }
}

for (const encoding of [
  { class: 64, littleEndian: true },
  { class: 32, littleEndian: false },
] as const) {
  const good = sample(encoding);

  it(`the sample of ${encoding.class} bits is good`, () => {
    const elf = parseElf(bytesSource(good));
    expect(elf.symbols().count).toBe(2);
    expect(usdtProbes(elf)).toHaveLength(1);
    expect(buildId(elf)).toBe("0102");
    expect(debugLink(elf)?.file).toBe("a.debug");
    if (encoding.class === 64) {
      expect(goFunctions(elf)).toEqual([{ name: "main.go", address: 0x1000, sizeBytes: 9 }]);
    }
  });

  it(`a file of ${encoding.class} bits cut short anywhere is a value or an ElfError`, () => {
    for (let length = 0; length < good.length; length++) readAll(good.subarray(0, length));
  });

  it(`a damaged file of ${encoding.class} bits is a value or an ElfError`, () => {
    const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff, 0x40, 8)), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(damage, (edits) => {
        const bytes = good.slice();
        for (const [at, value] of edits) bytes[at] = value;
        readAll(bytes);
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it(`a file of ${encoding.class} bits with any bit flipped is a value or an ElfError`, () => {
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bytes = good.slice();
      bytes[bit >> 3] ^= 1 << (bit & 7);
      readAll(bytes);
    }
  });
}

it("every argument text is a list of arguments", () => {
  const piece = fc.constantFrom(
    "-4@",
    "8@",
    "8f@",
    "%rax",
    "(",
    ")",
    ",",
    "$",
    "-1",
    "[x0",
    "]",
    " ",
    "sxtw",
    "f+8(%rip)",
    "0x",
  );
  const text = fc.oneof(
    fc.array(piece).map((pieces) => pieces.join("")),
    fc.string(),
  );
  fc.assert(
    fc.property(text, fc.constantFrom("x86_64" as const, "aarch64" as const, "arm" as const), (argText, machine) => {
      for (const arg of parseUsdtArgs(argText, { machine, probeAddress: 0, addressOf: () => 1 })) {
        expect([1, 2, 4, 8]).toContain(arg.size);
      }
    }),
    { seed: 1, numRuns: 5000 },
  );
});

it("a zip archive with any bit flipped, or cut short, is a value or an ElfError", () => {
  const good = tinyZip([
    { name: "a", bytes: Uint8Array.of(1, 2), extraBytes: 3 },
    { name: "wanted", bytes: Uint8Array.of(3) },
  ]);
  const read = (bytes: Uint8Array) => orDamaged(() => zipMember(bytesSource(bytes), "wanted"));
  expect(read(good)?.sizeBytes).toBe(1);
  for (let length = 0; length < good.length; length++) expect(read(good.subarray(0, length))).toBeUndefined();
  for (let bit = 0; bit < good.length * 8; bit++) {
    const bytes = good.slice();
    bytes[bit >> 3] ^= 1 << (bit & 7);
    read(bytes);
  }
});

it("every perf map is a map", () => {
  const number = fc.integer({ min: 0, max: 0x10000 }).map((value) => value.toString(16));
  const line = fc.oneof(
    fc.tuple(number, number, fc.string()).map((parts) => parts.join(" ")),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(line), fc.nat(0x20000), (lines, address) => {
      const found = parsePerfMap(lines.join("\n")).findByAddress(address);
      if (found !== undefined) expect(found.offset).toBeLessThan(found.entry.sizeBytes);
    }),
    { seed: 1, numRuns: 3000 },
  );
});

it("every run of bytes has instruction lengths from 1 to 15 within it", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (code) => {
      const length = instructionLength(code, 0);
      if (length !== undefined) expect(length >= 1 && length <= Math.min(15, code.length)).toBe(true);
      for (const offset of instructionBoundaries(code)) expect(offset).toBeLessThan(code.length);
    }),
    { seed: 1, numRuns: 20_000 },
  );
});
