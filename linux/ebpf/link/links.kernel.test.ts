import { execFileSync, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { assembleProgram, R0, R1, R2, R3, R6, R10 } from "@beetrace/bytecode";
import { afterEach, expect, test } from "vitest";
import { allocate } from "../ffi.ts";
import {
  attachInterval,
  attachIterator,
  attachPerfEvent,
  attachProfile,
  attachRawTracepoint,
  attachTracepoint,
  attachTracing,
  attachUprobe,
  attachUprobeMulti,
  attachWatchpoint,
  BpfProgram,
  closeLinks,
  isAtLeast,
  kernelVersion,
  leaveLinks,
  onlineCpus,
  openHandles,
  probeFeatures,
  runIterator,
  tracefsRoot,
  UnsupportedError,
} from "../index.ts";
import { testWith } from "../test/features.ts";
import { expectNothingLeft } from "../test/leaks.ts";
import { Counted, callGetppid, countAndLeave, counting, countingByCookie, onlyThisProcess } from "../test/programs.ts";

const GETPPID = process.arch === "x64" ? 110 : 173;

afterEach(expectNothingLeft);

test("raw tracepoint: every getppid of this process", () => {
  using counted = new Counted(
    counting({ type: "BPF_PROG_TYPE_RAW_TRACEPOINT" }, (a) => {
      a.load("u64", R1, R6, 8);
      a.jumpIfImm("!=", R1, GETPPID, "leave");
      onlyThisProcess(a);
    }),
  );
  using link = attachRawTracepoint(counted.program, { tracepoint: "sys_enter" });
  callGetppid(12_345);
  link[Symbol.dispose]();
  callGetppid(10);
  expect(counted.count()).toBe(12_345);
});

test("raw tracepoint: an unknown name is explained", () => {
  using counted = new Counted(counting({ type: "BPF_PROG_TYPE_RAW_TRACEPOINT" }));
  expect(() => attachRawTracepoint(counted.program, { tracepoint: "no_such" })).toThrow(
    /raw tracepoint no_such: bpf\(BPF_RAW_TRACEPOINT_OPEN\): ENOENT/,
  );
});

const tpBtf = {
  type: "BPF_PROG_TYPE_TRACING",
  expectedAttachType: "BPF_TRACE_RAW_TP",
  attachTo: "sys_enter",
} as const;

testWith("tp_btf", "tp_btf: by its older call, and by a link with a cookie", () => {
  const filter = (a: Parameters<typeof onlyThisProcess>[0]) => {
    a.load("u64", R1, R6, 8);
    a.jumpIfImm("!=", R1, GETPPID, "leave");
    onlyThisProcess(a);
  };
  using counted = new Counted(counting(tpBtf, filter));
  const target = { attachType: "BPF_TRACE_RAW_TP", name: "sys_enter" } as const;
  const cookies = probeFeatures().has("raw_tracepoint_cookie") ? [7] : [];
  for (const cookie of [undefined, ...cookies]) {
    using _ = attachTracing(counted.program, { ...target, cookie });
    callGetppid(100);
  }
  expect(counted.count()).toBe(100 * (1 + cookies.length));
});

test("tracepoint: exact counts, cookies, and nothing after closing", () => {
  using counted = new Counted(countingByCookie({ type: "BPF_PROG_TYPE_TRACEPOINT" }), 3);
  using scoped = new Counted(counting({ type: "BPF_PROG_TYPE_TRACEPOINT" }, onlyThisProcess));
  const enter = { category: "syscalls", name: "sys_enter_getppid" };
  const exit = { category: "syscalls", name: "sys_exit_getppid" };
  const links = [
    attachTracepoint(counted.program, { ...enter, cookie: 1 }),
    attachTracepoint(counted.program, { ...exit, cookie: 2 }),
    attachTracepoint(scoped.program, enter),
  ];
  callGetppid(500);
  for (const link of links) link[Symbol.dispose]();
  callGetppid(500);
  expect(scoped.count()).toBe(500);
  expect(counted.count(1)).toBeGreaterThanOrEqual(500);
  expect(counted.count(2)).toBe(counted.count(1));
  expect(counted.count(0)).toBe(0);
});

test("tracepoint: an unknown one", () => {
  using counted = new Counted(counting({ type: "BPF_PROG_TYPE_TRACEPOINT" }));
  expect(() => attachTracepoint(counted.program, { category: "sched", name: "nope" })).toThrow(UnsupportedError);
});

async function durationMs(run: () => void | Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

test("many tracepoints close in the time of a few", async () => {
  using counted = new Counted(counting({ type: "BPF_PROG_TYPE_TRACEPOINT" }, onlyThisProcess));
  const names = execFileSync("ls", [`${tracefsRoot()}/events/syscalls`], { encoding: "utf8" }).split("\n");
  const enters = names.filter((name) => name.startsWith("sys_enter_get")).slice(0, 40);
  expect(enters).toContain("sys_enter_getppid");
  const links = enters.map((name) => attachTracepoint(counted.program, { category: "syscalls", name }));
  const before = counted.count();
  callGetppid(50);
  expect(counted.count() - before).toBeGreaterThanOrEqual(50);
  const [last, ...others] = links;
  const one = await durationMs(() => last[Symbol.dispose]());
  const all = await durationMs(() => closeLinks(others));
  // Older kernels hold a mutex while they wait.
  if (isAtLeast(kernelVersion(), "6.18")) expect(all).toBeLessThan((one * others.length) / 3);
  const after = counted.count();
  callGetppid(50);
  expect(counted.count()).toBe(after);
});

test("links that are left end by themselves", async () => {
  using counted = new Counted(counting({ type: "BPF_PROG_TYPE_TRACEPOINT" }, onlyThisProcess));
  const names = ["sys_enter_getppid", "sys_exit_getppid", "sys_enter_getuid"];
  const links = names.map((name) => attachTracepoint(counted.program, { category: "syscalls", name }));
  expect(await durationMs(() => leaveLinks(links))).toBeLessThan(500);
  const runsStill = () => {
    const before = counted.count();
    callGetppid(1);
    return counted.count() > before;
  };
  for (let tries = 0; runsStill() && tries < 50; tries++) await new Promise((resolve) => setTimeout(resolve, 100));
  expect(runsStill()).toBe(false);
});

const libc = execFileSync("ldd", ["/bin/ls"], { encoding: "utf8" }).match(/(\/\S*libc\.so\.6)/)?.[1] ?? "";

function offsetIn(path: string, symbol: string): number {
  const line = execFileSync("readelf", ["-W", "--dyn-syms", path], { encoding: "utf8" })
    .split("\n")
    .find((text) => text.includes(` ${symbol}@`));
  return Number.parseInt(line?.trim().split(/\s+/)[1] ?? "", 16); // text of libc: offset = address
}

function callLibc(calls: string): void {
  execFileSync("python3", ["-c", `import ctypes\nlibc = ctypes.CDLL(None)\n${calls}`]);
}

test("uprobe and uretprobe through the PMU, with cookies", () => {
  using counted = new Counted(countingByCookie({ type: "BPF_PROG_TYPE_KPROBE" }), 3);
  const place = { path: libc, offset: offsetIn(libc, "a64l") };
  {
    using _enter = attachUprobe(counted.program, { ...place, cookie: 1 });
    using _leave = attachUprobe(counted.program, { ...place, cookie: 2, return: true });
    callLibc("for _ in range(321): libc.a64l(b'abc')");
  }
  callLibc("libc.a64l(b'abc')");
  expect([counted.count(1), counted.count(2)]).toEqual([321, 321]);
});

testWith("uprobe_multi", "uprobe_multi: functions are told apart by their cookies", async () => {
  const spec = countingByCookie({ type: "BPF_PROG_TYPE_KPROBE", expectedAttachType: "BPF_TRACE_UPROBE_MULTI" });
  using counted = new Counted(spec, 4);
  const offsets = [offsetIn(libc, "a64l"), offsetIn(libc, "l64a")];
  const link = attachUprobeMulti(counted.program, { path: libc, offsets, cookies: [1, 2] });
  const returns = attachUprobeMulti(counted.program, { path: libc, offsets: [offsets[1]], cookies: [3], return: true });
  callLibc("for _ in range(200): libc.a64l(b'abc')\nfor _ in range(300): libc.l64a(5)");
  await closeLinks([link, returns]);
  callLibc("libc.a64l(b'abc')");
  expect([counted.count(1), counted.count(2), counted.count(3)]).toEqual([200, 300, 300]);
});

test("profile samples every CPU, interval one", async () => {
  const byCpu = assembleProgram({ name: "by_cpu", type: "BPF_PROG_TYPE_PERF_EVENT" }, (a) => {
    a.call("bpf_get_smp_processor_id");
    countAndLeave(a);
  });
  const cpus = onlineCpus();
  const entries = Math.max(...cpus) + 1;
  using profile = new Counted(byCpu, entries);
  using interval = new Counted(byCpu, entries);
  // A virtual CPU that idles may be stopped, and its timers with it.
  const busy = cpus.map((cpu) => spawn("taskset", ["-c", String(cpu), "sh", "-c", "while :; do :; done"]));
  await new Promise((resolve) => setTimeout(resolve, 100));
  const links = [
    attachProfile(profile.program, { frequencyHz: 199 }),
    attachInterval(interval.program, { periodNs: 10_000_000 }),
  ];
  const ms = await durationMs(async () => {
    await new Promise((resolve) => setTimeout(resolve, 700));
    await closeLinks(links);
  });
  for (const child of busy) child.kill();
  // Emulated machines are late now and then.
  const near = (count: number, perSecond: number) => {
    expect(count / ((perSecond * ms) / 1000)).toBeGreaterThan(0.3);
    expect(count / ((perSecond * ms) / 1000)).toBeLessThan(1.1);
  };
  for (const cpu of cpus) near(profile.count(cpu), 199);
  near(interval.count(cpus[0]), 100);
  for (const cpu of cpus.slice(1)) expect(interval.count(cpu)).toBe(0);
});

test("watchpoint: every write to an address", () => {
  using counted = new Counted(counting({ type: "BPF_PROG_TYPE_PERF_EVENT" }));
  const memory = allocate(8);
  const word = new Int32Array(memory.bytes.buffer);
  const watchpoint = { address: memory.address, sizeBytes: 4, mode: "w" };
  using link = attachWatchpoint(counted.program, watchpoint, { pid: process.pid });
  for (let index = 0; index < 100; index++) Atomics.store(word, 0, index);
  link[Symbol.dispose]();
  Atomics.store(word, 0, 0);
  expect(counted.count()).toBe(100);
});

test("watchpoint on execution: whatever size is said", () => {
  using counted = new Counted(counting({ type: "BPF_PROG_TYPE_PERF_EVENT" }));
  const watchpoint = { address: 0x1000_0000, sizeBytes: 1, mode: "x" };
  using link = attachWatchpoint(counted.program, watchpoint, { pid: process.pid });
  expect(link.kind).toBe("perf-event");
});

test("perf event of a process: all threads that it has", () => {
  using counted = new Counted(counting({ type: "BPF_PROG_TYPE_PERF_EVENT" }));
  const before = openHandles().length;
  using _link = attachPerfEvent(counted.program, { type: "software", config: 2 }, { pid: process.pid });
  const threads = readdirSync("/proc/self/task").length;
  expect(threads).toBeGreaterThan(1);
  expect(openHandles().length - before).toBe(threads);
});

testWith("iter", "iterator: one line for each task", () => {
  const spec = assembleProgram(
    { name: "tasks", type: "BPF_PROG_TYPE_TRACING", expectedAttachType: "BPF_TRACE_ITER", attachTo: "task" },
    (a) => {
      a.mov(R6, R1);
      a.load("u64", R2, R6, 8); // ctx->task, NULL at the end
      a.jumpIfImm("==", R2, 0, "end");
      a.storeImm("u64", R10, -8, 0x0a78);
      a.load("u64", R1, R6, 0);
      a.load("u64", R1, R1, 0); // ctx->meta->seq
      a.mov(R2, R10);
      a.aluImm("+", R2, -8);
      a.movImm(R3, 2);
      a.call("bpf_seq_write");
      a.label("end");
      a.movImm(R0, 0);
      a.exit();
    },
  );
  using program = BpfProgram.load(spec);
  using all = attachIterator(program);
  using mine = attachIterator(program, { kind: "task", pid: process.pid });
  const threads = readFileSync("/proc/self/status", "utf8").match(/^Threads:\s*(\d+)$/m)?.[1];
  const text = Buffer.from(runIterator(mine)).toString();
  expect(text).toBe("x\n".repeat(Number(threads)));
  expect(runIterator(all).length).toBeGreaterThan(2 * Number(threads));
});
