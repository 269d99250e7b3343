import { expect, test } from "vitest";
import { type AluOperator, assembleProgram, type JumpOperator, R0, R1, R2 } from "../asm.ts";
import { Vm } from "./vm.ts";

const ABOUT = { name: "test", type: "BPF_PROG_TYPE_RAW_TRACEPOINT" } as const;

/** r0 after `r0 = a; r1 = b;` and what `write` adds. */
function evaluate(a: bigint, b: bigint, write: Parameters<typeof assembleProgram>[1]): bigint {
  const spec = assembleProgram(ABOUT, (asm) => {
    asm.loadImm64(R0, a);
    asm.loadImm64(R1, b);
    write(asm);
    asm.exit();
  });
  return new Vm().run(spec).value;
}

const MINUS_1 = 0xffff_ffff_ffff_ffffn;
const MIN_64 = 0x8000_0000_0000_0000n;

test.each<[AluOperator, bigint, bigint, bigint, bigint]>([
  // operator, a, b, 64-bit result, 32-bit result
  ["+", MINUS_1, 2n, 1n, 1n],
  ["+", 0xffff_ffffn, 1n, 0x1_0000_0000n, 0n],
  ["-", 1n, 2n, MINUS_1, 0xffff_ffffn],
  ["*", 0x1_0000_0001n, 0x1_0000_0001n, 0x2_0000_0001n, 1n],
  ["*", 0xdead_beefn, 0xcafe_baben, 0xb092ab7b88cf5b62n, 0x88cf5b62n],
  ["/", MINUS_1, 2n, 0x7fff_ffff_ffff_ffffn, 0x7fff_ffffn],
  ["/", 5n, 0n, 0n, 0n],
  ["%", MINUS_1, 10n, 5n, 5n],
  ["%", 0x1_0000_0007n, 0n, 0x1_0000_0007n, 7n],
  ["s/", MINUS_1 - 6n, 2n, MINUS_1 - 2n, 0xffff_fffdn],
  ["s/", MIN_64, MINUS_1, MIN_64, 0n],
  ["s/", 0x8000_0000n, MINUS_1, 0xffff_ffff_8000_0000n, 0x8000_0000n],
  ["s/", 7n, 0n, 0n, 0n],
  ["s%", MINUS_1 - 6n, 3n, MINUS_1, 0xffff_ffffn],
  ["s%", 7n, MINUS_1 - 2n, 1n, 1n],
  ["s%", MIN_64, MINUS_1, 0n, 0n],
  ["s%", MIN_64 | 9n, 0n, MIN_64 | 9n, 9n],
  ["|", 0xf0f0_0000_0000n, 0x0f0fn, 0xf0f0_0000_0f0fn, 0x0f0fn],
  ["&", MINUS_1, 0x1234_5678_9abcn, 0x1234_5678_9abcn, 0x5678_9abcn],
  ["^", MINUS_1, 0xffn, 0xffff_ffff_ffff_ff00n, 0xffff_ff00n],
  ["<<", 1n, 63n, MIN_64, 0x8000_0000n],
  ["<<", 3n, 64n, 3n, 3n],
  [">>", MIN_64, 63n, 1n, 0n],
  [">>", 0x8000_0000n, 33n, 0n, 0x4000_0000n],
  ["s>>", MIN_64, 62n, MINUS_1 - 1n, 0n],
  ["s>>", 0x8000_0000n, 31n, 1n, 0xffff_ffffn],
])("%s of %s and %s", (operator, a, b, wide, narrow) => {
  expect(evaluate(a, b, (asm) => asm.alu(operator, R0, R1, 64))).toBe(wide);
  expect(evaluate(a, b, (asm) => asm.alu(operator, R0, R1, 32))).toBe(narrow);
});

test("immediates are extended with their sign to 64 bits, but not in 32", () => {
  expect(evaluate(0n, 0n, (asm) => asm.movImm(R0, -2))).toBe(MINUS_1 - 1n);
  expect(evaluate(0n, 0n, (asm) => asm.movImm(R0, -2, 32))).toBe(0xffff_fffen);
  expect(evaluate(10n, 0n, (asm) => asm.aluImm("+", R0, -11))).toBe(MINUS_1);
  expect(evaluate(MINUS_1, 0n, (asm) => asm.aluImm("/", R0, -1))).toBe(1n);
  expect(evaluate(MINUS_1 - 6n, 0n, (asm) => asm.aluImm("s/", R0, -2, 32))).toBe(3n);
});

