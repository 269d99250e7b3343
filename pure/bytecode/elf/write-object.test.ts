import { describe, expect, test } from "vitest";
import { Btf } from "../btf/btf.ts";
import {
  BPF_CALL,
  BPF_DW,
  BPF_EXIT,
  BPF_IMM,
  BPF_JMP,
  BPF_LD,
  BPF_PSEUDO_CALL,
  BPF_PSEUDO_FUNC,
  type Instruction,
} from "../insn.ts";
import type { CollectionSpec, ProgramSpec } from "../spec.ts";
import { ObjectError, writeObject } from "./write-object.ts";

const WIDE: Instruction = { opcode: BPF_LD | BPF_DW | BPF_IMM, dst: 1, src: 0, offset: 0, imm: 0, immHigh: 0 };
const EXIT: Instruction = { opcode: BPF_JMP | BPF_EXIT, dst: 0, src: 0, offset: 0, imm: 0 };
const CALL: Instruction = { ...EXIT, opcode: BPF_JMP | BPF_CALL, src: BPF_PSEUDO_CALL };

/** Reads map `m`, refers to its own function by address and by a call: slots 0-1, 2-3, 4, 5; the function is at 6. */
const PROGRAM: ProgramSpec = {
  name: "probe_0",
  type: "BPF_PROG_TYPE_KPROBE",
  license: "GPL",
  instructions: [WIDE, { ...WIDE, src: BPF_PSEUDO_FUNC, imm: 3 }, { ...CALL, imm: 1 }, EXIT, EXIT],
  relocations: [{ kind: "map", index: 0, map: "m" }],
  subprograms: [
    { name: "entry", firstIndex: 0, params: ["ctx"], global: false },
    { name: "loop_0", firstIndex: 4, params: ["index", "env"], global: false },
  ],
  lines: [{ index: 0, line: 1, column: 3 }],
  source: { name: "stdin", text: "a probe" },
};
const MAP = { name: "m", type: "BPF_MAP_TYPE_HASH", keySize: 4, valueSize: 8, maxEntries: 16 } as const;
const ARRAY = { name: "x", type: "BPF_MAP_TYPE_ARRAY", keySize: 4, valueSize: 16, maxEntries: 1 } as const;

interface Section {
  readonly name: string;
  readonly type: number;
  readonly link: number;
  readonly info: number;
  readonly bytes: Uint8Array;
}

/** The sections of an ELF64 file, read by the book. */
function sectionsOf(file: Uint8Array): Map<string, Section> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const start = Number(view.getBigUint64(40, true));
  const rows = Array.from({ length: view.getUint16(60, true) }, (_, index) => start + index * 64);
  const contents = (row: number) => {
    const offset = Number(view.getBigUint64(row + 24, true));
    return file.subarray(offset, offset + Number(view.getBigUint64(row + 32, true)));
  };
  const names = contents(rows[view.getUint16(62, true)]);
  return new Map(
    rows.map((row) => {
      const name = textAt(names, view.getUint32(row, true));
      const number = (at: number) => view.getUint32(row + at, true);
      return [name, { name, type: number(4), link: number(40), info: number(44), bytes: contents(row) }];
    }),
  );
}

function textAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, bytes.indexOf(0, at)));
}

function words(bytes: Uint8Array): number[] {
  return [...new Uint32Array(bytes.slice().buffer)];
}

describe("an object file", () => {
  const file = writeObject({ maps: [MAP, ARRAY], programs: [PROGRAM] });
  const sections = sectionsOf(file);

  test("is a relocatable one for BPF", () => {
    const view = new DataView(file.buffer);
    expect([...file.subarray(0, 7)]).toEqual([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
    expect([view.getUint16(16, true), view.getUint16(18, true)]).toEqual([1, 247]);
    expect([...sections.keys()]).toEqual([
      "",
      "kprobe",
      ".text",
      ".maps",
      "license",
      ".BTF",
      ".BTF.ext",
      ".relkprobe",
      ".symtab",
      ".strtab",
    ]);
    expect(textAt(sections.get("license")!.bytes, 0)).toBe("GPL");
  });

  test("what a program calls stands in .text, and is referred to by symbols", () => {
    expect(sections.get("kprobe")!.bytes.length).toBe(6 * 8);
    expect(sections.get(".text")!.bytes.length).toBe(8);
    const code = words(sections.get("kprobe")!.bytes);
    expect([code[5], code[9]]).toEqual([0, 0xffffffff]); // the address is the symbol's, a call is counted from the next slot
    const strings = sections.get(".strtab")!.bytes;
    const symbols = sections.get(".symtab")!.bytes;
    const nameOf = (index: number) => textAt(strings, words(symbols.subarray(index * 24, index * 24 + 4))[0]);
    const relocations = words(sections.get(".relkprobe")!.bytes);
    const rows = [0, 4, 8].map((at) => [relocations[at], relocations[at + 2], nameOf(relocations[at + 3])]);
    expect(rows).toEqual([
      [0, 1, "m"],
      [16, 1, "probe_0_loop_0"],
      [32, 10, "probe_0_loop_0"],
    ]);
  });

  test("BTF says what the maps are, which functions there are, and which line each comes from", () => {
    const btf = Btf.parse(sections.get(".BTF")!.bytes);
    const types = Array.from({ length: 31 }, (_, id) => btf.type(id));
    expect(types.filter(({ kind }) => kind === "datasec")).toMatchObject([{ name: ".maps", size: 32 + 32 }]);
    expect(types.flatMap((type) => (type.kind === "var" || type.kind === "func" ? [type.name] : []))).toEqual([
      "m",
      "x",
      "probe_0",
      "probe_0_loop_0",
    ]);
    const ext = words(sections.get(".BTF.ext")!.bytes);
    expect(ext[1]).toBe(24);
    const funcs = ext.slice(6, 6 + ext[3] / 4);
    expect([funcs[0], funcs[2], funcs[3]]).toEqual([8, 1, 0]); // of 8 bytes each: one in kprobe, at byte 0
    expect(funcs.length).toBe(1 + 2 * 4);
    const lines = ext.slice(6 + ext[4] / 4);
    expect([lines[0], lines[2], lines[3], lines[6]]).toEqual([16, 1, 0, (1 << 10) | 3]);
  });
});

describe("maps", () => {
  const reading = (relocations: ProgramSpec["relocations"]): CollectionSpec => ({
    maps: [{ ...ARRAY, contents: [Uint8Array.of(1, 2, 3)] }],
    programs: [
      { ...PROGRAM, instructions: [WIDE, WIDE, EXIT], relocations, subprograms: PROGRAM.subprograms.slice(0, 1) },
    ],
  });

  test("one that is read by its address is a section of data with its contents", () => {
    const file = writeObject(reading([{ kind: "map-value", index: 0, map: "x", offset: 8 }]));
    const data = sectionsOf(file).get(".data.x")!;
    expect([...data.bytes]).toEqual([1, 2, 3, ...Array(13).fill(0)]);
    expect(words(sectionsOf(file).get("kprobe")!.bytes)[1]).toBe(8);
  });

  test("what the format cannot say is refused", () => {
    const both = reading([
      { kind: "map-value", index: 0, map: "x", offset: 0 },
      { kind: "map", index: 1, map: "x" },
    ]);
    expect(() => writeObject(both)).toThrow(ObjectError);
    expect(() => writeObject(reading([{ kind: "map", index: 0, map: "x" }]))).toThrow(/the map x has contents/);
    expect(() => writeObject(reading([{ kind: "btf-id", index: 0, name: "runqueues" }]))).toThrow(/runqueues/);
  });
});
