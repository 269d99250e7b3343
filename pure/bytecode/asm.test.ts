import { expect, test } from "vitest";
import { assemble, assembleProgram, R0, R1, R2, R6 } from "./asm.ts";
import { HELPER_NAMES, helperId, helperName } from "./helper-names.ts";
import { decodeInstructions, encodeInstructions, slotCount } from "./insn.ts";

test("distances count slots, not instructions", () => {
  const { instructions } = assemble((a) => {
    a.label("top");
    a.jumpIfImm("==", R1, 0, "end");
    a.loadImm64(R2, 0x1234_5678_9abc_def0n);
    a.jump("top");
    a.label("end");
    a.exit();
  });
  expect(instructions.map((insn) => insn.offset)).toEqual([3, 0, -4, 0]);
  expect(instructions[1]).toMatchObject({ imm: 0x9abcdef0 | 0, immHigh: 0x12345678 });
  expect(slotCount(instructions)).toBe(5);
});

test("calls and callbacks go to their functions", () => {
  const { instructions, subprograms } = assemble((a) => {
    a.loadFunction(R2, "callback");
    a.callSubprogram("callback");
    a.exit();
    a.subprogram("callback", ["i", "context"]);
    a.movImm(R0, 0);
    a.exit();
  });
  expect(instructions[0]).toMatchObject({ src: 4, imm: 3 });
  expect(instructions[1]).toMatchObject({ src: 1, imm: 1 });
  expect(subprograms).toEqual([{ name: "callback", firstIndex: 3, params: ["i", "context"], global: false }]);
});

test("maps and kfuncs are left to the loader", () => {
  const { relocations } = assemble((a) => {
    a.loadMap(R1, "counts");
    a.loadMapValue(R2, "globals", 8);
    a.callKfunc("bpf_strlen");
  });
  expect(relocations).toEqual([
    { kind: "map", index: 0, map: "counts" },
    { kind: "map-value", index: 1, map: "globals", offset: 8 },
    { kind: "kfunc", index: 2, name: "bpf_strlen" },
  ]);
});

test("a program's entry is named like the program", () => {
  const spec = assembleProgram({ name: "probe", type: "BPF_PROG_TYPE_KPROBE" }, (a) => {
    a.movImm(R0, 0);
    a.exit();
  });
  expect(spec.subprograms).toEqual([{ name: "probe", firstIndex: 0, params: ["ctx"], global: false }]);
  expect(spec.license).toBe("GPL");
});

test("mistakes with labels are invariants", () => {
  expect(() => assemble((a) => a.jump("nowhere"))).toThrow("label nowhere is not placed");
  const twice = () =>
    assemble((a) => {
      a.label("here");
      a.label("here");
    });
  expect(twice).toThrow("label here is placed twice");
  const far = (count: number) => () =>
    assemble((a) => {
      a.jump("end");
      for (let i = 0; i < count; i++) a.mov(R6, R1);
      a.label("end");
      a.exit();
    });
  expect(far(32768)).toThrow("label end is 32768 slots away");
  expect(far(32767)().instructions[0].offset).toBe(32767);
  expect(() => assemble((a) => a.call("bpf_no_such_thing"))).toThrow("no helper");
});

test("instructions survive their encoding", () => {
  const { instructions } = assemble((a) => {
    a.loadImm64(R1, 0xffff_ffff_0000_0001n);
    a.store("u64", 10, -8, R1);
    a.aluImm("s/", R1, -7);
    a.exit();
  });
  expect(decodeInstructions(encodeInstructions(instructions))).toEqual(instructions);
  expect([...encodeInstructions(instructions).subarray(16, 32)]).toEqual([
    0x7b, 0x1a, 0xf8, 0xff, 0, 0, 0, 0, 0x37, 0x01, 0x01, 0x00, 0xf9, 0xff, 0xff, 0xff,
  ]);
});

test("helpers are known by number and name", () => {
  expect(HELPER_NAMES.length).toBe(211);
  expect(new Set(HELPER_NAMES).size).toBe(211);
  // Numbers from include/uapi/linux/bpf.h, spread over the list.
  for (const [id, name] of [
    [1, "bpf_map_lookup_elem"],
    [5, "bpf_ktime_get_ns"],
    [27, "bpf_get_stackid"],
    [113, "bpf_probe_read_kernel"],
    [131, "bpf_ringbuf_reserve"],
    [174, "bpf_get_attach_cookie"],
    [181, "bpf_loop"],
    [195, "bpf_map_lookup_percpu_elem"],
    [211, "bpf_cgrp_storage_delete"],
  ] as const) {
    expect(helperName(id)).toBe(name);
    expect(helperId(name)).toBe(id);
  }
  expect(helperName(0)).toBeUndefined();
  expect(helperName(212)).toBeUndefined();
});
