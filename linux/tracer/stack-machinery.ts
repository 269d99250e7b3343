import { assembleProgram, type MapSpec, R0, R1, R2, R3, R4 } from "@beetrace/bytecode";
import type { StackPlace } from "@beetrace/compiler";
import { attachRawTracepoint, attachTracepoint, type BpfProgram, Collection, type Link } from "@beetrace/ebpf";
import { KernelSymbols, openBootCache } from "@beetrace/ebpf/symbols";

const PROGRAM = "stack_machinery";
const STACK: MapSpec = {
  name: "stack",
  type: "BPF_MAP_TYPE_ARRAY",
  keySize: 4,
  valueSize: 16 * 8,
  maxEntries: 1,
};
/** What the kernel's tracepoint code puts between an event and a program. */
const MACHINERY =
  /^(bpf_dispatcher_|bpf_trace_run\d|__bpf_trace_|perf_syscall_(enter|exit)$|perf_call_bpf_(enter|exit)$)/;
/** And what is there at some tracepoints only, or while something else is attached too (include/linux/tracepoint.h). */
const CALLERS = /^(__bpf_trace_|__traceiter_)/;
/** Kept where a program takes no stack. */
const NO_STACK = 255;

/**
 * How many frames on top of a stack that a program takes there are always the tracer's own; nothing where it takes none, as
 * perf's programs at system calls on Linux 6.1. It depends on how the kernel was compiled, so it is measured: once,
 * then known until the next boot.
 */
export function callerFrames(place: StackPlace): number | undefined {
  const cache = openBootCache();
  const kept = cache.read("caller-frames", place);
  const count = kept?.length === 1 ? kept[0] : (measure(place) ?? NO_STACK);
  if (kept?.length !== 1) cache.write("caller-frames", place, Uint8Array.of(count));
  return count === NO_STACK ? undefined : count;
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

function measure(place: StackPlace): number | undefined {
  using collection = Collection.load({ maps: [STACK], programs: [stackProgram(process.pid, place)] });
  const program = collection.program(PROGRAM);
  const link = attached(program, place);
  // Sleeping is a system call, and makes this thread leave its CPU.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  link?.[Symbol.dispose]();
  const value = collection.map("stack").lookup(new Uint8Array(4));
  const frames = new BigUint64Array(value === undefined ? [] : value.slice().buffer);
  if (frames.every((frame) => frame === 0n)) return undefined;
  const symbols = KernelSymbols.load();
  // The first of a raw tracepoint's is the program itself, which came after the symbols were read.
  let count = place.startsWith("raw") ? 1 : 0;
  while (count < frames.length && MACHINERY.test(symbols.lookup(frames[count])?.name ?? "")) count++;
  return count;
}

/** Nothing where perf is not to be had. */
function attached(program: BpfProgram, place: StackPlace): Link | undefined {
  if (place.startsWith("raw")) return attachRawTracepoint(program, { tracepoint: rawEvent(place) });
  try {
    return attachTracepoint(program, { category: "syscalls", name: `${place.slice("perf ".length)}_futex` });
  } catch {
    return undefined;
  }
}

function rawEvent(place: StackPlace): string {
  return place === "raw other" ? "sched_switch" : place.slice("raw ".length);
}

/** Keeps the kernel stack of this process at a tracepoint. */
function stackProgram(pid: number, place: StackPlace) {
  const license = "GPL";
  const shape = place.startsWith("perf")
    ? ({ name: PROGRAM, type: "BPF_PROG_TYPE_TRACEPOINT", license } as const)
    : ({
        name: PROGRAM,
        type: "BPF_PROG_TYPE_TRACING",
        expectedAttachType: "BPF_TRACE_RAW_TP",
        attachTo: rawEvent(place),
        license,
      } as const);
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
