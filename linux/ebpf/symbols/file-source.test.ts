import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ElfError } from "@beetrace/object";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FileSource, NotAFileError } from "./file-source.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "file-source-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

it("reads any range of a file", () => {
  const bytes = Buffer.alloc(300_000);
  for (let at = 0; at + 4 <= bytes.length; at += 4) bytes.writeUInt32LE(at, at);
  const path = join(directory, "file");
  writeFileSync(path, bytes);
  const source = FileSource.open(path);
  expect(source.sizeBytes).toBe(300_000);
  for (const [offset, size] of [
    [0, 4],
    [65_530, 20],
    [299_990, 10],
    [4095, 2],
    [0, 300_000],
    [100_000, 70_000],
    [0, 0],
    [300_000, 0],
  ]) {
    expect(Buffer.compare(source.read(offset, size), bytes.subarray(offset, offset + size))).toBe(0);
  }
  for (const [offset, size] of [
    [299_999, 2],
    [400_000, 1],
    [-1, 4],
    [0, 300_001],
    [0, -1],
  ]) {
    expect(() => source.read(offset, size)).toThrow(ElfError);
  }
  source[Symbol.dispose]();
  source[Symbol.dispose]();
});

it("refuses what is not a file", () => {
  expect(() => FileSource.open(directory)).toThrow(NotAFileError);
  expect(() => FileSource.open(join(directory, "absent"))).toThrow(/ENOENT/);
  const pipe = join(directory, "pipe");
  execFileSync("mkfifo", [pipe]);
  expect(() => FileSource.open(pipe)).toThrow(NotAFileError); // and does not wait for a writer
});
