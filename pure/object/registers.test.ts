import { describe, expect, it } from "vitest";
import {
  functionArgumentRegisters,
  instructionPointerRegister,
  registerFileSizeBytes,
  registerOffset,
  returnRegister,
  savedRegisterNames,
  savedRegisterOffset,
  stackPointerRegister,
  syscallArgumentRegisters,
} from "./index.ts";

describe("registerOffset", () => {
  it.each([
    ["r15", { offset: 0, size: 8 }],
    ["rbp", { offset: 32, size: 8 }],
    ["rbx", { offset: 40, size: 8 }],
    ["rax", { offset: 80, size: 8 }],
    ["eax", { offset: 80, size: 4 }],
    ["ax", { offset: 80, size: 2 }],
    ["al", { offset: 80, size: 1 }],
    ["ah", { offset: 80, size: 1, shift: 8 }],
    ["%edx", { offset: 96, size: 4 }],
    ["sil", { offset: 104, size: 1 }],
    ["rdi", { offset: 112, size: 8 }],
    ["r8d", { offset: 72, size: 4 }],
    ["r9w", { offset: 64, size: 2 }],
    ["r10b", { offset: 56, size: 1 }],
    ["rip", { offset: 128, size: 8 }],
    ["rsp", { offset: 152, size: 8 }],
  ])("x86-64 %s", (name, slot) => {
    expect(registerOffset("x86_64", name)).toEqual(slot);
  });

  it.each([
    ["x0", { offset: 0, size: 8 }],
    ["w5", { offset: 40, size: 4 }],
    ["x30", { offset: 240, size: 8 }],
    ["lr", { offset: 240, size: 8 }],
    ["fp", { offset: 232, size: 8 }],
    ["sp", { offset: 248, size: 8 }],
    ["pc", { offset: 256, size: 8 }],
  ])("arm64 %s", (name, slot) => {
    expect(registerOffset("aarch64", name)).toEqual(slot);
  });

  it("knows no vector registers and no other machines", () => {
    expect(registerOffset("x86_64", "xmm0")).toBeUndefined();
    expect(registerOffset("x86_64", "fs")).toBeUndefined();
    expect(registerOffset("aarch64", "x31")).toBeUndefined();
    expect(registerOffset("riscv", "a0")).toBeUndefined();
  });
});

describe("savedRegisterOffset", () => {
  it("takes the kernel's names, in which ax is the whole register", () => {
    expect(
      ["r15", "bp", "bx", "ax", "di", "orig_ax", "orig_rax", "ip", "pc", "cs", "flags", "sp", "ss"].map((name) =>
        savedRegisterOffset("x86_64", name),
      ),
    ).toEqual([0, 32, 40, 80, 112, 120, 120, 128, 128, 136, 144, 152, 160]);
    expect(["r0", "x0", "r30", "sp", "pc", "pstate"].map((name) => savedRegisterOffset("aarch64", name))).toEqual([
      0, 0, 240, 248, 256, 264,
    ]);
    expect(savedRegisterOffset("x86_64", "rax")).toBeUndefined();
  });

  it("lists its names for messages", () => {
    expect(savedRegisterNames("x86_64")).toHaveLength(23);
    expect(savedRegisterNames("s390")).toEqual([]);
  });
});

it("the structures are as large as the kernel's", () => {
  expect(registerFileSizeBytes).toEqual({ x86_64: 168, aarch64: 272 });
});

it("conventions name registers that have an offset", () => {
  expect(functionArgumentRegisters("x86_64").map((name) => registerOffset("x86_64", name)?.offset)).toEqual([
    112, 104, 96, 88, 72, 64,
  ]);
  expect(syscallArgumentRegisters("x86_64").map((name) => registerOffset("x86_64", name)?.offset)).toEqual([
    112, 104, 96, 56, 72, 64,
  ]);
  expect(functionArgumentRegisters("aarch64")).toHaveLength(8);
  for (const machine of ["x86_64", "aarch64"] as const) {
    for (const name of [
      returnRegister(machine),
      stackPointerRegister(machine),
      instructionPointerRegister(machine),
      ...syscallArgumentRegisters(machine),
    ]) {
      expect(registerOffset(machine, name)?.size).toBe(8);
    }
  }
});
