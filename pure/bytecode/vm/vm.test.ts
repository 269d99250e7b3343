import { expect, test } from "vitest";
import { type Assembler, assembleProgram, R0, R1, R2, R3, R4, R6, R7 } from "../asm.ts";
import { BPF_F_RDONLY_PROG, type MapSpec, type ProgramSpec } from "../spec.ts";
import { VmError } from "./error.ts";
import { Vm, type VmOptions } from "./vm.ts";

const FP = 10;

function program(write: (a: Assembler) => void): ProgramSpec {
  return assembleProgram({ name: "test", type: "BPF_PROG_TYPE_RAW_TRACEPOINT" }, write);
}

function run(write: (a: Assembler) => void, options?: VmOptions, context?: Uint8Array): bigint {
  return new Vm(options).run(program(write), context).value;
}

function failure(write: (a: Assembler) => void, options?: VmOptions, context?: Uint8Array): VmError {
  try {
    run(write, options, context);
  } catch (error) {
    if (error instanceof VmError) return error;
    throw error;
  }
  return expect.fail("the program ran to its end");
}

test("the stack holds values of all sizes", () => {
  const value = run((a) => {
    a.loadImm64(R1, 0x8182_8384_8586_8788n);
    a.store("u64", FP, -8, R1);
    a.storeImm("u8", FP, -8, 0x7f);
    a.storeImm("u16", FP, -4, -2);
    a.load("u64", R0, FP, -8);
    a.exit();
  });
  expect(value).toBe(0x8182_fffe_8586_877fn);
});

test("loads extend with zeros or with the sign", () => {
  const load = (signed: boolean, size: "u8" | "u16" | "u32") =>
    run((a) => {
      a.storeImm("u64", FP, -8, -3);
      if (signed) a.loadSigned(size, R0, FP, -8);
      else a.load(size, R0, FP, -8);
      a.exit();
    });
  expect([load(false, "u8"), load(false, "u16"), load(false, "u32")]).toEqual([0xfdn, 0xfffdn, 0xffff_fffdn]);
  for (const size of ["u8", "u16", "u32"] as const) expect(load(true, size)).toBe(0xffff_ffff_ffff_fffdn);
});

test.each([
  // operator, result in memory, result in r2 (of a fetch) or r0 (of cmpxchg); memory 12, r2 10, r0 12
  ["add", 22n, 10n],
  ["or", 14n, 10n],
  ["and", 8n, 10n],
  ["xor", 6n, 10n],
  ["fetch_add", 22n, 12n],
  ["fetch_or", 14n, 12n],
  ["fetch_and", 8n, 12n],
  ["fetch_xor", 6n, 12n],
  ["xchg", 10n, 12n],
  ["cmpxchg", 10n, 10n],
] as const)("atomic %s", (operator, inMemory, inRegister) => {
  for (const size of ["u32", "u64"] as const) {
    const write = (result: (a: Assembler) => void) => (a: Assembler) => {
      a.storeImm("u64", FP, -8, 12);
      a.movImm(R2, 10);
      a.movImm(R0, 12);
      a.atomic(operator, size, FP, -8, R2);
      result(a);
      a.exit();
    };
    expect(run(write((a) => a.load(size, R0, FP, -8)))).toBe(inMemory);
    expect(run(write((a) => a.mov(R0, R2)))).toBe(inRegister);
  }
});

test("a compare and exchange that fails leaves the memory and tells its value", () => {
  const write = (register: number) => (a: Assembler) => {
    a.storeImm("u64", FP, -8, -1);
    a.movImm(R2, 10);
    a.movImm(R0, 12);
    a.atomic("cmpxchg", "u32", FP, -8, R2);
    a.load("u64", R3, FP, -8);
    a.mov(R0, register);
    a.exit();
  };
  expect(run(write(R0))).toBe(0xffff_ffffn);
  expect(run(write(R3))).toBe(0xffff_ffff_ffff_ffffn);
});

test("a 32-bit addition leaves the upper half of the memory", () => {
  const value = run((a) => {
    a.storeImm("u64", FP, -8, -1);
    a.movImm(R2, 1);
    a.atomic("add", "u32", FP, -8, R2);
    a.load("u64", R0, FP, -8);
    a.exit();
  });
  expect(value).toBe(0xffff_ffff_0000_0000n);
});

