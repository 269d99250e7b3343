import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bareResolver, type MapEntry, type MapLayout } from "@beetrace/output";
import { afterAll, beforeAll, expect, test } from "vitest";
import { OutputSink } from "./sink.ts";
import { PictureError, StackPictures } from "./stack-pictures.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pictures-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const KSTACK = { kind: "kstack", map: "s", mode: "bpftrace", limit: 9 } as const;
const stacks = (name: string): MapLayout => ({ name, key: KSTACK, value: { kind: "count" }, perCpu: true });
const other: MapLayout = { name: "@c", value: { kind: "count" }, perCpu: true };
const entry = (id: number, value: number): MapEntry => ({ key: { kind: "stack", id, pid: 0 }, value });
const resolver = bareResolver({ stack: (_map, id) => [BigInt(id)], ksym: (at) => ({ name: `f${at}`, offset: 0 }) });

function pictures(folded: string, layouts: readonly MapLayout[], accumulate = false) {
  const written: string[] = [];
  const write = (_fd: number, bytes: Uint8Array) => {
    written.push(Buffer.from(bytes).toString());
    return bytes.length;
  };
  const out = new OutputSink({ fd: 1, mode: "none", write });
  const drawn = new StackPictures({ folded, layouts, title: "t", accumulate, out });
  const printed: string[] = [];
  const printer = drawn.over(
    { map: ({ name }) => printed.push(name), cleared: (name) => printed.push(name) },
    resolver,
  );
  return { drawn, printer, printed, written };
}

test("maps that count no stacks are printed", () => {
  const { drawn, printer, printed, written } = pictures("-", [stacks("@"), other]);
  printer.map(other, [], {});
  printer.cleared?.("@c");
  drawn.draw();
  expect([printed, written]).toEqual([["@c", "@c"], []]);
});

test("a map is drawn as it was printed last, once", () => {
  const { drawn, printer, written } = pictures("-", [stacks("@"), other]);
  printer.map(stacks("@"), [entry(1, 5)], {});
  printer.map(stacks("@"), [entry(1, 7), entry(2, 1)], {});
  drawn.draw();
  drawn.draw();
  expect(written).toEqual(["f1_[k] 7\nf2_[k] 1\n"]);
});

test("maps that are cleared at each interval add up, by their names where there are several", () => {
  const path = join(folder, "sum");
  const { drawn, printer } = pictures(path, [stacks("@b"), stacks("@a")], true);
  for (const value of [5, 6]) {
    printer.map(stacks("@b"), [entry(1, value)], {});
    printer.map(stacks("@a"), [entry(2, 1)], {});
    drawn.draw();
  }
  expect(readFileSync(path, "utf8")).toBe("@a;f2_[k] 2\n@b;f1_[k] 11\n");
  expect(drawn.summary()).toBe(`${path}: 13 samples in 2 stacks\n`);
});

test("the output gets what is new at each interval", () => {
  const { drawn, printer, written } = pictures("-", [stacks("@")], true);
  for (const value of [5, 6]) {
    printer.map(stacks("@"), [entry(1, value)], {});
    drawn.draw();
  }
  expect(written).toEqual(["f1_[k] 5\n", "f1_[k] 6\n"]);
});

test("a file that cannot be written is told of before the run", () => {
  expect(() => pictures(folder, [stacks("@")])).toThrow(
    new PictureError(`failed to write file '${folder}': Is a directory`),
  );
});
