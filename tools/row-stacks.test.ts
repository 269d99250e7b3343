import { expect, test } from "vitest";
import { namedFrames, stackFunctions, stackLines } from "./row-stacks.ts";

test("frames with offsets in hexadecimal and modules without folders", () => {
  const stack =
    "\n\tffffffff82 vfs_read+31\n\t7f00 main (inlined)\n\t7f12 a(int) const+16 (/usr/lib/libx.so.1)\n\t5 0x5 ([unknown])\n";
  expect(stackLines(stack)).toBe(`        vfs_read+0x1f [kernel]
        main [inlined]
        a(int) const+0x10 [libx.so.1]
        [unknown] [unknown]
`);
});

test("with addresses; no stack has no lines", () => {
  expect(stackLines("\n\tffff vfs_read+31\n", { addresses: true })).toBe(
    "                    ffff vfs_read+0x1f [kernel]\n",
  );
  expect(stackLines("\n\tffff vfs_read+31\n", { indent: "\t", modules: false })).toBe("\tvfs_read+0x1f\n");
  expect(stackLines(undefined)).toBe("");
});

test("only the names of functions", () => {
  const stack =
    "\n\tffffffff82 vfs_read+31\n\t7f00 main (inlined)\n\t7f12 a(int) const+16 (/x.so)\n\t5 0x5 ([unknown])\n";
  expect(stackFunctions(stack)).toEqual(["vfs_read", "main", "a(int) const", "[unknown]"]);
  expect(stackFunctions(undefined)).toEqual([]);
  expect(namedFrames(stack)[2]).toEqual({ address: "7f12", name: "a(int) const" });
});
