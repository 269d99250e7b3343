import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeKernelSymbols, encodeKernelSymbols } from "./kernel-symbol-file.ts";
import { findByAddress, findByName, nameAt, parseKallsyms } from "./kernel-symbol-table.ts";

const line = fc
  .tuple(
    fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    fc.constantFrom("t", "T", "D", "A"),
    fc.string({ maxLength: 6 }),
    fc.constantFrom("", "\t[m]", "\t[", "\t"),
  )
  .map(([address, type, name, module]) => `${address.toString(16).padStart(16, "0")} ${type} ${name}${module}`);
const text = fc.array(fc.oneof(line, fc.string({ maxLength: 30 })), { maxLength: 60 }).map((lines) => lines.join("\n"));

it("parses any text into a table that finds what it holds", () => {
  const property = fc.property(text, (kallsyms) => {
    const table = parseKallsyms(Buffer.from(kallsyms));
    for (let index = 0; index < table.addresses.length; index++) {
      expect(findByName(table, nameAt(table, index))).toContain(index);
      const found = findByAddress(table, table.addresses[index]);
      expect(table.addresses[found]).toBe(table.addresses[index]);
    }
  });
  fc.assert(property, { seed: 21, numRuns: 500 });
});

it("decodes any bytes to a table or nothing, and look-ups in it end", () => {
  const good = encodeKernelSymbols(parseKallsyms(Buffer.from("ffffffff81000000 T a\nffffffff81000010 t b\t[m]\n")));
  const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 });
  const property = fc.property(damage, (changes) => {
    const bytes = Uint8Array.from(good);
    for (const [at, value] of changes) bytes[at] = value;
    const table = decodeKernelSymbols(bytes);
    if (!table) return;
    findByName(table, "a");
    findByAddress(table, 0xffffffff81000008n);
  });
  fc.assert(property, { seed: 22, numRuns: 1000 });
});
