/** The interpreter and the kernel run the same programs and must come to the same results, register for register. */
import {
  type AccessSize,
  type AluOperator,
  type AluWidth,
  type Assembler,
  assembleProgram,
  disassemble,
  indexKey,
  type JumpOperator,
  type MapSpec,
  type ProgramSpec,
  Vm,
} from "@beetrace/bytecode";
import { BpfMap, BpfProgram } from "@beetrace/ebpf";
import fc from "fast-check";
import { expect, test } from "vitest";

const FP = 10;
/** r0 to r8 at the end of the program; r9 points to them. */
const RESULTS = 9;
const OUT: MapSpec = { name: "out", type: "BPF_MAP_TYPE_ARRAY", keySize: 4, valueSize: RESULTS * 8, maxEntries: 1 };
const HASH: MapSpec = { name: "hash", type: "BPF_MAP_TYPE_HASH", keySize: 8, valueSize: 8, maxEntries: 3, flags: 0 };
const RING: MapSpec = { name: "ring", type: "BPF_MAP_TYPE_RINGBUF", keySize: 0, valueSize: 0, maxEntries: 4096 };
const MAPS = [OUT, HASH, RING];

type Step = (a: Assembler, label: string) => void;

function program(body: (a: Assembler) => void, more: (a: Assembler) => void = () => {}): ProgramSpec {
  const lines = [1, 2].map((line) => ({ index: line, line, column: 1 }));
  const source = { name: "agreement.bt", text: "first\nsecond" };
  return assembleProgram({ name: "agreement", type: "BPF_PROG_TYPE_RAW_TRACEPOINT", lines, source }, (a) => {
    body(a);
    a.loadMapValue(9, "out");
    for (let register = 0; register < RESULTS; register++) a.store("u64", 9, register * 8, register);
    a.movImm(0, 0);
    a.exit();
    more(a);
  });
}

function inVm(spec: ProgramSpec): bigint[] {
  const vm = new Vm({ maps: MAPS });
  vm.run(spec, new Uint8Array(16));
  const out = vm.map("out");
  return results(out.kind === "keyed" ? out.get(indexKey(0)) : undefined);
}

function inKernel(spec: ProgramSpec): bigint[] {
  const maps = new Map(MAPS.map((map) => [map.name, BpfMap.create(map)]));
  try {
    const loaded = BpfProgram.load(spec, { maps });
    try {
      loaded.testRun({ ctx: new Uint8Array(16) });
    } finally {
      loaded[Symbol.dispose]();
    }
    return results(maps.get("out")?.lookup(indexKey(0)));
  } finally {
    for (const map of maps.values()) map[Symbol.dispose]();
  }
}

function results(value: Uint8Array | undefined): bigint[] {
  if (value === undefined) return [];
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  return Array.from({ length: RESULTS }, (_, i) => view.getBigInt64(i * 8, true));
}

function agree(spec: ProgramSpec): void {
  const kernel = inKernel(spec);
  expect(inVm(spec), disassemble(spec.instructions, spec).join("\n")).toEqual(kernel);
}

const register = fc.nat(8);
const width = fc.constantFrom<AluWidth>(32, 64);
const imm = fc.oneof(fc.integer({ min: -4, max: 4 }), fc.integer(), fc.constantFrom(-0x80000000, 0x7fffffff));
const wide = fc.oneof(
  fc.bigInt(0n, 0xffff_ffff_ffff_ffffn),
  fc.constantFrom(0n, 1n, 0xffff_ffff_ffff_ffffn, 0x8000_0000_0000_0000n, 0x8000_0000n, 0xffff_ffffn),
);
const aluOperator = fc.constantFrom<AluOperator>(
  ...(["+", "-", "*", "/", "s/", "%", "s%", "|", "&", "^", "<<", ">>", "s>>"] as const),
);
const jumpOperator = fc.constantFrom<JumpOperator>(
  ...(["==", "!=", ">", ">=", "<", "<=", "s>", "s>=", "s<", "s<=", "&"] as const),
);

/** The verifier refuses division by a constant zero, and shifts by a constant of the width or more. */
function legalImm(operator: AluOperator, value: number, bits: AluWidth): number {
  if (operator.endsWith("<<") || operator.endsWith(">>")) return value & (bits - 1);
  return value === 0 && (operator.endsWith("/") || operator.endsWith("%")) ? 3 : value;
}

