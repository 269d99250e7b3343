import { readFileSync, writeFileSync } from "node:fs";
import { type Assembler, assembleProgram, R0, R1, R2, R3, R10 } from "@beetrace/bytecode";
import { afterEach, expect, test } from "vitest";
import {
  attachRawTracepoint,
  BpfProgram,
  Collection,
  enableRunTimeStats,
  openHandles,
  SyscallError,
  UnsupportedError,
  VerifierError,
} from "./index.ts";
import { testWith } from "./test/features.ts";
import { expectNothingLeft } from "./test/leaks.ts";
import { Counted, callGetppid, counters, counting, onlyThisProcess } from "./test/programs.ts";

afterEach(expectNothingLeft);

const raw = { name: "raw", type: "BPF_PROG_TYPE_RAW_TRACEPOINT" } as const;

test("test run: arguments in, result out, on a given CPU", () => {
  const sum = assembleProgram(raw, (a) => {
    a.load("u64", R0, R1, 0);
    a.load("u64", R2, R1, 8);
    a.alu("+", R0, R2);
    a.exit();
  });
  using program = BpfProgram.load(sum);
  const ctx = new Uint8Array(new BigUint64Array([40n, 2n]).buffer);
  expect(program.testRun({ ctx }).returnValue).toBe(42);

  const whichCpu = assembleProgram(raw, (a) => {
    a.call("bpf_get_smp_processor_id");
    a.exit();
  });
  using where = BpfProgram.load(whichCpu);
  expect([0, 1].map((cpu) => where.testRun({ cpu }).returnValue)).toEqual([0, 1]);
});

test("test run of XDP: packet in, changed packet out, repeated", () => {
  const spec = assembleProgram({ name: "xdp", type: "BPF_PROG_TYPE_XDP" }, (a) => {
    a.load("u32", R2, R1, 0); // data
    a.load("u32", R3, R1, 4); // data_end
    a.mov(R0, R2);
    a.aluImm("+", R0, 14);
    a.jumpIf(">", R0, R3, "end");
    a.storeImm("u8", R2, 0, 0x5a);
    a.label("end");
    a.movImm(R0, 2);
    a.exit();
  });
  using program = BpfProgram.load(spec);
  const { returnValue, data, durationNs } = program.testRun({ data: new Uint8Array(64), repeat: 1000 });
  expect(returnValue).toBe(2);
  expect(data?.length).toBe(64);
  expect(data?.[0]).toBe(0x5a);
  expect(durationNs).toBeGreaterThan(0);
});

test("run time statistics count each run", () => {
  using _off = withoutRunTimeStats();
  using counted = new Counted(counting({ type: "BPF_PROG_TYPE_RAW_TRACEPOINT" }, onlyThisProcess));
  const runs = () => counted.program.info().runCount;
  counted.program.testRun();
  expect(runs()).toBe(0);
  {
    using _ = enableRunTimeStats();
    for (let index = 0; index < 77; index++) counted.program.testRun();
  }
  counted.program.testRun();
  const info = counted.program.info();
  expect(info.runCount).toBe(77);
  expect(info.runTimeNs).toBeGreaterThan(0);
  expect(info.verifiedInsns).toBeGreaterThan(10);
  expect(info.xlatedSizeBytes).toBeGreaterThan(80);
  expect(info.recursionMisses).toBe(0);
});

/** The machine's own setting may be on. */
function withoutRunTimeStats(): Disposable {
  const path = "/proc/sys/kernel/bpf_stats_enabled";
  const before = readFileSync(path);
  writeFileSync(path, "0");
  return { [Symbol.dispose]: () => writeFileSync(path, before) };
}

testWith("bpf_loop", "callbacks work because the program's functions are described in BTF", () => {
  const spec = assembleProgram(raw, (a) => {
    a.subprogram("raw", ["ctx"]);
    a.storeImm("u64", R10, -8, 0);
    a.movImm(R1, 1000);
    a.loadFunction(R2, "body");
    a.mov(R3, R10);
    a.aluImm("+", R3, -8);
    a.movImm(4, 0);
    a.call("bpf_loop");
    a.load("u64", R0, R10, -8);
    a.exit();
    a.subprogram("body", ["index", "total"]);
    a.load("u64", R3, R2, 0);
    a.alu("+", R3, R1);
    a.store("u64", R2, 0, R3);
    a.movImm(R0, 0);
    a.exit();
  });
  using program = BpfProgram.load(spec);
  expect(program.testRun().returnValue).toBe((999 * 1000) / 2);
});

