import fc from "fast-check";
import { expect, it } from "vitest";
import { hasWildcard, matcher } from "./wildcard.ts";

it.each([
  ["vfs_read", "vfs_read", true],
  ["vfs_read", "vfs_readv", false],
  ["vfs_*", "vfs_", true],
  ["vfs_*", "xvfs_read", false],
  ["*read", "vfs_read", true],
  ["*read", "vfs_readv", false],
  ["*a", "aXa", true],
  ["*", "", true],
  ["**", "x", true],
  ["a*a", "a", false],
  ["a*a", "aa", true],
  ["do_*_file*", "do_open_filename", true],
  ["do_*_file*", "do_file", false],
  ["*ab*ba*", "aba", false],
  ["*ab*ba*", "xabxbax", true],
  ["a*bc*bc", "abc", false],
  ["a*bc*bc", "abcbc", true],
  ["?", "x", false],
  ["[ab]", "a", false],
  ["a.c", "abc", false],
])("%s on %s is %s", (pattern, name, expected) => {
  expect(matcher(pattern)(name)).toBe(expected);
});

it("knows wildcards", () => {
  expect([hasWildcard("a*"), hasWildcard("a?[b]")]).toEqual([true, false]);
});

it("agrees with a regular expression", () => {
  const letters = (more: readonly string[]) =>
    fc.array(fc.constantFrom("a", "b", ...more), { maxLength: 8 }).map((all) => all.join(""));
  const property = fc.property(letters(["*"]), letters([]), (pattern, name) => {
    expect(matcher(pattern)(name)).toBe(new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(name));
  });
  fc.assert(property, { seed: 30, numRuns: 5000 });
});
