import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AddressSpace } from "./address-space.ts";
import { findMapping, isFileMapping, parseMaps } from "./process-maps.ts";

const MAPS = `55d0c0000000-55d0c0028000 r--p 00000000 fe:00 1234                       /usr/bin/cat
55d0c0028000-55d0c0100000 r-xp 00028000 fe:00 1234                       /usr/bin/cat
55d0c1000000-55d0c1021000 rw-p 00000000 00:00 0                          [heap]
7f0000000000-7f0000001000 r-xp 00000000 00:00 0 
7f0000002000-7f0000003000 r-xp 00001000 00:1f 77                         /tmp/with space\\012line.so (deleted)
7ffd1b7f9000-7ffd1b7fb000 r-xp 00000000 00:00 0                          [vdso]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`;

describe("parseMaps", () => {
  const mappings = parseMaps(MAPS);

  it("reads every line below 2^53", () => {
    expect(mappings).toHaveLength(6);
    expect(mappings[1]).toEqual({
      start: 0x55d0c0028000,
      end: 0x55d0c0100000,
      executable: true,
      fileOffset: 0x28000,
      device: "fe:00",
      inode: 1234,
      path: "/usr/bin/cat",
      deleted: false,
    });
    expect(mappings[3]).toMatchObject({ executable: true, path: "", inode: 0 });
    expect(mappings[4]).toMatchObject({ path: "/tmp/with space\nline.so", deleted: true, inode: 77 });
    expect(mappings.map(isFileMapping)).toEqual([true, true, false, false, true, false]);
  });

  it("finds the mapping of an address", () => {
    expect(findMapping(mappings, 0x55d0c0028000)).toBe(mappings[1]);
    expect(findMapping(mappings, 0x55d0c00fffff)).toBe(mappings[1]);
    expect(findMapping(mappings, 0x55d0c0100000)).toBeUndefined();
    expect(findMapping(mappings, 0)).toBeUndefined();
    expect(findMapping(mappings, 0x7fffffffffff)).toBeUndefined();
  });

  it("takes any text", () => {
    const piece = fc.oneof(fc.constantFrom(...MAPS.split("\n")), fc.string());
    fc.assert(
      fc.property(fc.array(piece), (lines) => {
        for (const mapping of parseMaps(lines.join("\n"))) expect(mapping.start).toBeLessThan(mapping.end);
      }),
      { seed: 23, numRuns: 500 },
    );
  });
});

describe("AddressSpace", () => {
  const one = "1000-2000 r-xp 00000000 fe:00 1 /a\n";
  const two = "1000-3000 r-xp 00000000 fe:00 2 /b\n";

  it("prefers the newest state and remembers earlier ones", () => {
    const space = new AddressSpace();
    space.update(one, parseMaps);
    expect(space.find(0x1800)?.path).toBe("/a");
    space.update("5000-6000 r-xp 00000000 fe:00 3 /c\n", parseMaps);
    expect(space.find(0x1800)?.path).toBe("/a");
    space.update(two, parseMaps);
    expect(space.find(0x1800)?.path).toBe("/b");
    expect(space.find(0x5800)?.path).toBe("/c");
    expect(space.mappings.map((mapping) => mapping.path)).toEqual(["/b"]);
  });

  it("remembers what it missed until the state changes", () => {
    const space = new AddressSpace();
    space.update(one, parseMaps);
    space.miss(0x2abc);
    expect(space.hasMissed(0x2000)).toBe(true);
    space.update(one, parseMaps);
    expect(space.hasMissed(0x2000)).toBe(true);
    space.update(two, parseMaps);
    expect(space.hasMissed(0x2000)).toBe(false);
  });
});