test("moves extend signs", () => {
  const value = 0x1111_2222_8080_8080n;
  expect(evaluate(0n, value, (asm) => asm.movSigned(R0, R1, 8))).toBe(0xffff_ffff_ffff_ff80n);
  expect(evaluate(0n, value, (asm) => asm.movSigned(R0, R1, 16))).toBe(0xffff_ffff_ffff_8080n);
  expect(evaluate(0n, value, (asm) => asm.movSigned(R0, R1, 32))).toBe(0xffff_ffff_8080_8080n);
  expect(evaluate(0n, value, (asm) => asm.movSigned(R0, R1, 8, 32))).toBe(0xffff_ff80n);
  expect(evaluate(0n, value, (asm) => asm.mov(R0, R1, 32))).toBe(0x8080_8080n);
});

test("negation and byte order", () => {
  const value = 0x0102_0304_0506_0708n;
  expect(evaluate(5n, 0n, (asm) => asm.neg(R0))).toBe(MINUS_1 - 4n);
  expect(evaluate(5n, 0n, (asm) => asm.neg(R0, 32))).toBe(0xffff_fffbn);
  expect(evaluate(value, 0n, (asm) => asm.bswap(R0, 16))).toBe(0x0807n);
  expect(evaluate(value, 0n, (asm) => asm.bswap(R0, 32))).toBe(0x0807_0605n);
  expect(evaluate(value, 0n, (asm) => asm.bswap(R0, 64))).toBe(0x0807_0605_0403_0201n);
  expect(evaluate(value, 0n, (asm) => asm.toEndian(R0, "be", 32))).toBe(0x0807_0605n);
  expect(evaluate(value, 0n, (asm) => asm.toEndian(R0, "le", 16))).toBe(0x0708n);
});

test.each<[JumpOperator, bigint, bigint, boolean, boolean]>([
  // operator, a, b, taken in 64 bits, in 32
  ["==", 0x1_0000_0001n, 1n, false, true],
  ["!=", 0x1_0000_0001n, 1n, true, false],
  [">", MINUS_1, 1n, true, true],
  [">", 0x1_0000_0000n, 1n, true, false],
  [">=", 1n, 1n, true, true],
  ["<", 0x1_0000_0000n, 1n, false, true],
  ["<=", 1n, 1n, true, true],
  ["s>", MINUS_1, 1n, false, false],
  ["s>=", MINUS_1, MINUS_1, true, true],
  ["s<", MINUS_1, 0n, true, true],
  ["s<", 0x8000_0000n, 0n, false, true],
  ["s<=", 1n, 0n, false, false],
  ["&", 0x1_0000_0000n, 0x3_0000_0000n, true, false],
  ["&", 5n, 2n, false, false],
])("%s of %s and %s taken: %s, in 32 bits: %s", (operator, a, b, taken64, taken32) => {
  for (const [width, taken] of [
    [64, taken64],
    [32, taken32],
  ] as const) {
    const result = evaluate(a, b, (asm) => {
      asm.mov(R2, R0);
      asm.movImm(R0, 1);
      asm.jumpIf(operator, R2, R1, "taken", width);
      asm.movImm(R0, 0);
      asm.label("taken");
    });
    expect(result === 1n).toBe(taken);
  }
});

test("conditions on immediates", () => {
  const jump = (a: bigint, operator: JumpOperator, imm: number, width: 32 | 64) =>
    evaluate(0n, a, (asm) => {
      asm.jumpIfImm(operator, R1, imm, "taken", width);
      asm.movImm(R0, 7);
      asm.label("taken");
    });
  expect(jump(MINUS_1, "==", -1, 64)).toBe(0n);
  expect(jump(0xffff_ffffn, "==", -1, 64)).toBe(7n);
  expect(jump(0xffff_ffffn, "==", -1, 32)).toBe(0n);
  expect(jump(5n, "s>", -1, 32)).toBe(0n);
});
