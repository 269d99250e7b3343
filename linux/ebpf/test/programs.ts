/** Small programs for kernel tests. */
import {
  type Assembler,
  assembleProgram,
  type MapSpec,
  type ProgramSpec,
  R0,
  R1,
  R2,
  R6,
  R10,
} from "@beetrace/bytecode";
import { BpfMap } from "../map.ts";
import { BpfProgram } from "../program.ts";

/** An array of 64-bit counters. */
export const counters = (entries: number): MapSpec => ({
  name: "counters",
  type: "BPF_MAP_TYPE_ARRAY",
  keySize: 4,
  valueSize: 8,
  maxEntries: entries,
});

/** Leaves the program unless this process runs. Keeps r6 and above. */
export function onlyThisProcess(a: Assembler): void {
  a.call("bpf_get_current_pid_tgid");
  a.aluImm(">>", R0, 32);
  a.jumpIfImm("!=", R0, process.pid, "leave");
}

/** `counters[r0] += 1` as the end of a program; the label `leave` is here. */
export function countAndLeave(a: Assembler): void {
  a.store("u32", R10, -4, R0);
  a.mov(R2, R10);
  a.aluImm("+", R2, -4);
  a.loadMap(R1, "counters");
  a.call("bpf_map_lookup_elem");
  a.jumpIfImm("==", R0, 0, "leave");
  a.movImm(R1, 1);
  a.atomic("add", "u64", R0, 0, R1);
  a.label("leave");
  a.movImm(R0, 0);
  a.exit();
}

/** A program that counts each of its runs in counter 0, after what `filter` lets pass. */
export function counting(
  about: Pick<ProgramSpec, "type"> & Partial<ProgramSpec>,
  filter: (a: Assembler) => void = () => {},
): ProgramSpec {
  return assembleProgram({ name: "counting", ...about }, (a) => {
    a.mov(R6, R1);
    filter(a);
    a.movImm(R0, 0);
    countAndLeave(a);
  });
}

/** A program that counts each of its runs by the cookie of its attachment. */
export function countingByCookie(about: Pick<ProgramSpec, "type"> & Partial<ProgramSpec>): ProgramSpec {
  return assembleProgram({ name: "by_cookie", ...about }, (a) => {
    a.call("bpf_get_attach_cookie");
    countAndLeave(a);
  });
}

/** A program with its counters, in the kernel. */
export class Counted implements Disposable {
  readonly map: BpfMap;
  readonly program: BpfProgram;

  constructor(spec: ProgramSpec, entries = 1) {
    this.map = BpfMap.create(counters(entries));
    try {
      this.program = BpfProgram.load(spec, { maps: new Map([["counters", this.map]]) });
    } catch (error) {
      this.map[Symbol.dispose]();
      throw error;
    }
  }

  count(index = 0): number {
    const value = this.map.lookup(new Uint8Array(new Uint32Array([index]).buffer));
    return value === undefined ? Number.NaN : Number(new BigUint64Array(value.buffer)[0]);
  }

  [Symbol.dispose](): void {
    this.program[Symbol.dispose]();
    this.map[Symbol.dispose]();
  }
}

/** Makes exactly `count` getppid system calls. */
export function callGetppid(count: number): void {
  for (let index = 0; index < count; index++) void process.ppid;
}
