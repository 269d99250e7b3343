import { expect, it } from "vitest";
import { parsePerfMap } from "./index.ts";

it("parses and finds", () => {
  const map = parsePerfMap("7f00001000 20 LazyCompile:~f a.js:1\n0x7f00002000 0x10 Builtin:x\nbroken\n7f0000");
  expect(map.count).toBe(2);
  expect(map.findByAddress(0x7f0000101f)).toEqual({
    entry: { name: "LazyCompile:~f a.js:1", address: 0x7f00001000, sizeBytes: 0x20 },
    offset: 0x1f,
  });
  expect(map.findByAddress(0x7f00001020)).toBeUndefined();
  expect(map.findByAddress(0x7f00000fff)).toBeUndefined();
  expect(map.findByAddress(0x7f00002000)?.entry.name).toBe("Builtin:x");
});

it("believes the later of two that overlap", () => {
  const map = parsePerfMap("1000 100 old\n1040 10 new\n1000 20 newest\n");
  expect([0x1000, 0x1020, 0x1040, 0x1050].map((address) => map.findByAddress(address)?.entry.name)).toEqual([
    "newest",
    "old",
    "new",
    "old",
  ]);
  expect(parsePerfMap("1000 10 new\nff0 40 over\n").findByAddress(0x1004)?.entry.name).toBe("over");
});

it("of nothing finds nothing", () => {
  expect(parsePerfMap("").findByAddress(0)).toBeUndefined();
});