testWith("open_coded_iterators", "kfuncs are called by name", () => {
  const spec = assembleProgram(raw, (a) => {
    for (const kfunc of ["bpf_iter_num_new", "bpf_iter_num_destroy"]) {
      a.mov(R1, R10);
      a.aluImm("+", R1, -8);
      a.movImm(R2, 0);
      a.movImm(R3, 3);
      a.callKfunc(kfunc);
    }
    a.movImm(R0, 5);
    a.exit();
  });
  using program = BpfProgram.load(spec);
  expect(program.testRun().returnValue).toBe(5);
  const missing = assembleProgram(raw, (a) => a.callKfunc("bpf_no_such_kfunc"));
  expect(() => BpfProgram.load(missing)).toThrow(UnsupportedError);
});

function refusal(write: (a: Assembler) => void, source = "one\ntwo\nthree\n"): VerifierError {
  const spec = assembleProgram({ ...raw, lines: [{ index: 0, line: 2, column: 3 }] }, write);
  try {
    BpfProgram.load({ ...spec, source: { name: "script.bt", text: source } })[Symbol.dispose]();
  } catch (error) {
    if (error instanceof VerifierError) return error;
    throw error;
  }
  throw new Error("the verifier accepted it");
}

test("a refused program: the sentence, the instruction and the line", () => {
  const error = refusal((a) => {
    a.loadImm64(R1, 0x1234n); // two slots
    a.movImm(R2, 1);
    a.load("u64", R0, R2, 8);
    a.exit();
  });
  expect(error.summary).toBe("R2 invalid mem access 'scalar'");
  expect(error).toMatchObject({ code: "EACCES", insnIndex: 2, line: 2, column: 3, program: "raw" });
  expect(error.message).toMatch(/^program raw at script\.bt:2: R2 invalid mem access 'scalar'/);
  expect(error.log).toMatch(/^; two( @ script\.bt:2)?$/m); // the place since Linux 6.8
});

test.each([
  ["uninitialised register", (a: Assembler) => a.mov(R0, 7), /R7 !read_ok/],
  ["unknown helper", (a: Assembler) => a.emit(0x85, { imm: 9999 }), /invalid func unknown#9999/],
  ["unreachable code", (a: Assembler) => a.exit(), /unreachable insn 1/],
  ["no exit", (a: Assembler) => a.movImm(R0, 0), /last insn is not an exit or jmp/],
])("a refused program: %s", (what, write, summary) => {
  const { summary: text } = refusal((a) => {
    write(a);
    if (what !== "no exit") a.exit();
  });
  expect(text).toMatch(summary);
});

test("a long log is read to its end", () => {
  const error = refusal((a) => {
    for (let index = 0; index < 3000; index++) {
      a.call("bpf_ktime_get_ns");
      a.jumpIfImm("==", R0, index, `next${index}`);
      a.label(`next${index}`);
    }
    a.load("u64", R0, R0, 0);
    a.exit();
  });
  expect(error.log.length).toBeGreaterThan(200_000);
  expect(error.summary).toBe("R0 invalid mem access 'scalar'");
  expect(error.insnIndex).toBe(6000);
});

test("an unknown attach target", () => {
  const spec = assembleProgram(
    { name: "btf", type: "BPF_PROG_TYPE_TRACING", expectedAttachType: "BPF_TRACE_RAW_TP", attachTo: "no_such" },
    (a) => {
      a.movImm(R0, 0);
      a.exit();
    },
  );
  expect(() => BpfProgram.load(spec)).toThrow(/this kernel does not have raw tracepoint no_such/);
});

test("a collection that fails leaves nothing", () => {
  const good = counting({ type: "BPF_PROG_TYPE_RAW_TRACEPOINT", name: "good" });
  const bad = assembleProgram({ ...raw, name: "bad" }, (a) => a.exit());
  const load = (programs: (typeof good)[]) => Collection.load({ maps: [counters(1)], programs });
  expect(() => load([good, bad])).toThrow(VerifierError);
  expect(openHandles()).toEqual([]);
  using collection = load([good]);
  const link = attachRawTracepoint(collection.program("good"), { tracepoint: "sys_enter" });
  callGetppid(5);
  link[Symbol.dispose]();
  expect(
    new BigUint64Array(collection.map("counters").lookup(new Uint8Array(4))?.buffer ?? new ArrayBuffer(8))[0],
  ).toBeGreaterThan(4n);
});

test("a refusal without a log is a system call's error", () => {
  const spec = {
    ...counting({ type: "BPF_PROG_TYPE_RAW_TRACEPOINT" }),
    instructions: [],
    relocations: [],
    subprograms: [],
  };
  expect(() => BpfProgram.load(spec)).toThrow(SyscallError);
});
