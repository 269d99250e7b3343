import { deflateSync, inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type ByteSource, buildId, bytesSource, debugLink, ElfError, elfNotes, parseElf } from "./index.ts";
import { TinyWriter, tinyElf, tinyNote } from "./tiny-elf.ts";

const load = { type: 1, offset: 0x100, address: 0x401000, fileSizeBytes: 0x40, memorySizeBytes: 0x80 };
const text = {
  name: ".text",
  type: 1,
  flags: 6,
  address: 0x401000,
  offset: 0x100,
  bytes: new Uint8Array(0x40).fill(0x90),
};

function parse(elf: Parameters<typeof tinyElf>[0]) {
  return parseElf(bytesSource(tinyElf(elf)));
}

describe("parseElf", () => {
  for (const encoding of [
    { class: 64, littleEndian: true },
    { class: 64, littleEndian: false },
    { class: 32, littleEndian: true },
    { class: 32, littleEndian: false },
  ] as const) {
    it(`reads headers of ${encoding.class} bits, ${encoding.littleEndian ? "little" : "big"} endian`, () => {
      const elf = parse({ ...encoding, type: 2, machine: 183, entry: 0x401010, sections: [text], segments: [load] });
      expect(elf).toMatchObject({ ...encoding, machine: "aarch64", type: "EXEC", entry: 0x401010n });
      expect(elf.segments).toEqual([{ ...load, flags: 5, alignment: 4096 }]);
      expect(elf.sections.map((section) => section.name)).toEqual(["", ".text", ".shstrtab"]);
      expect(elf.section(".text")).toEqual({
        index: 1,
        name: ".text",
        type: 1,
        flags: 6,
        address: 0x401000,
        offset: 0x100,
        sizeBytes: 0x40,
        link: 0,
        info: 0,
        alignment: 1,
        entrySizeBytes: 0,
      });
      expect(elf.data(elf.section(".text")!)).toEqual(text.bytes);
    });
  }

  it("keeps the machines it does not know apart", () => {
    expect(parse({ machine: 0x9026 }).machine).toBe("em_36902");
  });

  it("finds counts that do not fit the header in section 0", () => {
    const elf = parse({ sections: [text], segments: [load], extendedCounts: true });
    expect(elf.sections.map((section) => section.name)).toEqual(["", ".text", ".shstrtab"]);
    expect(elf.segments).toHaveLength(1);
  });

  it("maps addresses to file offsets and back, for bytes that the file has", () => {
    const elf = parse({ sections: [text], segments: [load] });
    expect([0x400fff, 0x401000, 0x40103f, 0x401040].map(elf.fileOffset)).toEqual([undefined, 0x100, 0x13f, undefined]);
    expect([0xff, 0x100, 0x13f, 0x140].map(elf.addressOf)).toEqual([undefined, 0x401000, 0x40103f, undefined]);
  });

  it("gives no bytes for a section without any", () => {
    const elf = parse({ sections: [{ name: ".bss", type: 8, bytes: new Uint8Array(64) }] });
    expect(elf.data(elf.section(".bss")!)).toHaveLength(0);
  });

  it("reads only what it is asked for", () => {
    const bytes = tinyElf({ sections: [{ name: ".big", type: 1, bytes: new Uint8Array(100_000) }], segments: [load] });
    let readBytes = 0;
    const source: ByteSource = {
      sizeBytes: bytes.length,
      read(offset, sizeBytes) {
        readBytes += sizeBytes;
        return bytes.subarray(offset, offset + sizeBytes);
      },
    };
    parseElf(source);
    expect(readBytes).toBeLessThan(1000);
  });
});

