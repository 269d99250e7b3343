import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { bytesSource, ElfError, parseElf, unwindTable } from "../index.ts";
import { framesElf } from "./tiny-frames.ts";

vi.setConfig({ testTimeout: 30_000 });

const USUAL = [0x41, 0x0e, 16, 0x86, 2, 0x0a, 0x43, 0x0d, 6, 0x0b, 0x0f, 4, 0x77, 0xa0, 1, 0x06];

/** The number of rows, or undefined for a file that says that it is damaged. */
function rows(bytes: Uint8Array): number | undefined {
  try {
    return unwindTable(parseElf(bytesSource(bytes)))?.count;
  } catch (error) {
    if (error instanceof ElfError) return undefined;
    throw error;
  }
}

for (const where of ["section", "header"] as const) {
  const good = framesElf(
    [
      { functions: [{ address: 0x2000, sizeBytes: 64, instructions: USUAL }] },
      {
        augmentation: "zPLR",
        data: [0x9b, 0, 0, 0, 0, 0x1b, 0x1b],
        functions: [{ address: 0x3000, sizeBytes: 64, instructions: USUAL }],
      },
    ],
    where,
  );

  it(`frames by a ${where} with any bit flipped, or cut short, are a table or an ElfError`, () => {
    expect(rows(good)).toBe(8);
    for (let length = 0; length < good.length; length++) rows(good.subarray(0, length));
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bytes = good.slice();
      bytes[bit >> 3] ^= 1 << (bit & 7);
      rows(bytes);
    }
  });
}

it("any instructions are rows within the function, in ascending order", () => {
  const byte = fc.oneof(
    fc.integer({ min: 0, max: 0xff }),
    fc.constantFrom(0x41, 0x0e, 0x0f, 0x10, 0x0a, 0x0b, 0x77, 0x06),
  );
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 60 }), fc.array(byte, { maxLength: 20 }), (own, shared) => {
      const cie = { instructions: shared, functions: [{ address: 0x2000, sizeBytes: 64, instructions: own }] };
      let table: ReturnType<typeof unwindTable>;
      try {
        table = unwindTable(parseElf(bytesSource(framesElf([cie]))));
      } catch (error) {
        expect(error).toBeInstanceOf(ElfError);
        return;
      }
      const addresses = Array.from({ length: table!.count }, (_, index) => table!.addressAt(index));
      expect(addresses).toEqual([...new Set(addresses)].sort((a, b) => a - b));
      for (const address of addresses) expect(address >= 0x2000 && address <= 0x2040).toBe(true);
    }),
    { seed: 1, numRuns: 5000 },
  );
});
