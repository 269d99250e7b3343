import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it, type TestContext, vi } from "vitest";
import { bytesSource, parseElf, type UnwindRule, UnwindTable, unwindTable } from "../index.ts";
import { framesElf, type TinyCie, USUAL_START } from "./tiny-frames.ts";

vi.setConfig({ testTimeout: 60_000 });

const RIP = { returnAddress: "cfa", returnAddressOffset: -8 } as const;
const SAME = { framePointer: "none", framePointerOffset: 0, signalFrame: false } as const;
const UNKNOWN = { cfa: "unknown", cfaOffset: 0, returnAddress: "none", returnAddressOffset: 0, ...SAME };
const ENTRY = { cfa: "stackPointer", cfaOffset: 8, ...RIP, ...SAME };

function tableOf(...cies: readonly TinyCie[]): UnwindTable {
  const table = unwindTable(parseElf(bytesSource(framesElf(cies))));
  expect(table).toBeInstanceOf(UnwindTable);
  return table!;
}

function rowsOf(table: UnwindTable): (readonly [number, UnwindRule])[] {
  return Array.from({ length: table.count }, (_, index) => [table.addressAt(index), table.ruleAt(index)]);
}

function one(
  instructions: readonly number[],
  cie: Omit<TinyCie, "functions"> = {},
): readonly (readonly [number, UnwindRule])[] {
  return rowsOf(tableOf({ ...cie, functions: [{ address: 0x2000, sizeBytes: 0x40, instructions }] }));
}

describe("rows of a function", () => {
  it("a prologue with a frame pointer", () => {
    // push %rbp; mov %rsp, %rbp; …; leave
    const rows = one([0x41, 0x0e, 16, 0x86, 2, 0x43, 0x0d, 6, 0x60, 0x0c, 7, 8]);
    const pushed = { framePointer: "cfa", framePointerOffset: -16, signalFrame: false };
    expect(rows).toEqual([
      [0x2000, ENTRY],
      [0x2001, { cfa: "stackPointer", cfaOffset: 16, ...RIP, ...pushed }],
      [0x2004, { cfa: "framePointer", cfaOffset: 16, ...RIP, ...pushed }],
      [0x2024, { cfa: "stackPointer", cfaOffset: 8, ...RIP, ...pushed }],
      [0x2040, UNKNOWN],
    ]);
  });

  it("a state that is remembered comes back, a register that is restored is as at the start", () => {
    const rows = one([0x41, 0x0e, 16, 0x86, 2, 0x0a, 0x02, 4, 0x0e, 8, 0xc6, 0x03, 2, 0, 0x0b]);
    const pushed = { framePointer: "cfa", framePointerOffset: -16, signalFrame: false };
    expect(rows.map(([address]) => address)).toEqual([0x2000, 0x2001, 0x2005, 0x2007, 0x2040]);
    expect(rows[2][1]).toEqual(ENTRY);
    expect(rows[3][1]).toEqual({ cfa: "stackPointer", cfaOffset: 16, ...RIP, ...pushed });
  });

  it("what says nothing new makes no row", () => {
    expect(one([0x41, 0x83, 3, 0x41, 0x2e, 5, 0x41])).toHaveLength(2);
  });

  it("entries of a linkage table", () => {
    const rows = one([
      0x0e, 16, 0x46, 0x0e, 24, 0x4a, 0x0f, 11, 0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22,
    ]);
    expect(rows[2]).toEqual([0x2010, { cfa: "linkageTable", cfaOffset: 11, ...RIP, ...SAME }]);
  });

  it("a function that aligns its stack keeps where it was in memory, by the frame pointer", () => {
    const rows = one([0x41, 0x10, 6, 2, 0x76, 0, 0x0f, 3, 0x76, 0x78, 0x06]);
    expect(rows[1][1]).toMatchObject({
      cfa: "atFramePointer",
      cfaOffset: -8,
      framePointer: "framePointer",
      framePointerOffset: 0,
    });
  });

  it("the frame of a signal", () => {
    const signal = [0x0f, 4, 0x77, 0xa0, 1, 0x06, 0x10, 16, 3, 0x77, 0xa8, 1, 0x10, 6, 3, 0x77, 0xf8, 0];
    expect(one(signal, { augmentation: "zRS", instructions: [] })[0][1]).toEqual({
      cfa: "atStackPointer",
      cfaOffset: 160,
      returnAddress: "stackPointer",
      returnAddressOffset: 168,
      framePointer: "stackPointer",
      framePointerOffset: 120,
      signalFrame: true,
    });
  });

  it("the outermost function has no return address", () => {
    expect(one([0x07, 16])[0][1]).toEqual({ ...ENTRY, returnAddress: "none", returnAddressOffset: 0 });
  });

  it.each([
    ["another register as the CFA", [0x0d, 10]],
    ["an expression that is not known", [0x0f, 2, 0x77, 8]],
    ["a return address in a register", [0x09, 16, 2]],
    ["an instruction that is not known", [0x3c]],
    ["an offset beyond what a row holds", [0x90, 0x80, 0x80, 8]],
  ])("%s is unknown", (_, instructions) => {
    expect(one([0x44, ...instructions])).toEqual([
      [0x2000, ENTRY],
      [0x2004, UNKNOWN],
    ]);
  });

  it("and what follows is known again, where its CFA is", () => {
    expect(one([0x44, 0x0d, 10, 0x44, 0x0c, 7, 8]).map(([, rule]) => rule.cfa)).toEqual([
      "stackPointer",
      "unknown",
      "stackPointer",
      "unknown",
    ]);
  });
});