describe("compressed sections", () => {
  const plain = new Uint8Array(5000).map((_, index) => index & 7);
  const compressed = (type: number, sizeBytes: number) =>
    new TinyWriter().number(type, 4).number(0, 4).word(sizeBytes).word(1).bytes(deflateSync(plain)).finish();
  const elfWith = (bytes: Uint8Array, inflate?: (bytes: Uint8Array, sizeBytes: number) => Uint8Array) => {
    const file = tinyElf({ sections: [{ name: ".debug_info", type: 1, flags: 0x800, bytes }] });
    const elf = parseElf(bytesSource(file), { inflate });
    return () => elf.data(elf.section(".debug_info")!);
  };
  const inflate = (bytes: Uint8Array, sizeBytes: number) => inflateSync(bytes, { maxOutputLength: sizeBytes });

  it("are decompressed", () => {
    expect(new Uint8Array(elfWith(compressed(1, 5000), inflate)())).toEqual(plain);
  });

  it("are refused when they cannot be", () => {
    expect(elfWith(compressed(1, 5000))).toThrow("section .debug_info is compressed and there is no inflate");
    expect(elfWith(compressed(2, 5000), inflate)).toThrow("compression type 2 is not zlib");
    expect(elfWith(compressed(1, 4999), inflate)).toThrow("damaged zlib stream");
    expect(elfWith(compressed(1, 5001), inflate)).toThrow("decompressed to 5000 bytes instead of 5001");
    expect(elfWith(compressed(1, 2 ** 40), inflate)).toThrow("cannot hold 1099511627776");
    expect(elfWith(Uint8Array.of(1, 0, 0), inflate)).toThrow(ElfError);
  });
});

describe("malformed files", () => {
  const good = tinyElf({ sections: [text], segments: [load] });
  const withByte = (offset: number, value: number) => {
    const bytes = good.slice();
    bytes[offset] = value;
    return () => parseElf(bytesSource(bytes));
  };

  it("are refused with a message that says what and where", () => {
    expect(() => parseElf(bytesSource(new Uint8Array(4)))).toThrow(
      "ELF identification: 16 bytes at offset 0x0 go beyond the end of the file (4 bytes)",
    );
    expect(withByte(0, 0x7e)).toThrow("not an ELF file");
    expect(withByte(4, 3)).toThrow("ELF class 3");
    expect(withByte(5, 0)).toThrow("ELF data encoding 0");
    expect(withByte(0x2d, 0xff)).toThrow(/section headers: .* go beyond the end of the file/);
    expect(withByte(0x27, 0xff)).toThrow("beyond 2^53");
    expect(withByte(58, 8)).toThrow("section headers of 8 bytes");
  });
});

describe("notes", () => {
  const gnu = tinyNote("GNU", 3, Uint8Array.of(0x0a, 0xbc, 0xde, 0xf0));
  const other = tinyNote("Linux", 257, Uint8Array.of(1));

  it("are found by section", () => {
    const bytes = Uint8Array.of(...other, ...gnu);
    const elf = parse({ sections: [{ name: ".note.gnu.build-id", type: 7, bytes, alignment: 4 }] });
    expect(elfNotes(elf)).toEqual([
      { owner: "Linux", type: 257, description: Uint8Array.of(1), section: ".note.gnu.build-id" },
      { owner: "GNU", type: 3, description: Uint8Array.of(0x0a, 0xbc, 0xde, 0xf0), section: ".note.gnu.build-id" },
    ]);
    expect(buildId(elf)).toBe("0abcdef0");
  });

  it("are found by segment where the sections were stripped", () => {
    const file = tinyElf({
      sections: [{ name: "notes", type: 1, bytes: gnu, offset: 0x200 }],
      segments: [{ type: 4, offset: 0x200, address: 0x200, fileSizeBytes: gnu.length }],
    });
    expect(buildId(parseElf(bytesSource(file)))).toBe("0abcdef0");
  });

  it("are aligned to 8 bytes where the section says so", () => {
    const property = new TinyWriter().number(4, 4).number(4, 4).number(5, 4).text("GNU").align(8);
    property
      .bytes(Uint8Array.of(9, 9, 9, 9))
      .align(8)
      .bytes(gnu);
    const elf = parse({ sections: [{ name: ".note.gnu.property", type: 7, bytes: property.finish(), alignment: 8 }] });
    expect(elfNotes(elf).map((note) => note.type)).toEqual([5, 3]);
  });

  it("of a damaged section are an error", () => {
    const elf = parse({ sections: [{ name: ".note", type: 7, bytes: gnu.subarray(0, 17) }] });
    expect(() => elfNotes(elf)).toThrow(ElfError);
  });
});

it("debugLink reads the name and the checksum of the debug file", () => {
  const bytes = new TinyWriter().text("a.debug").number(0x12345678, 4).finish();
  expect(debugLink(parse({ sections: [{ name: ".gnu_debuglink", type: 1, bytes }] }))).toEqual({
    file: "a.debug",
    crc32: 0x12345678,
  });
  expect(debugLink(parse({}))).toBeUndefined();
});
