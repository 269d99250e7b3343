import { expect, test } from "vitest";
import { assemble, R0, R1 } from "../asm.ts";
import type { ProgramSpec } from "../spec.ts";
import { Btf } from "./btf.ts";
import { programBtf } from "./program-btf.ts";

const { instructions } = assemble((a) => {
  a.loadImm64(R1, 1n);
  a.callSubprogram("double");
  a.exit();
  a.subprogram("double", ["n"]);
  a.mov(R0, R1);
  a.alu("+", R0, R1);
  a.exit();
});

const SPEC: ProgramSpec = {
  name: "main",
  type: "BPF_PROG_TYPE_RAW_TRACEPOINT",
  license: "GPL",
  instructions,
  relocations: [],
  subprograms: [
    { name: "kprobe:main", firstIndex: 0, params: ["ctx"], global: true },
    { name: "double", firstIndex: 3, params: ["n"], global: false },
  ],
  lines: [
    { index: 1, line: 2, column: 3 },
    { index: 2, line: 2, column: 3 },
    { index: 4, line: 1, column: 2000 },
    { index: 5, line: 2, column: 3 },
  ],
  source: { name: "one.bt", text: "first line\nsecond é\n" },
};

function words(bytes: Uint8Array): number[] {
  return [...new Uint32Array(bytes.slice().buffer)];
}

function stringAt(btf: Uint8Array, offset: number): string {
  const view = new DataView(btf.buffer);
  const start = 24 + view.getUint32(16, true) + offset;
  return new TextDecoder().decode(btf.subarray(start, btf.indexOf(0, start)));
}

test("functions are described at their slots", () => {
  const { btf: bytes, funcInfo } = programBtf(SPEC);
  const btf = Btf.parse(bytes);
  const main = btf.findType("func", "kprobe_main");
  const double = btf.findType("func", "double");
  // The 64-bit load takes two slots: double, the fourth instruction, is at slot 4.
  expect(words(funcInfo)).toEqual([0, main, 4, double]);
  const mainType = btf.type(main!);
  expect(mainType).toMatchObject({ linkage: "global" });
  const proto = btf.type(mainType.kind === "func" ? mainType.proto : 0);
  expect(proto).toMatchObject({ params: [{ name: "ctx" }] });
  expect(proto.kind === "func_proto" && btf.type(proto.params[0].type)).toEqual({ kind: "ptr", to: 0 });
  expect(btf.type(double!)).toMatchObject({ linkage: "static" });
});

test("lines are ascending, without repetition, and begin every function", () => {
  const { btf, lineInfo } = programBtf(SPEC);
  const all = words(lineInfo);
  const records = Array.from({ length: all.length / 4 }, (_, i) => all.slice(i * 4, i * 4 + 4));
  expect(records.map(([slot, file, text, place]) => [slot, stringAt(btf, file), stringAt(btf, text), place])).toEqual([
    // Nothing is known of the first instruction; it takes the first line that is known.
    [0, "one.bt", "second é", (2 << 10) | 3],
    [4, "one.bt", "second é", (2 << 10) | 3],
    [5, "one.bt", "first line", (1 << 10) | 1023],
    [6, "one.bt", "second é", (2 << 10) | 3],
  ]);
  expect(new Set(records.map(([, , text]) => text)).size).toBe(2);
});

test("a program without source has no lines", () => {
  const { lineInfo, funcInfo } = programBtf({ ...SPEC, source: undefined });
  expect(lineInfo.length).toBe(0);
  expect(funcInfo.length).toBe(16);
});
