import { describe, expect, it } from "vitest";
import { instructionBoundaries, instructionLength, isInstructionBoundary } from "./index.ts";

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.replaceAll(" ", "").match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

describe("instructionLength", () => {
  it.each([
    ["90", 1, "nop"],
    ["f3 0f 1e fa", 4, "endbr64"],
    ["55", 1, "push %rbp"],
    ["41 57", 2, "push %r15"],
    ["48 89 e5", 3, "mov %rsp,%rbp"],
    ["48 83 ec 10", 4, "sub $16,%rsp"],
    ["48 81 ec 00 01 00 00", 7, "sub $256,%rsp"],
    ["66 81 c1 34 12", 5, "add $0x1234,%cx"],
    ["48 b8 00 00 00 00 00 00 00 00", 10, "movabs"],
    ["b8 00 00 00 00", 5, "mov $0,%eax"],
    ["66 b8 00 00", 4, "mov $0,%ax"],
    ["64 48 8b 04 25 28 00 00 00", 9, "mov %fs:0x28,%rax"],
    ["8b 05 00 00 00 00", 6, "mov 0(%rip),%eax"],
    ["8b 44 24 08", 4, "mov 8(%rsp),%eax"],
    ["8b 84 24 00 01 00 00", 7, "mov 256(%rsp),%eax"],
    ["8b 04 c5 00 00 00 00", 7, "mov 0(,%rax,8),%eax"],
    ["e8 00 00 00 00", 5, "call"],
    ["0f 84 00 00 00 00", 6, "je rel32"],
    ["74 05", 2, "je rel8"],
    ["f7 c0 01 00 00 00", 6, "test $1,%eax"],
    ["f7 d8", 2, "neg %eax"],
    ["f6 c1 01", 3, "test $1,%cl"],
    ["c8 10 00 00", 4, "enter"],
    ["a1 00 00 00 00 00 00 00 00", 9, "movabs 0,%eax"],
    ["67 a1 00 00 00 00", 6, "addr32 mov 0,%eax"],
    ["66 0f 3a 0f c1 08", 6, "palignr $8"],
    ["66 0f 38 00 c1", 5, "pshufb"],
    ["66 0f 70 c0 00", 5, "pshufd $0"],
    ["c5 f8 77", 3, "vzeroupper"],
    ["c5 fc 28 07", 4, "vmovaps (%rdi),%ymm0"],
    ["c4 e3 7d 39 c1 01", 6, "vextracti128 $1"],
    ["c4 e2 7d 18 05 00 00 00 00", 9, "vbroadcastss 0(%rip)"],
    ["62 f1 7c 48 28 07", 6, "vmovaps (%rdi),%zmm0"],
    ["62 f3 7d 48 3b c1 01", 7, "vextracti32x8 $1"],
    ["8f c0", 2, "pop %rax"],
    ["8f e8 78 c0 c1 05", 6, "vprotb $5 (XOP)"],
    ["8f ea 78 10 c1 00 00 00 00", 9, "bextr $0 (XOP)"],
    ["66 0f 78 c0 04 08", 6, "extrq $8,$4"],
    ["66 2e 0f 1f 84 00 00 00 00 00", 10, "nopw"],
    ["f0 48 0f b1 0f", 5, "lock cmpxchg"],
    ["0f 0b", 2, "ud2"],
    ["0f 05", 2, "syscall"],
  ])("%s is %i bytes: %s", (hex, length) => {
    const code = bytes(hex);
    expect(instructionLength(code, 0)).toBe(length);
    expect(code).toHaveLength(length);
    for (let cut = 0; cut < length; cut++) expect(instructionLength(code.subarray(0, cut), 0)).toBeUndefined();
  });

  it.each(["06", "60", "d4 00", "9a 00", "0f 04", "0f ff", "62", `${"66".repeat(15)}90`])("%s is none", (hex) => {
    expect(instructionLength(bytes(hex), 0)).toBeUndefined();
  });
});

describe("boundaries", () => {
  const code = bytes("f30f1efa 55 4889e5 e800000000 c3");

  it("are where instructions start", () => {
    expect(instructionBoundaries(code)).toEqual([0, 4, 5, 8, 13]);
    const yes = Array.from(code, (_, offset) => offset).filter((offset) => isInstructionBoundary(code, offset));
    expect(yes).toEqual([0, 4, 5, 8, 13]);
    expect(isInstructionBoundary(code, code.length)).toBe(false);
    expect(isInstructionBoundary(code, -1)).toBe(false);
  });

  it("end at what cannot be decoded", () => {
    const broken = bytes("90 06 90");
    expect(instructionBoundaries(broken)).toEqual([0, 1]);
    expect([0, 1, 2].map((offset) => isInstructionBoundary(broken, offset))).toEqual([true, true, false]);
  });
});