const SIZES: readonly AccessSize[] = ["u8", "u16", "u32", "u64"];
const place = fc.record({ size: fc.nat(3), slot: fc.nat(7) }).map(({ size, slot }) => ({
  size: SIZES[size],
  bytes: 1 << size,
  offset: -16 + ((slot << size) & 15),
}));

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(aluOperator, register, register, width).map(
    ([operator, dst, src, bits]): Step =>
      (a) =>
        a.alu(operator, dst, src, bits),
  ),
  fc.tuple(aluOperator, register, imm, width).map(
    ([operator, dst, value, bits]): Step =>
      (a) =>
        a.aluImm(operator, dst, legalImm(operator, value, bits), bits),
  ),
  fc.tuple(register, register, width).map(
    ([dst, src, bits]): Step =>
      (a) =>
        a.mov(dst, src, bits),
  ),
  fc.tuple(register, imm, width).map(
    ([dst, value, bits]): Step =>
      (a) =>
        a.movImm(dst, value, bits),
  ),
  fc.tuple(register, register, fc.constantFrom(8, 16, 32)).map(
    ([dst, src, bits]): Step =>
      (a) =>
        a.movSigned(dst, src, bits),
  ),
  fc.tuple(register, register, fc.constantFrom(8, 16)).map(
    ([dst, src, bits]): Step =>
      (a) =>
        a.movSigned(dst, src, bits, 32),
  ),
  fc.tuple(register, width).map(
    ([dst, bits]): Step =>
      (a) =>
        a.neg(dst, bits),
  ),
  fc.tuple(register, fc.constantFrom(16, 32, 64)).map(
    ([dst, bits]): Step =>
      (a) =>
        a.bswap(dst, bits),
  ),
  fc.tuple(register, fc.constantFrom("le", "be"), fc.constantFrom(16, 32, 64)).map(
    ([dst, order, bits]): Step =>
      (a) =>
        a.toEndian(dst, order, bits),
  ),
  fc.tuple(jumpOperator, register, register, width).map(
    ([operator, dst, src, bits]): Step =>
      (a, label) => {
        a.jumpIf(operator, dst, src, label, bits);
        a.alu("^", dst, src);
        a.aluImm("+", src, 1);
        a.label(label);
      },
  ),
  fc.tuple(jumpOperator, register, imm, width).map(
    ([operator, dst, value, bits]): Step =>
      (a, label) => {
        a.jumpIfImm(operator, dst, value, label, bits);
        a.neg(dst);
        a.label(label);
      },
  ),
  fc.tuple(place, register).map(
    ([{ size, offset }, src]): Step =>
      (a) =>
        a.store(size, FP, offset, src),
  ),
  fc.tuple(place, imm).map(
    ([{ size, offset }, value]): Step =>
      (a) =>
        a.storeImm(size, FP, offset, value),
  ),
  fc.tuple(place, register).map(
    ([{ size, offset }, dst]): Step =>
      (a) =>
        a.load(size, dst, FP, offset),
  ),
  fc.tuple(place, register).map(
    ([{ size, offset }, dst]): Step =>
      (a) => {
        if (size === "u64") a.load(size, dst, FP, offset);
        else a.loadSigned(size, dst, FP, offset);
      },
  ),
  fc
    .tuple(
      fc.constantFrom("add", "or", "and", "xor", "fetch_add", "fetch_or", "fetch_and", "fetch_xor", "xchg", "cmpxchg"),
      fc.constantFrom("u32", "u64"),
      fc.boolean(),
      register,
    )
    .map(
      ([operator, size, upper, src]): Step =>
        (a) =>
          a.atomic(operator, size, FP, upper ? -8 : -16, src),
    ),
);

test("random programs", () => {
  const start = fc.array(wide, { minLength: RESULTS, maxLength: RESULTS });
  fc.assert(
    fc.property(start, fc.array(step, { minLength: 1, maxLength: 40 }), (values, steps) => {
      const spec = program((a) => {
        a.storeImm("u64", FP, -8, 0x12345678);
        a.storeImm("u64", FP, -16, -2);
        for (const [i, value] of values.entries()) a.loadImm64(i, value);
        for (const [i, write] of steps.entries()) write(a, `after ${i}`);
      });
      agree(spec);
    }),
    { seed: 20260103, numRuns: 400 },
  );
});

function pointer(a: Assembler, dst: number, offset: number): void {
  a.mov(dst, FP);
  a.aluImm("+", dst, offset);
}

/** r6 = r6 * 100 + r0 */
function note(a: Assembler): void {
  a.aluImm("*", 6, 100);
  a.alu("+", 6, 0);
}

/** Registers 1 to 5 are lost in a call: gives all but r6 and r7 a value. */
function settle(a: Assembler): void {
  for (const each of [0, 1, 2, 3, 4, 5, 8]) a.movImm(each, 0);
}

