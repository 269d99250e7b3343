import { assembleProgram, type MapSpec, R0, R1, R2, R3, R4 } from "@beetrace/bytecode";
import { attachRawTracepoint, Collection } from "@beetrace/ebpf";
import { KernelSymbols, openBootCache } from "@beetrace/ebpf/symbols";

const STACK: MapSpec = {
  name: "stack",
  type: "BPF_MAP_TYPE_ARRAY",
  keySize: 4,
  valueSize: 16 * 8,
  maxEntries: 1,
};
/** What the kernel's tracepoint code puts between an event and a program. */
const MACHINERY = /^(bpf_dispatcher_|bpf_trace_run\d|__bpf_trace_)/;
/** And what is there at some tracepoints only, or while something else is attached too (include/linux/tracepoint.h). */
const CALLERS = /^(__bpf_trace_|__traceiter_)/;

/** Tracepoints of system calls may fault and have a wrapper of their own since Linux 6.13. */
export type RawTracepointKind = "syscall" | "other";

/**
 * How many frames on top of a stack that a raw tracepoint's program takes are always the tracer's own. It depends on how
 * the kernel was compiled, so it is measured: once, then known until the next boot.
 */
export function rawTracepointFrames(kind: RawTracepointKind): number {
  const cache = openBootCache();
  const kept = cache.read("trampoline-frames", kind);
  if (kept?.length === 1) return kept[0];
  const count = measure(kind === "syscall" ? "sys_enter" : "sched_switch");
  cache.write("trampoline-frames", kind, Uint8Array.of(count));
  return count;
}

/**
 * A kernel stack that begins at the event: without the functions that call what is attached to a tracepoint. The last
 * frame stays, whatever it is.
 */
export function fromEvent(
  frames: readonly bigint[],
  symbolName: (address: bigint) => string | undefined,
): readonly bigint[] {
  let first = 0;
  while (first < frames.length - 1 && isKernelAddress(frames[first]) && CALLERS.test(symbolName(frames[first]) ?? ""))
    first++;
  return first === 0 ? frames : frames.slice(first);
}

/** The upper half of the addresses is the kernel's. */
function isKernelAddress(address: bigint): boolean {
  return address >> 63n === 1n;
}

function measure(tracepoint: string): number {
  using collection = Collection.load({ maps: [STACK], programs: [stackProgram(process.pid, tracepoint)] });
  const link = attachRawTracepoint(collection.program("stack_machinery"), { tracepoint });
  // Sleeping is a system call, and makes this thread leave its CPU.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  link[Symbol.dispose]();
  const value = collection.map("stack").lookup(new Uint8Array(4));
  if (value === undefined) return 0;
  const frames = new BigUint64Array(value.slice().buffer);
  const symbols = KernelSymbols.load();
  // The first is the program itself, which came after the symbols were read.
  let count = 1;
  while (count < frames.length && MACHINERY.test(symbols.lookup(frames[count])?.name ?? "")) count++;
  return frames[0] === 0n ? 0 : count;
}

/** Keeps the kernel stack of this process at a tracepoint. */
function stackProgram(pid: number, tracepoint: string) {
  const name = "stack_machinery";
  const shape = {
    name,
    type: "BPF_PROG_TYPE_TRACING",
    expectedAttachType: "BPF_TRACE_RAW_TP",
    attachTo: tracepoint,
    license: "GPL",
  } as const;
  return assembleProgram(shape, (a) => {
    a.mov(6, R1);
    a.call("bpf_get_current_pid_tgid");
    a.aluImm(">>", R0, 32);
    a.jumpIfImm("!=", R0, pid, "done");
    a.mov(R1, 6);
    a.loadMapValue(R2, STACK.name, 0);
    a.movImm(R3, STACK.valueSize);
    a.movImm(R4, 0);
    a.call("bpf_get_stack");
    a.label("done");
    a.movImm(R0, 0);
    a.exit();
  });
}