test("loops end", () => {
  const spec = program((a) => {
    a.movImm(R0, 0);
    a.movImm(R1, 100);
    a.label("again");
    a.alu("+", R0, R1);
    a.aluImm("-", R1, 1);
    a.jumpIfImm("!=", R1, 0, "again");
    a.jumpFar("end");
    a.movImm(R0, 0);
    a.label("end");
    a.exit();
  });
  expect(new Vm().run(spec)).toEqual({ value: 5050n, instructions: 304 });
});

test("functions have registers and a stack of their own", () => {
  const value = run((a) => {
    a.movImm(R6, 5);
    a.storeImm("u64", FP, -8, 1000);
    a.mov(R1, FP);
    a.aluImm("+", R1, -8);
    a.movImm(R2, 7);
    a.callSubprogram("add");
    a.alu("+", R0, R6);
    a.exit();
    a.subprogram("add", ["place", "n"]);
    a.movImm(R6, 99);
    a.storeImm("u64", FP, -8, 1);
    a.load("u64", R0, R1, 0);
    a.alu("+", R0, R2);
    a.exit();
  });
  expect(value).toBe(1012n);
});

test("the context is what r1 points to", () => {
  const context = new Uint8Array(16);
  new DataView(context.buffer).setBigUint64(8, 42n, true);
  const read = (a: Assembler) => {
    a.load("u64", R0, R1, 8);
    a.exit();
  };
  expect(run(read, {}, context)).toBe(42n);
  expect(failure(read, {}, context.subarray(0, 12)).message).toBe(
    "test: instruction 0: read of 8 bytes at context+8 is out of bounds",
  );
});

test("faults tell the instruction and what is wrong", () => {
  const cases: [(a: Assembler) => void, number, string][] = [
    [(a) => a.load("u64", R0, FP, -520), 0, "read of 8 bytes at stack-8 is out of bounds"],
    [(a) => a.storeImm("u32", FP, 0, 1), 0, "write of 4 bytes at stack+512 is out of bounds"],
    [(a) => a.storeImm("u64", FP, -12, 1), 0, "misaligned write of 8 bytes at stack+500"],
    [(a) => a.load("u8", R0, R1, 0), 0, "read of 1 bytes at 0x0 is out of bounds"],
    [(a) => a.load("u8", R0, R6, 0), 0, "read of 1 bytes at 0xdeaddeaddeaddead is out of bounds"],
    [(a) => a.movImm(R0, 0), 0, "runs beyond the last instruction"],
    [(a) => a.callKfunc("bpf_no_such"), 0, "the interpreter lacks kfunc bpf_no_such"],
    [(a) => a.call("bpf_sk_fullsock"), 0, "the interpreter lacks helper 95"],
    [(a) => a.emit(0xe7), 0, "unknown arithmetic operation 0xe0"],
    [(a) => a.emit(0xf5), 0, "unknown jump operation 0xf0"],
    [(a) => a.emit(0x20), 0, "unknown opcode 0x20"],
    [(a) => a.emit(0x05, { offset: 5 }), 0, "jump to what is no instruction"],
    [(a) => a.emit(0xb7, { dst: 11 }), 0, "there is no register r11"],
    [(a) => a.movImm(FP, 1), 0, "the frame pointer is read-only"],
    [(a) => a.emit(0xd7, { imm: 24 }), 0, "cannot swap the bytes of 24 bits"],
  ];
  for (const [write, instruction, message] of cases) {
    const error = failure(write);
    expect(error.message).toBe(`test: instruction ${instruction}: ${message}`);
    expect(error.instruction).toBe(instruction);
  }
});

test("a jump into the middle of a wide instruction is a fault", () => {
  const error = failure((a) => {
    a.emit(0x05, { offset: 1 });
    a.loadImm64(R0, 1n);
    a.exit();
  });
  expect(error.message).toContain("jump to what is no instruction");
});

test("what goes on for ever is stopped", () => {
  const endless = (a: Assembler) => {
    a.label("here");
    a.jump("here");
  };
  expect(failure(endless, { instructionBudget: 1000 }).message).toContain("more than 1000 instructions");
  const recursive = (a: Assembler) => {
    a.subprogram("itself");
    a.callSubprogram("itself");
    a.exit();
  };
  expect(failure(recursive).message).toContain("more than 8 calls inside each other");
});

