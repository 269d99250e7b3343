import { expect, test } from "vitest";
import { assemble, assembleProgram, R0, R1, R2, R3, R6 } from "./asm.ts";
import { disassemble, disassembleProgram } from "./disasm.ts";

function text(write: Parameters<typeof assemble>[0]): string[] {
  const assembly = assemble(write);
  return disassemble(assembly.instructions, assembly);
}

test("arithmetic", () => {
  expect(
    text((a) => {
      a.mov(R6, R1);
      a.mov(R6, R1, 32);
      a.movImm(R0, -1);
      a.movSigned(R2, R3, 8);
      a.movSigned(R2, R3, 16, 32);
      a.alu("+", R1, R2);
      a.aluImm("s>>", R1, 3, 32);
      a.alu("s/", R1, R2);
      a.aluImm("s%", R1, 7);
      a.alu("/", R1, R2);
      a.neg(R1);
      a.neg(R1, 32);
      a.bswap(R1, 32);
      a.toEndian(R1, "be", 16);
      a.toEndian(R1, "le", 64);
    }),
  ).toEqual([
    "   0: (bf) r6 = r1",
    "   1: (bc) w6 = w1",
    "   2: (b7) r0 = -1",
    "   3: (bf) r2 = (s8)r3",
    "   4: (bc) w2 = (s16)w3",
    "   5: (0f) r1 += r2",
    "   6: (c4) w1 s>>= 3",
    "   7: (3f) r1 s/= r2",
    "   8: (97) r1 s%= 7",
    "   9: (3f) r1 /= r2",
    "  10: (87) r1 = -r1",
    "  11: (84) w1 = -w1",
    "  12: (d7) r1 = bswap32 r1",
    "  13: (dc) r1 = be16 r1",
    "  14: (d4) r1 = le64 r1",
  ]);
});

test("memory", () => {
  expect(
    text((a) => {
      a.load("u64", R1, 10, -8);
      a.load("u8", R1, R2, 4);
      a.loadSigned("u16", R1, R2, 0);
      a.store("u32", 10, -16, R1);
      a.storeImm("u8", 10, -1, 7);
      a.atomic("add", "u64", R1, 8, R2);
      a.atomic("fetch_or", "u32", R1, 8, R2);
      a.atomic("xchg", "u64", R1, 8, R2);
      a.atomic("cmpxchg", "u64", R1, 8, R2);
    }),
  ).toEqual([
    "   0: (79) r1 = *(u64 *)(r10 -8)",
    "   1: (71) r1 = *(u8 *)(r2 +4)",
    "   2: (89) r1 = *(s16 *)(r2 +0)",
    "   3: (63) *(u32 *)(r10 -16) = r1",
    "   4: (72) *(u8 *)(r10 -1) = 7",
    "   5: (db) lock *(u64 *)(r1 +8) += r2",
    "   6: (c3) r2 = atomic_fetch_or((u32 *)(r1 +8), r2)",
    "   7: (db) r2 = atomic64_xchg((u64 *)(r1 +8), r2)",
    "   8: (db) r0 = atomic64_cmpxchg((u64 *)(r1 +8), r0, r2)",
  ]);
});

test("jumps, calls and wide loads", () => {
  expect(
    text((a) => {
      a.loadMap(R1, "counts");
      a.loadMapValue(R2, "globals", 16);
      a.loadImm64(R3, 0xffff_8880_0000_0010n);
      a.loadFunction(R2, "callback");
      a.jumpIfImm("==", R1, 0, "end");
      a.jumpIf("s<", R1, R2, "end", 32);
      a.jumpIfImm("!=", R1, -1, "end");
      a.jump("end");
      a.jumpFar("end");
      a.call("bpf_map_lookup_elem");
      a.callKfunc("bpf_strlen");
      a.callSubprogram("callback");
      a.label("end");
      a.exit();
      a.subprogram("callback");
      a.exit();
    }),
  ).toEqual([
    "   0: (18) r1 = map[name:counts]",
    "   2: (18) r2 = map[name:globals][0]+16",
    "   4: (18) r3 = 0xffff888000000010",
    "   6: (18) r2 = subprog[+10]#callback",
    "   8: (15) if r1 == 0x0 goto pc+7",
    "   9: (ce) if w1 s< w2 goto pc+6",
    "  10: (55) if r1 != 0xffffffff goto pc+5",
    "  11: (05) goto pc+4",
    "  12: (06) gotol pc+3",
    "  13: (85) call bpf_map_lookup_elem#1",
    "  14: (85) call bpf_strlen#0",
    "  15: (85) call pc+1#callback",
    "  16: (95) exit",
    "  17: (95) exit",
  ]);
});

test("opcodes that do not exist are shown, not hidden", () => {
  const base = { dst: 1, src: 0, offset: 0, imm: 0 };
  expect(
    disassemble([
      { ...base, opcode: 0x00 },
      { ...base, opcode: 0xe7 },
      { ...base, opcode: 0xf5 },
    ]),
  ).toEqual(["   0: (00) BUG_ld_0", "   1: (e7) BUG_alu_e7", "   2: (f5) BUG_jmp_f5"]);
});

test("a program is shown with its functions and source", () => {
  const spec = assembleProgram(
    {
      name: "main",
      type: "BPF_PROG_TYPE_KPROBE",
      lines: [
        { index: 0, line: 1, column: 1 },
        { index: 1, line: 1, column: 5 },
        { index: 2, line: 2, column: 1 },
      ],
      source: { name: "one.bt", text: "BEGIN {\n  exit() }" },
    },
    (a) => {
      a.movImm(R0, 0);
      a.movImm(R1, 1);
      a.exit();
    },
  );
  expect(disassembleProgram(spec)).toEqual([
    "main(ctx):",
    "; BEGIN {",
    "   0: (b7) r0 = 0",
    "   1: (b7) r1 = 1",
    "; exit() }",
    "   2: (95) exit",
  ]);
});
