import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AddressSpace } from "./address-space.ts";
import { findMapping, isFileMapping, type Mapping, parseMaps, withMapping } from "./process-maps.ts";

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

describe("withMapping", () => {
  const file = (start: number, end: number, path = "/a", fileOffset = 0): Mapping => ({
    start,
    end,
    executable: true,
    fileOffset,
    device: "fe:00",
    inode: path === "" ? 0 : path.charCodeAt(1),
    path,
    deleted: false,
  });
  const shown = (mappings: readonly Mapping[]) =>
    mappings.map(({ start, end, path, fileOffset }) => [start, end, path, fileOffset]);

  it("cuts what it overlaps", () => {
    const one = [file(0x1000, 0x5000, "/a", 0x100)];
    expect(shown(withMapping(one, file(0x2000, 0x3000, "/b")))).toEqual([
      [0x1000, 0x2000, "/a", 0x100],
      [0x2000, 0x3000, "/b", 0],
      [0x3000, 0x5000, "/a", 0x2100],
    ]);
    expect(shown(withMapping([file(1, 2), file(2, 3), file(5, 9)], file(1, 6, "/b")))).toEqual([
      [1, 6, "/b", 0],
      [6, 9, "/a", 1],
    ]);
    expect(shown(withMapping([file(3, 4)], file(1, 3, "/b")))).toEqual([
      [1, 3, "/b", 0],
      [3, 4, "/a", 0],
    ]);
  });

  it("is the same where it says nothing new", () => {
    const one = [file(0x1000, 0x5000, "/a", 0x100), file(0x5000, 0x8000, "")];
    expect(withMapping(one, file(0x2000, 0x3000, "/a", 0x1100))).toBe(one);
    expect(withMapping(one, file(0x6000, 0x8000, ""))).toBe(one);
    expect(withMapping(one, file(0x2000, 0x3000, "/a", 0x2000))).not.toBe(one);
  });

  it("shows at each address what was mapped there last", () => {
    const mapping = fc
      .tuple(fc.nat(30), fc.integer({ min: 1, max: 10 }), fc.constantFrom("/a", "/b", ""), fc.nat(3))
      .map(([start, length, path, fileOffset]) => file(start, start + length, path, fileOffset));
    fc.assert(
      fc.property(fc.array(mapping, { maxLength: 20 }), (added) => {
        const all = added.reduce<readonly Mapping[]>(withMapping, []);
        for (let at = 0; at < 42; at++) {
          const last = added.findLast(({ start, end }) => start <= at && at < end);
          const found = findMapping(all, at);
          expect(found?.path).toBe(last?.path);
          if (found && last && found.inode !== 0) {
            expect(found.fileOffset + at - found.start).toBe(last.fileOffset + at - last.start);
          }
        }
        for (let next = 1; next < all.length; next++) {
          expect(all[next].start).toBeGreaterThanOrEqual(all[next - 1].end);
        }
      }),
      { seed: 29, numRuns: 500 },
    );
  });
});

describe("AddressSpace", () => {
  const one = parseMaps("1000-2000 r-xp 00000000 fe:00 1 /a\n");
  const two = parseMaps("1000-3000 r-xp 00000000 fe:00 2 /b\n");
  const [three] = parseMaps("5000-6000 r-xp 00000000 fe:00 3 /c\n");

  it("prefers the newest state and remembers earlier ones", () => {
    const space = new AddressSpace();
    space.update(one);
    expect(space.find(0x1800)?.path).toBe("/a");
    space.update([three]);
    expect(space.find(0x1800)?.path).toBe("/a");
    space.update(two);
    expect(space.find(0x1800)?.path).toBe("/b");
    expect(space.find(0x5800)?.path).toBe("/c");
    expect(space.mappings.map((mapping) => mapping.path)).toEqual(["/b"]);
  });

  it("keeps to one state while anything is as it was", () => {
    const space = new AddressSpace();
    space.update(one);
    for (let at = 0x10000; at < 0x20000; at += 0x1000)
      space.update([...one, { ...three, start: at, end: at + 0x1000 }]);
    expect(space.find(0x1800)?.path).toBe("/a");
    expect(space.find(0x10000)?.path).toBe("/c");
    expect(space.mappings).toHaveLength(17);
  });

  it("remembers four programs", () => {
    const space = new AddressSpace();
    for (let program = 1; program <= 5; program++) {
      space.begin([]);
      space.add({ ...three, start: program * 0x1000, end: program * 0x1000 + 0x1000, path: `/${program}` });
    }
    expect([1, 2, 3, 4, 5].map((program) => space.find(program * 0x1000)?.path)).toEqual([
      undefined,
      "/2",
      "/3",
      "/4",
      "/5",
    ]);
  });

  it("remembers what it missed until the state changes", () => {
    const space = new AddressSpace();
    space.update(one);
    space.miss(0x2abc);
    expect(space.hasMissed(0x2000)).toBe(true);
    space.update(one);
    expect(space.hasMissed(0x2000)).toBe(true);
    space.add(three);
    expect(space.hasMissed(0x2000)).toBe(false);
  });
});