test("registers do not survive a helper", () => {
  const error = failure((a) => {
    a.mov(R3, FP);
    a.call("bpf_ktime_get_ns");
    a.load("u64", R0, R3, -8);
    a.exit();
  });
  expect(error.instruction).toBe(2);
});

const GLOBALS: MapSpec = {
  name: "globals",
  type: "BPF_MAP_TYPE_ARRAY",
  keySize: 4,
  valueSize: 16,
  maxEntries: 1,
  contents: [Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0)],
};

test("global variables are the value of an array", () => {
  const spec = program((a) => {
    a.loadMapValue(R1, "globals", 8);
    a.load("u64", R0, R1, 0);
    a.aluImm("+", R0, 40);
    a.store("u64", R1, 0, R0);
    a.exit();
  });
  const vm = new Vm({ maps: [GLOBALS] });
  expect([vm.run(spec).value, vm.run(spec).value]).toEqual([42n, 82n]);
  const map = vm.map("globals");
  expect(map.kind === "keyed" && map.get(new Uint8Array(4))?.[8]).toBe(82);
});

test("constants cannot be written, and no value beyond its end", () => {
  const store = (offset: number) => (a: Assembler) => {
    a.loadMapValue(R1, "globals", 8);
    a.storeImm("u64", R1, offset, 1);
    a.movImm(R0, 0);
    a.exit();
  };
  const constants = { ...GLOBALS, flags: BPF_F_RDONLY_PROG };
  expect(failure(store(0), { maps: [constants] }).message).toContain("write to read-only memory at globals value+8");
  expect(failure(store(8), { maps: [GLOBALS] }).message).toContain("globals value+16 is out of bounds");
  expect(run(store(0), { maps: [GLOBALS] })).toBe(0n);
});

test("helpers and kfuncs can be given", () => {
  const value = run(
    (a) => {
      a.movImm(R1, 20);
      a.call("bpf_send_signal");
      a.mov(R7, R0);
      a.movImm(R1, 3);
      a.callKfunc("bpf_cube");
      a.alu("+", R0, R7);
      a.exit();
    },
    {
      helpers: { bpf_send_signal: (_machine, signal) => -signal },
      kfuncs: { bpf_cube: (_machine, n) => n ** 3n },
    },
  );
  expect(value).toBe(7n);
});

test("callbacks of bpf_loop share memory with their caller", () => {
  const value = run((a) => {
    a.storeImm("u64", FP, -8, 0);
    a.movImm(R1, 10);
    a.loadFunction(R2, "sum");
    a.mov(R3, FP);
    a.aluImm("+", R3, -8);
    a.movImm(R4, 0);
    a.call("bpf_loop");
    a.load("u64", R1, FP, -8);
    a.aluImm("*", R0, 1000);
    a.alu("+", R0, R1);
    a.exit();
    a.subprogram("sum", ["i", "total"]);
    a.load("u64", R3, R2, 0);
    a.alu("+", R3, R1);
    a.store("u64", R2, 0, R3);
    a.movImm(R0, 0);
    a.jumpIfImm("!=", R1, 6, "end");
    a.movImm(R0, 1);
    a.label("end");
    a.exit();
  });
  // Seven calls, with i from 0 to 6.
  expect(value).toBe(7021n);
});

test("the number iterator counts from start to end", () => {
  const value = run((a) => {
    a.movImm(R6, 0);
    a.mov(R1, FP);
    a.aluImm("+", R1, -8);
    a.movImm(R2, -2);
    a.movImm(R3, 5);
    a.callKfunc("bpf_iter_num_new");
    a.label("next");
    a.mov(R1, FP);
    a.aluImm("+", R1, -8);
    a.callKfunc("bpf_iter_num_next");
    a.jumpIfImm("==", R0, 0, "end");
    a.loadSigned("u32", R1, R0, 0);
    a.alu("+", R6, R1);
    a.jump("next");
    a.label("end");
    a.mov(R1, FP);
    a.aluImm("+", R1, -8);
    a.callKfunc("bpf_iter_num_destroy");
    a.mov(R0, R6);
    a.exit();
  });
  expect(value).toBe(7n);
});
