import { expect, it } from "vitest";
import { bytesSource, ElfError, windowSource, zipMember } from "./index.ts";
import { tinyZip } from "./tiny-zip.ts";

const [first, second] = [Uint8Array.of(1, 2, 3), Uint8Array.of(9, 8, 7, 6)];
const archive = tinyZip(
  [
    { name: "lib/first.so", bytes: first, extraBytes: 5 },
    { name: "second", bytes: second },
    { name: "deflated", bytes: first, method: 8 },
  ],
  "a comment",
);
const source = bytesSource(archive);

it("finds where a stored member's bytes are", () => {
  const found = zipMember(source, "lib/first.so");
  // Local header (30), name (12), extra fields (5).
  expect(found).toEqual({ offset: 47, sizeBytes: 3 });
  expect([...archive.subarray(47, 50)]).toEqual([1, 2, 3]);
  const other = zipMember(source, "second");
  expect(other).toEqual({ offset: 50 + 30 + 6, sizeBytes: 4 });
  expect(zipMember(source, "absent")).toBeUndefined();
});

it("refuses what is compressed, damaged, or no archive", () => {
  expect(() => zipMember(source, "deflated")).toThrow("deflated is compressed: only a stored member");
  expect(() => zipMember(bytesSource(new Uint8Array(100)), "x")).toThrow("not a zip archive");
  expect(() => zipMember(bytesSource(new Uint8Array(3)), "x")).toThrow(ElfError);
  const damaged = archive.slice();
  damaged[0] = 0;
  expect(() => zipMember(bytesSource(damaged), "lib/first.so")).toThrow("damaged header of lib/first.so");
});

it("gives a member as a source of its own", () => {
  const member = windowSource(source, 86, 4);
  expect([...member.read(1, 2)]).toEqual([8, 7]);
  expect(() => member.read(3, 2)).toThrow(ElfError);
});