describe("tables", () => {
  const rest = { sizeBytes: 0x10, instructions: [] };

  it("functions come in the order of their addresses, and between them nothing is known", () => {
    const table = tableOf({
      functions: [
        { address: 0x2040, ...rest },
        { address: 0x2000, ...rest },
        { address: 0x2010, ...rest },
      ],
    });
    expect(rowsOf(table).map(([address, { cfa }]) => [address, cfa])).toEqual([
      [0x2000, "stackPointer"],
      [0x2020, "unknown"],
      [0x2040, "stackPointer"],
      [0x2050, "unknown"],
    ]);
    expect([0x1fff, 0x2000, 0x201f, 0x2020, 0x204f, 0x2050].map((at) => table.find(at).cfa)).toEqual([
      "unknown",
      "stackPointer",
      "stackPointer",
      "unknown",
      "stackPointer",
      "unknown",
    ]);
  });

  it("of functions that overlap the first is taken, those of no code and below the file's start are left out", () => {
    const table = tableOf({
      functions: [
        { address: 0x2000, ...rest },
        { address: 0x2008, ...rest },
        { address: 0x2020, sizeBytes: 0, instructions: [] },
        { address: 0, ...rest },
      ],
    });
    expect(rowsOf(table).map(([address]) => address)).toEqual([0x2000, 0x2010]);
  });

  it("several CIEs, one with a personality and one without an augmentation", () => {
    const personality = { augmentation: "zPLR", data: [0x1b, 1, 2, 3, 4, 0x1b, 0x1b] };
    const table = tableOf(
      { functions: [{ address: 0x2000, ...rest }] },
      { ...personality, instructions: [...USUAL_START, 0x0e, 32], functions: [{ address: 0x2010, ...rest }] },
    );
    expect(rowsOf(table).map(([, { cfaOffset }]) => cfaOffset)).toEqual([8, 32, 0]);
  });

  it("a file without sections is read by its header", () => {
    const cies = [{ functions: [{ address: 0x2000, ...rest }] }];
    const table = unwindTable(parseElf(bytesSource(framesElf(cies, "header"))));
    expect(rowsOf(table!).map(([address]) => address)).toEqual([0x2000, 0x2010]);
  });

  it("addresses in the bytes count from the file's start", () => {
    const table = tableOf({ functions: [{ address: 0x2000, ...rest }] });
    expect(table.base).toBe(0x1000);
    expect([...table.bytes.subarray(0, 16)]).toEqual([0, 0x10, 0, 0, 1, 1, 0, 0, 8, 0, 0, 0, 0xf8, 0xff, 0, 0]);
  });
});

/** What readelf makes of a rule: `rsp+8`, `c-8`, `u`, `exp`. */
function inReadelfsWords({ cfa, cfaOffset, returnAddress, returnAddressOffset }: UnwindRule): string {
  const register = { stackPointer: "rsp", framePointer: "rbp" }[cfa as string];
  const where = returnAddress === "cfa" ? `c${returnAddressOffset}` : returnAddress === "none" ? "u" : "exp";
  return `${register === undefined ? "exp" : `${register}+${cfaOffset}`} ${where}`;
}

describe("what GNU readelf reads", () => {
  it.each(["/bin/bash", "/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld-linux-x86-64.so.2"])(
    "%s",
    (path: string, context?: unknown) => {
      const output = spawnSync("readelf", ["--debug-dump=frames-interp", path], { maxBuffer: 1 << 28 });
      if (output.error !== undefined || !existsSync(path) || process.arch !== "x64")
        return (context as TestContext | undefined)?.skip("no readelf or file");
      const table = unwindTable(parseElf(bytesSource(readFileSync(path))))!;
      let compared = 0;
      for (const block of output.stdout.toString().split("\n\n")) {
        const [head, columns, ...lines] = block.trim().split("\n");
        if (!head?.includes("FDE") || columns === undefined) continue;
        const names = columns.trim().split(/\s+/);
        if (names.includes("rdi")) continue; // where registers are kept in registers readelf forgets the others
        for (const line of lines) {
          const values = line.trim().split(/\s+/);
          const rule = table.find(Number.parseInt(values[0], 16));
          const expected = `${values[1]} ${values[names.indexOf("ra")]}`;
          // By another register, or with the return address in one: such a row stays unknown.
          if (rule.cfa === "unknown") expect(expected).toMatch(/^(?!rsp|rbp)| r\d+$/);
          else expect(`${values[0]} ${inReadelfsWords(rule)}`).toBe(`${values[0]} ${expected}`);
          compared++;
        }
      }
      expect(compared).toBeGreaterThan(100);
    },
  );
});
