import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cacheDirectory, openBootCache } from "./boot-cache.ts";

describe("openBootCache", () => {
  let parent: string;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), "boot-cache-"));
  });
  afterEach(() => rmSync(parent, { recursive: true }));

  it("keeps bytes for a boot and a key", () => {
    const directory = join(parent, "a", "b");
    const cache = openBootCache(directory, "boot-1");
    expect(cache.read("index", "k")).toBeUndefined();
    cache.write("index", "k", Uint8Array.of(1, 2, 3));
    expect([...(cache.read("index", "k") ?? [])]).toEqual([1, 2, 3]);
    expect(cache.read("index", "other")).toBeUndefined();
    expect(openBootCache(directory, "boot-2").read("index", "k")).toBeUndefined();
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  it("tells keys of the same length apart, and gives bytes that begin at a multiple of 8", () => {
    const cache = openBootCache(parent, "boot-1");
    cache.write("index", "key ü", Uint8Array.of(1, 2));
    expect(cache.read("index", "key ö")).toBeUndefined();
    const kept = cache.read("index", "key ü");
    expect([...(kept ?? [])]).toEqual([1, 2]);
    expect(readFileSync(join(parent, readdirSync(parent)[0])).indexOf(Buffer.of(1, 2)) % 8).toBe(0);
    writeFileSync(join(parent, readdirSync(parent)[0]), Uint8Array.of(6, 0));
    expect(cache.read("index", "key ü")).toBeUndefined();
  });

  it("drops what was kept before for the kind, and only that", () => {
    const cache = openBootCache(parent, "boot-1");
    cache.write("index", "old", Uint8Array.of(1));
    cache.write("other", "x", Uint8Array.of(2));
    writeFileSync(join(parent, "index-mine.txt"), "");
    cache.write("index", "new", Uint8Array.of(3));
    expect(cache.read("index", "old")).toBeUndefined();
    expect([...(cache.read("other", "x") ?? [])]).toEqual([2]);
    expect(readdirSync(parent)).toHaveLength(3);
  });

  it("does not believe a file that others can write", () => {
    const cache = openBootCache(parent, "boot-1");
    cache.write("index", "k", Uint8Array.of(1));
    chmodSync(join(parent, readdirSync(parent)[0]), 0o666);
    expect(cache.read("index", "k")).toBeUndefined();
  });

  it("never fails", () => {
    const file = join(parent, "file");
    writeFileSync(file, "");
    const cache = openBootCache(join(file, "below"), "boot-1");
    cache.write("index", "k", Uint8Array.of(1));
    expect(cache.read("index", "k")).toBeUndefined();
  });
});

describe("cacheDirectory", () => {
  it("follows XDG_CACHE_HOME when it is absolute", () => {
    expect(cacheDirectory({ XDG_CACHE_HOME: "/x" })).toBe("/x/beetrace");
    const fallback = process.geteuid?.() === 0 ? /^\/var\/cache\/beetrace$/ : /\/\.cache\/beetrace$/;
    expect(cacheDirectory({ XDG_CACHE_HOME: "relative" })).toMatch(fallback);
    expect(cacheDirectory({})).toMatch(fallback);
  });
});
