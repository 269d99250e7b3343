import { expect, it } from "vitest";
import { bytesSource, dynamicLinks, parseElf } from "./index.ts";
import { TinyWriter, tinyElf } from "./tiny-elf.ts";

const STRINGS_AT = 0x300;
const STRINGS = new TinyWriter().text("").text("libc.so.6").text("libm.so.6").text("$ORIGIN/lib:/opt");

function program(entries: readonly (readonly [tag: number, value: number])[]): Uint8Array {
  const dynamic = new TinyWriter();
  for (const [tag, value] of [...entries, [0, 0]]) dynamic.word(tag).word(value);
  const loader = new TinyWriter().text("/lib64/ld.so").finish();
  const bytes = { interpreter: loader, strings: STRINGS.finish(), dynamic: dynamic.finish() };
  return tinyElf({
    sections: [
      { name: ".interp", type: 1, offset: 0x200, bytes: bytes.interpreter },
      { name: ".dynstr", type: 3, offset: STRINGS_AT, bytes: bytes.strings },
      { name: ".dynamic", type: 6, offset: 0x400, bytes: bytes.dynamic },
    ],
    segments: [
      { type: 1, offset: 0, address: 0x40_0000, fileSizeBytes: 0x500 },
      { type: 3, offset: 0x200, address: 0x40_0200, fileSizeBytes: bytes.interpreter.length },
      { type: 2, offset: 0x400, address: 0x40_0400, fileSizeBytes: bytes.dynamic.length },
    ],
  });
}

const links = (bytes: Uint8Array) => dynamicLinks(parseElf(bytesSource(bytes)));

it("names the loader, the libraries and where they are looked for", () => {
  const bytes = program([
    [1, 1],
    [5, 0x40_0000 + STRINGS_AT],
    [1, 11],
    [29, 21],
  ]);
  expect(links(bytes)).toEqual({
    interpreter: "/lib64/ld.so",
    needed: ["libc.so.6", "libm.so.6"],
    searchPath: "$ORIGIN/lib:/opt",
  });
});

it("a static program has none of them", () => {
  expect(links(tinyElf({ segments: [{ type: 1, offset: 0, address: 0, fileSizeBytes: 64 }] }))).toEqual({ needed: [] });
});

it("names outside of the string table are told", () => {
  expect(() => links(program([[1, 1]]))).toThrow(/^dynamic section: /);
});
