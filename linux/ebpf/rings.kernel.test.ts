import { execFileSync } from "node:child_process";
import { type Assembler, assembleProgram, type MapSpec, R0, R1, R2, R3, R4, R5, R6, R10 } from "@beetrace/bytecode";
import { afterEach, expect, test } from "vitest";
import { attachRawTracepoint, BpfMap, BpfProgram, onlineCpus, PerfBuffer, RingBuffer } from "./index.ts";
import { expectNothingLeft } from "./test/leaks.ts";
import { callGetppid, onlyThisProcess } from "./test/programs.ts";

afterEach(expectNothingLeft);

const ring = (sizeBytes: number): MapSpec => ({
  name: "events",
  type: "BPF_MAP_TYPE_RINGBUF",
  keySize: 0,
  valueSize: 0,
  maxEntries: sizeBytes,
});
const perf: MapSpec = {
  name: "events",
  type: "BPF_MAP_TYPE_PERF_EVENT_ARRAY",
  keySize: 4,
  valueSize: 4,
  maxEntries: 0,
};

/** Writes `{ u64 0xfeed, u64 syscall number }` for each system call of this process. */
const toRing = assembleProgram({ name: "to_ring", type: "BPF_PROG_TYPE_RAW_TRACEPOINT" }, (a) => {
  a.load("u64", R6, R1, 8);
  onlyThisProcess(a);
  sample(a);
  a.loadMap(R1, "events");
  a.mov(R2, R10);
  a.aluImm("+", R2, -16);
  a.movImm(R3, 16);
  a.movImm(R4, 0);
  a.call("bpf_ringbuf_output");
  a.label("leave");
  a.movImm(R0, 0);
  a.exit();
});

const toPerf = assembleProgram({ name: "to_perf", type: "BPF_PROG_TYPE_RAW_TRACEPOINT" }, (a) => {
  a.mov(7, R1);
  a.load("u64", R6, R1, 8);
  onlyThisProcess(a);
  sample(a);
  a.mov(R1, 7);
  a.loadMap(R2, "events");
  a.loadImm64(R3, 0xffffffffn); // BPF_F_CURRENT_CPU
  a.mov(R4, R10);
  a.aluImm("+", R4, -16);
  a.movImm(R5, 16);
  a.call("bpf_perf_event_output");
  a.label("leave");
  a.movImm(R0, 0);
  a.exit();
});

function sample(a: Assembler): void {
  a.storeImm("u64", R10, -16, 0xfeed);
  a.store("u64", R10, -8, R6);
}

const GETPPID = process.arch === "x64" ? 110 : 173;

function loaded(spec: typeof toRing, map: BpfMap): BpfProgram {
  return BpfProgram.load(spec, { maps: new Map([["events", map]]) });
}

test("ring buffer: every sample, read by hand", () => {
  using map = BpfMap.create(ring(1 << 20));
  using program = loaded(toRing, map);
  using reader = new RingBuffer(map);
  using link = attachRawTracepoint(program, { tracepoint: "sys_enter" });
  let getppids = 0;
  let bad = 0;
  const onSample: Parameters<typeof reader.consume>[0] = (memory, at, sizeBytes) => {
    if (sizeBytes !== 16 || memory.u32[at >>> 2] !== 0xfeed || at % 8 !== 0) bad++;
    if (memory.u32[(at + 8) >>> 2] === GETPPID) getppids++;
  };
  // 24 bytes each: the ring is gone around several times.
  for (let round = 0; round < 10; round++) {
    callGetppid(20_000);
    while (reader.consume(onSample) > 0);
  }
  link[Symbol.dispose]();
  reader.consume(onSample);
  expect([getppids, bad]).toEqual([200_000, 0]);
  expect(reader.bytesSeenMax).toBeGreaterThanOrEqual(20_000 * 24);
  expect(reader.isEmpty).toBe(true);
});

test("ring buffer: wakes up, drains, and wakes up again", async () => {
  using map = BpfMap.create(ring(1 << 18));
  using program = loaded(toRing, map);
  using reader = new RingBuffer(map);
  using _link = attachRawTracepoint(program, { tracepoint: "sys_enter" });
  let getppids = 0;
  reader.start((memory, at) => {
    if (memory.u32[(at + 8) >>> 2] === GETPPID) getppids++;
  });
  for (let round = 1; round <= 20; round++) {
    callGetppid(100);
    await new Promise((resolve) => setTimeout(resolve, round % 4));
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  reader.stop();
  expect(getppids).toBe(2000);
});

test("ring buffer: idle is told, and a full one loses what the program could not write", async () => {
  using map = BpfMap.create(ring(4096));
  using program = loaded(toRing, map);
  using reader = new RingBuffer(map);
  {
    using _link = attachRawTracepoint(program, { tracepoint: "sys_enter" });
    callGetppid(1000);
  }
  let count = 0;
  const idle = new Promise<void>((resolve) => {
    reader.start(() => count++, resolve);
  });
  await idle;
  expect(count).toBe(Math.floor(4095 / 24)); // the ring is never filled to its last byte
});

test("perf buffer: every sample, by hand and by waking", async () => {
  using map = BpfMap.create(perf);
  using program = loaded(toPerf, map);
  using reader = new PerfBuffer(map, { sizeBytesPerCpu: 1 << 20 });
  const link = attachRawTracepoint(program, { tracepoint: "sys_enter" });
  let getppids = 0;
  let bad = 0;
  const onSample: Parameters<typeof reader.consume>[0] = (memory, at, sizeBytes) => {
    if (sizeBytes < 16 || memory.u32[at >>> 2] !== 0xfeed) bad++;
    if (memory.u32[(at + 8) >>> 2] === GETPPID) getppids++;
  };
  for (let round = 0; round < 5; round++) {
    callGetppid(15_000);
    reader.consume(onSample);
  }
  expect([getppids, bad, reader.lost]).toEqual([75_000, 0, 0]);
  reader.start(onSample);
  callGetppid(1000);
  await new Promise((resolve) => setTimeout(resolve, 30));
  callGetppid(1000);
  await new Promise((resolve) => setTimeout(resolve, 30));
  link[Symbol.dispose]();
  expect([getppids, bad]).toEqual([77_000, 0]);
});

test("perf buffer: what does not fit is counted", () => {
  using map = BpfMap.create(perf);
  using program = loaded(toPerf, map);
  using reader = new PerfBuffer(map, { sizeBytesPerCpu: 4096 });
  let read = 0;
  // On one CPU: a ring tells of its losses with its own next sample.
  const pin = (cpus: string) => execFileSync("taskset", ["-cp", cpus, String(process.pid)]);
  pin("0");
  {
    using _link = attachRawTracepoint(program, { tracepoint: "sys_enter" });
    callGetppid(5000);
    reader.consume(() => read++);
    callGetppid(50); // the loss is told with the next sample that fits
    reader.consume(() => read++);
  }
  pin(onlineCpus().join(","));
  expect(read).toBeLessThan(400);
  expect(reader.lost + read).toBeGreaterThanOrEqual(5050);
  expect(reader.lost + read).toBeLessThan(5150);
});