test("updates and deletions of a hash map", () => {
  const update = (a: Assembler, key: number, flags: number) => {
    a.storeImm("u64", FP, -8, key);
    a.storeImm("u64", FP, -16, key * 3);
    a.loadMap(1, "hash");
    pointer(a, 2, -8);
    pointer(a, 3, -16);
    a.movImm(4, flags);
    a.call("bpf_map_update_elem");
    note(a);
  };
  const remove = (a: Assembler, key: number) => {
    a.storeImm("u64", FP, -8, key);
    a.loadMap(1, "hash");
    pointer(a, 2, -8);
    a.call("bpf_map_delete_elem");
    note(a);
  };
  agree(
    program((a) => {
      a.movImm(6, 0);
      a.movImm(7, 0);
      update(a, 1, 2);
      update(a, 1, 1);
      update(a, 1, 1);
      remove(a, 2);
      remove(a, 1);
      remove(a, 1);
      update(a, 1, 0);
      update(a, 1, 3);
      settle(a);
    }),
  );
});

test("strings that are copied, cut and compared", () => {
  agree(
    program((a) => {
      a.movImm(6, 0);
      a.movImm(7, 0);
      a.loadImm64(1, 0x0000_6f6c_6c65_6821n);
      a.store("u64", FP, -8, 1);
      for (const [size, offset] of [
        [8, -8],
        [3, -7],
        [1, -8],
        [8, -2],
      ] as const) {
        a.storeImm("u64", FP, -16, -1);
        pointer(a, 1, -16);
        a.movImm(2, size);
        pointer(a, 3, offset);
        a.call("bpf_probe_read_kernel_str");
        note(a);
        a.load("u64", 1, FP, -16);
        a.alu("^", 7, 1);
      }
      for (const helper of ["", "_kernel", "_user", "_str", "_kernel_str", "_user_str"]) {
        // The third is canonical neither with 48 nor with 57 bits of address, and in no segment of the interpreter.
        for (const address of [0n, 8n, 0x4000_0000_0000_0000n, 0xffff_8000_0000_1000n]) {
          a.storeImm("u64", FP, -16, -1);
          pointer(a, 1, -16);
          a.movImm(2, 8);
          a.loadImm64(3, address);
          a.call(`bpf_probe_read${helper}`);
          note(a);
          a.load("u64", 1, FP, -16);
          a.aluImm("*", 7, 3);
          a.alu("+", 7, 1);
        }
      }
      settle(a);
    }),
  );
});

test("loops by callback and by iterator", () => {
  agree(
    program(
      (a) => {
        a.storeImm("u64", FP, -8, 0);
        a.movImm(6, 0);
        a.movImm(1, 10);
        a.loadFunction(2, "sum");
        pointer(a, 3, -8);
        a.movImm(4, 0);
        a.call("bpf_loop");
        note(a);
        pointer(a, 1, -16);
        a.movImm(2, -3);
        a.movImm(3, 4);
        a.callKfunc("bpf_iter_num_new");
        note(a);
        a.label("next");
        pointer(a, 1, -16);
        a.callKfunc("bpf_iter_num_next");
        a.jumpIfImm("==", 0, 0, "end");
        a.loadSigned("u32", 1, 0, 0);
        a.load("u64", 2, FP, -8);
        a.alu("+", 2, 1);
        a.store("u64", FP, -8, 2);
        a.jump("next");
        a.label("end");
        pointer(a, 1, -16);
        a.callKfunc("bpf_iter_num_destroy");
        a.load("u64", 7, FP, -8);
        settle(a);
      },
      (a) => {
        a.subprogram("sum", ["i", "total"]);
        a.load("u64", 3, 2, 0);
        a.aluImm("*", 3, 3);
        a.alu("+", 3, 1);
        a.store("u64", 2, 0, 3);
        a.movImm(0, 0);
        a.jumpIfImm("!=", 1, 6, "go on");
        a.movImm(0, 1);
        a.label("go on");
        a.exit();
      },
    ),
  );
});

test("what a ring buffer tells of itself", () => {
  agree(
    program((a) => {
      a.movImm(6, 0);
      a.movImm(7, 0);
      for (const size of [4, 8, 9, 4096, 4000, 24]) {
        a.loadMap(1, "ring");
        a.movImm(2, size);
        a.movImm(3, 0);
        a.call("bpf_ringbuf_reserve");
        a.jumpIfImm("==", 0, 0, `full ${size}`);
        a.aluImm("+", 7, size);
        a.mov(1, 0);
        a.movImm(2, 0);
        a.call(size === 8 ? "bpf_ringbuf_discard" : "bpf_ringbuf_submit");
        a.label(`full ${size}`);
      }
      for (const what of [0, 1, 2, 3]) {
        a.loadMap(1, "ring");
        a.movImm(2, what);
        a.call("bpf_ringbuf_query");
        note(a);
      }
      settle(a);
    }),
  );
});
