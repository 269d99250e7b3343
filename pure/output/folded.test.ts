import { describe, expect, it, test } from "vitest";
import { countsStacks, FoldedSyntaxError, foldEntries, foldedText, mergeStacks, parseFolded } from "./folded.ts";
import type { MapLayout } from "./map-layout.ts";
import { bareResolver } from "./resolver.ts";
import type { ValueType } from "./type.ts";
import type { Value } from "./value.ts";

const KSTACK = { kind: "kstack", map: "stacks", mode: "bpftrace", limit: 127 } as const;
const USTACK = { kind: "ustack", map: "stacks", mode: "bpftrace", limit: 127 } as const;
const COMM = { kind: "string", size: 16 } as const;
const COUNT = { kind: "count" } as const;

const STACKS: Readonly<Record<string, readonly bigint[]>> = {
  1: [0xa2n, 0xa1n],
  2: [0xb3n, 0xb2n, 0xb1n],
  3: [0xa3n, 0xa1n],
  4: [0xc9n, 0xffff_ffff_ffff_ffffn],
};
const resolver = bareResolver({
  stack: (_map, id) => STACKS[String(id)],
  ksym: (address) => (address === 0xa1n ? { name: "entry", offset: 1 } : { name: "sys_read", offset: Number(address) }),
  usym: (address, pid) => {
    if (address === 0xb2n) return { name: "call", offset: 0, inlined: [{ name: "leaf" }, { name: "mid" }] };
    if (address === 0xc9n) return undefined;
    return { name: `operator;()\n${pid}\xc3\xa9`, offset: 7 };
  },
});

const layoutOf = (key: ValueType | undefined, value: ValueType = COUNT): MapLayout => ({
  name: "@",
  value,
  perCpu: false,
  ...(key === undefined ? {} : { key }),
});
const tupleOf = (...types: ValueType[]): ValueType => ({
  kind: "tuple",
  size: 64,
  fields: types.map((type, index) => ({ offset: index * 16, type })),
});
const stack = (id: number, pid = 0): Value => ({ kind: "stack", id, pid });
const list = (...items: Value[]): Value => ({ kind: "list", items });

describe("a map counts stacks", () => {
  test.each([
    [layoutOf(KSTACK), true],
    [layoutOf(tupleOf(COMM, USTACK), { kind: "sum", signed: false }), true],
    [layoutOf(tupleOf(COMM, tupleOf(COMM, USTACK)), { kind: "int", size: 8, signed: true }), true],
    [layoutOf(COMM), false],
    [layoutOf(undefined), false],
    [layoutOf(KSTACK, { kind: "hist", bits: 0 }), false],
    [layoutOf(COMM, USTACK), false],
  ])("%#", (layout, expected) => expect(countsStacks(layout)).toBe(expected));
});

describe("entries are folded", () => {
  it("with the root first, the kernel's frames marked, and stacks of the same names put together", () => {
    const entries = [1, 3, 2].map((id) => ({ key: stack(id), value: id * 10 }));
    const folded = foldEntries(layoutOf(KSTACK), entries, resolver);
    expect(foldedText(folded)).toBe("entry_[k];sys_read_[k] 40\nsys_read_[k];sys_read_[k];sys_read_[k] 20\n");
  });

  it("with the key's other parts at the root, and the kernel's frames on those of user space", () => {
    const key = list(stack(1), "sh;é".replace("é", "\xc3\xa9"), stack(2, 42), 7);
    const layout = layoutOf(tupleOf(KSTACK, COMM, USTACK, { kind: "int", size: 8, signed: true }));
    expect(foldedText(foldEntries(layout, [{ key, value: 5n }], resolver))).toBe(
      "sh:é;7;operator:() 42é;call;mid_[i];leaf_[i];operator:() 42é;entry_[k];sys_read_[k] 5\n",
    );
  });

  it("to no more frames than the stack was limited to", () => {
    const [folded] = foldEntries(layoutOf({ ...KSTACK, limit: 1 }), [{ key: stack(1), value: 1 }], resolver);
    expect(folded.frames).toEqual(["sys_read_[k]"]);
  });

  it("also where no stack was taken, a frame has no name, or the unwinder gave up", () => {
    const entries = [
      { key: stack(-14), value: 1 },
      { key: stack(99, 5), value: 2 },
      { key: stack(4, 5), value: 3 },
    ];
    expect(foldedText(foldEntries(layoutOf(USTACK), entries, resolver))).toBe("[no stack] 3\n[unknown];[unknown] 3\n");
  });

  it("with addresses where the script asked for them", () => {
    const [folded] = foldEntries(layoutOf({ ...USTACK, mode: "raw" }), [{ key: stack(1, 5), value: 1 }], resolver);
    expect(folded.frames).toEqual(["0xa1", "0xa2"]);
  });

  it("without values that have no width", () => {
    const entries = [0, -3].map((value) => ({ key: stack(1), value }));
    expect(foldEntries(layoutOf(KSTACK, { kind: "sum", signed: true }), entries, resolver)).toEqual([]);
  });
});

describe("folded text", () => {
  it("is read as it is written", () => {
    const stacks = mergeStacks([
      { frames: ["b c", "d"], count: 2 },
      { frames: ["a"], count: 1 },
      { frames: ["b c", "d"], count: 3 },
    ]);
    expect(stacks).toEqual([
      { frames: ["a"], count: 1 },
      { frames: ["b c", "d"], count: 5 },
    ]);
    expect(parseFolded(foldedText(stacks))).toEqual(stacks);
  });

  it("may have comments, blank lines, other line ends and fractions", () => {
    expect(parseFolded("# made by hand\r\n\r\nx;y z 1.5\r\n")).toEqual([{ frames: ["x", "y z"], count: 1.5 }]);
  });

  test.each([
    ["a 1\nb", "line 2: a stack and a number are expected, with a blank between"],
    ["a 1\n\n 3", "line 3: a stack and a number are expected, with a blank between"],
    ["a;b c", "line 1: 'c' is not a number"],
    ["a -1", "line 1: '-1' is not a number"],
  ])("%j is none", (text, message) => {
    expect(() => parseFolded(text)).toThrow(FoldedSyntaxError);
    expect(() => parseFolded(text)).toThrow(message);
  });
});
