import fc from "fast-check";
import { test } from "vitest";
import { disassemble } from "../disasm.ts";
import type { Instruction } from "../insn.ts";
import type { MapSpec, ProgramSpec, Relocation } from "../spec.ts";
import { VmError } from "./error.ts";
import { Vm } from "./vm.ts";

const MAPS: readonly MapSpec[] = [
  { name: "hash", type: "BPF_MAP_TYPE_HASH", keySize: 8, valueSize: 8, maxEntries: 2 },
  { name: "array", type: "BPF_MAP_TYPE_PERCPU_ARRAY", keySize: 4, valueSize: 12, maxEntries: 2 },
  { name: "ring", type: "BPF_MAP_TYPE_RINGBUF", keySize: 0, valueSize: 0, maxEntries: 4096 },
  { name: "stacks", type: "BPF_MAP_TYPE_STACK_TRACE", keySize: 4, valueSize: 16, maxEntries: 2 },
  { name: "queue", type: "BPF_MAP_TYPE_QUEUE", keySize: 0, valueSize: 8, maxEntries: 2 },
];

const imm = fc.oneof(fc.integer({ min: -16, max: 16 }), fc.integer());
const register = fc.oneof({ weight: 9, arbitrary: fc.nat(10) }, fc.nat(15));
const anyInstruction: fc.Arbitrary<Instruction> = fc.record(
  { opcode: fc.nat(255), dst: register, src: register, offset: fc.integer({ min: -24, max: 8 }), imm, immHigh: imm },
  { requiredKeys: ["opcode", "dst", "src", "offset", "imm"] },
);
const call = fc.nat(211).map((id): Instruction => ({ opcode: 0x85, dst: 0, src: 0, offset: 0, imm: id }));
const stackPointer = fc.nat(4).map((i): Instruction => ({ opcode: 0xbf, dst: 1 + i, src: 10, offset: 0, imm: 0 }));
const moveDown = fc
  .nat(4)
  .map((i): Instruction => ({ opcode: 0x07, dst: 1 + i, src: 0, offset: 0, imm: -16 * (i + 1) }));
const instruction = fc.oneof(anyInstruction, call, stackPointer, moveDown);
const relocation: fc.Arbitrary<Relocation> = fc.oneof(
  fc.record({ kind: fc.constant("map" as const), index: fc.nat(20), map: fc.constantFrom(...MAPS.map((m) => m.name)) }),
  fc.record({ kind: fc.constant("kfunc" as const), index: fc.nat(20), name: fc.constantFrom("bpf_iter_num_new", "x") }),
);

test("any instructions come to an end, by a value or a VmError", () => {
  fc.assert(
    fc.property(
      fc.array(instruction, { minLength: 1, maxLength: 24 }),
      fc.array(relocation, { maxLength: 6 }),
      (instructions, relocations) => {
        const spec: ProgramSpec = {
          name: "fuzz",
          type: "BPF_PROG_TYPE_KPROBE",
          license: "GPL",
          instructions,
          relocations,
          subprograms: [],
          lines: [],
        };
        disassemble(instructions, spec);
        try {
          new Vm({ maps: MAPS, instructionBudget: 2000, cpus: 2 }).run(spec, new Uint8Array(16));
        } catch (error) {
          if (!(error instanceof VmError)) throw error;
        }
      },
    ),
    { seed: 20260102, numRuns: 20_000 },
  );
});
