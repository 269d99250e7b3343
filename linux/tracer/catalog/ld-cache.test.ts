import { ByteWriter } from "@beetrace/std";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findLibrary, LD_CACHE_FLAGS, parseLdCache } from "./ld-cache.ts";

type Entry = readonly [soname: string, path: string, flags?: number, hwcap?: bigint];
const X64 = LD_CACHE_FLAGS.x64;

function cacheOf(entries: readonly Entry[]): Uint8Array {
  const text = (value: string) => Buffer.from(`${value}\0`);
  const strings: Uint8Array[] = [];
  let at = 48 + 24 * entries.length;
  const place = (value: string) => {
    const bytes = text(value);
    strings.push(bytes);
    at += bytes.length;
    return at - bytes.length;
  };
  const out = new ByteWriter(4096)
    .append(Buffer.from("glibc-ld.so.cache1.1"))
    .u32(entries.length)
    .u32(0)
    .u32(2)
    .u32(0)
    .u32(0)
    .u32(0)
    .u32(0);
  for (const [soname, path, flags = X64, hwcap = 0n] of entries) {
    out.u32(flags).u32(place(soname)).u32(place(path)).u32(0).u64(hwcap);
  }
  for (const bytes of strings) out.append(bytes);
  return out.finish();
}

const ENTRIES: readonly Entry[] = [
  ["libssl.so.3", "/lib/libssl.so.3"],
  ["libssl.so.1.1", "/lib/libssl.so.1.1"],
  ["libssl.so", "/lib/libssl.so"],
  ["libssl3.so", "/lib/libssl3.so"],
  ["libc.so.6", "/lib32/libc.so.6", 0x0003],
  ["libc.so.6", "/lib/glibc-hwcaps/x86-64-v3/libc.so.6", X64, 2n],
  ["libc.so.6", "/lib/libc.so.6"],
];

describe("parseLdCache", () => {
  it("reads every entry", () => {
    const entries = parseLdCache(cacheOf(ENTRIES));
    expect(entries).toHaveLength(7);
    expect(entries?.[5]).toEqual({
      soname: "libc.so.6",
      path: "/lib/glibc-hwcaps/x86-64-v3/libc.so.6",
      flags: 0x303,
      hwcap: 2n,
    });
  });

  it("reads the new format behind the old one", () => {
    const old = new ByteWriter().append(Buffer.from("ld.so-1.7.0\0")).u32(1).u32(3).u32(0).u32(0).align(8);
    const both = Buffer.concat([old.finish(), cacheOf(ENTRIES)]);
    expect(parseLdCache(both)).toEqual(parseLdCache(cacheOf(ENTRIES)));
  });

  it("leaves out entries that point outside", () => {
    const bytes = Buffer.from(cacheOf([["libx.so.1", "/libx.so.1"]]));
    bytes.writeUInt32LE(9999, 48 + 4);
    expect(parseLdCache(bytes)).toEqual([]);
  });

  it("refuses other files and lying counts", () => {
    expect(parseLdCache(Buffer.from("something else entirely, long enough to hold a header"))).toBeUndefined();
    const bytes = Buffer.from(cacheOf(ENTRIES));
    bytes.writeUInt32LE(0xffffffff, 20);
    expect(parseLdCache(bytes)).toBeUndefined();
  });

  it("takes any damage", () => {
    const good = cacheOf(ENTRIES);
    const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 });
    fc.assert(
      fc.property(damage, fc.nat(good.length), (changes, size) => {
        const bytes = Uint8Array.from(good);
        for (const [at, value] of changes) bytes[at] = value;
        const entries = parseLdCache(bytes.subarray(0, size)) ?? [];
        expect(entries.length).toBeLessThanOrEqual(8);
      }),
      { seed: 31, numRuns: 2000 },
    );
  });
});

it.each([
  ["libc", "/lib/libc.so.6"],
  ["libssl", "/lib/libssl.so.3"],
  ["libssl.so", "/lib/libssl.so"],
  ["libssl.so.1", "/lib/libssl.so.1.1"],
  ["libss", undefined],
])("%s is %s", (name, path) => {
  expect(findLibrary(parseLdCache(cacheOf(ENTRIES)) ?? [], name, X64)).toBe(path);
});
