import { expect, it } from "vitest";
import { stackFrames, stackId } from "./stack-maps.ts";

it("the id of a stack depends on its frames and on their order, and tells how many they are", () => {
  expect(stackId([1n], 1)).toBe(0x4f1bbcdc_f0be8001n);
  const stacks = [[1n, 2n], [2n, 1n], [1n, 2n, 3n], [1n], [(1n << 64n) - 1n]];
  const ids = stacks.map((frames) => stackId(frames, frames.length));
  expect(new Set(ids).size).toBe(stacks.length);
  expect(ids.map(stackFrames)).toEqual([2, 2, 3, 1, 1]);
  for (const id of ids) expect(id).toBeGreaterThan(0n);
});

it("1,000,000 stacks have as many ids", () => {
  const base = 0xffff_ffff_8100_0000n;
  const ids = new Set(Array.from({ length: 1_000_000 }, (_, i) => stackId([base, base + BigInt(i)], 2)));
  expect(ids.size).toBe(1_000_000);
});
