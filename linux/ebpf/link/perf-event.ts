import { readdirSync } from "node:fs";
import type { Int } from "@beetrace/std";
import { onlineCpus } from "../cpus.ts";
import type { BpfProgram } from "../program.ts";
import { ENOENT, ESRCH, SyscallError } from "../sys/error.ts";
import type { PerfEventAttr, PerfEventTarget } from "../sys/sys.ts";
import { UnsupportedError } from "../unsupported-error.ts";
import { Link } from "./link.ts";
import { openPerfLink } from "./perf-link.ts";

/** enum perf_type_id of include/uapi/linux/perf_event.h. */
export const PERF_TYPES = { hardware: 0, software: 1, cache: 3, raw: 4 } as const;
/** enum perf_sw_ids. */
export const PERF_COUNT_SW_CPU_CLOCK = 0;

/** A counter whose overflow runs the program. */
export interface PerfEvent {
  readonly type: keyof typeof PERF_TYPES | number;
  readonly config: Int;
  /** Run after so many events … */
  readonly period?: Int;
  /** … or so many times a second. */
  readonly frequencyHz?: number;
}

/** On which processes and CPUs events count. */
export interface PerfScope {
  /** Only this process, in all threads that it has now, on any CPU; all by default. */
  readonly pid?: number;
  /** Also in processes that it starts from now on. Only with `pid`. */
  readonly inherit?: boolean;
  /** Only these CPUs; all that are online by default. */
  readonly cpus?: readonly number[];
  /** Given to the program by `bpf_get_attach_cookie`. Requires Linux 5.15. */
  readonly cookie?: Int;
}

/** Access to memory that runs the program. */
export interface Watchpoint {
  readonly address: Int;
  /** 1, 2, 4 or 8 bytes. */
  readonly sizeBytes: number;
  /** Any of r, w and x; hardware knows no `r` alone. What executes has the size of an instruction, whatever is said. */
  readonly mode: string;
}

/** sizeof(long), which every architecture takes for a breakpoint on execution (perf_event_open(2)). */
const EXECUTE_BYTES = 8;
const PERF_TYPE_BREAKPOINT = 5;
const BREAKPOINT_MODES: Readonly<Record<string, number>> = { r: 1, w: 2, x: 4 }; // HW_BREAKPOINT_R, _W, _X

/** Attaches a perf event program to a counter. Requires Linux 4.9. */
export function attachPerfEvent(program: BpfProgram, event: PerfEvent, scope: PerfScope = {}): Link {
  const type = typeof event.type === "number" ? event.type : PERF_TYPES[event.type];
  const attr: PerfEventAttr = {
    type,
    config: event.config,
    samplePeriod: event.frequencyHz ?? event.period ?? 1,
    freq: event.frequencyHz !== undefined,
  };
  return attachOn(program, attr, scope, `perf event ${event.type}:${event.config}`);
}

/** Runs a perf event program `frequencyHz` times a second on every CPU (of `scope`). */
export function attachProfile(program: BpfProgram, rate: SampleRate, scope: PerfScope = {}): Link {
  const event = { type: "software", config: PERF_COUNT_SW_CPU_CLOCK, ...rateOf(rate) } as const;
  return attachPerfEvent(program, event, scope);
}

/** Runs a perf event program at an interval, on one CPU. */
export function attachInterval(program: BpfProgram, rate: SampleRate, scope: PerfScope = {}): Link {
  return attachProfile(program, rate, { ...scope, cpus: [scope.cpus?.[0] ?? onlineCpus()[0]] });
}

/** How often: times a second, or nanoseconds between. */
export type SampleRate = { readonly frequencyHz: number } | { readonly periodNs: Int };

function rateOf(rate: SampleRate): { frequencyHz: number } | { period: Int } {
  return "frequencyHz" in rate ? { frequencyHz: rate.frequencyHz } : { period: rate.periodNs };
}

/** Runs a perf event program on access to an address of user space or of the kernel: a hardware breakpoint. */
export function attachWatchpoint(program: BpfProgram, watchpoint: Watchpoint, scope: PerfScope = {}): Link {
  let bpType = 0;
  for (const letter of watchpoint.mode) bpType |= BREAKPOINT_MODES[letter] ?? 0;
  const attr: PerfEventAttr = {
    type: PERF_TYPE_BREAKPOINT,
    config: 0,
    samplePeriod: 1,
    bpType,
    config1: watchpoint.address,
    config2: watchpoint.mode === "x" ? EXECUTE_BYTES : watchpoint.sizeBytes,
  };
  return attachOn(program, attr, scope, `watchpoint 0x${watchpoint.address.toString(16)}`);
}

/** An event counts for one thread, whatever its parameter is called. */
function targetsOf({ pid, cpus }: PerfScope): readonly PerfEventTarget[] {
  const threads = pid === undefined ? [-1] : threadsOf(pid);
  const places = cpus ?? (pid === undefined ? onlineCpus() : [-1]);
  return threads.flatMap((thread) => places.map((cpu) => ({ pid: thread, cpu })));
}

function threadsOf(pid: number): readonly number[] {
  try {
    const others = readdirSync(`/proc/${pid}/task`).map(Number);
    return [pid, ...others.filter((thread) => thread !== pid)];
  } catch {
    return [pid]; // it is for the kernel to say what is wrong with it
  }
}

function attachOn(program: BpfProgram, attr: PerfEventAttr, scope: PerfScope, name: string): Link {
  const { cookie } = scope;
  const inherited = { ...attr, disabled: true, inherit: scope.inherit ?? false };
  const fds: number[] = [];
  try {
    for (const target of targetsOf(scope)) {
      try {
        fds.push(openPerfLink(program, { attr: inherited, target, cookie, name, enable: true }));
      } catch (error) {
        // A thread may have ended since it was looked for.
        if (target.pid === scope.pid || !(error instanceof SyscallError) || error.errno !== ESRCH) throw error;
      }
    }
    return new Link(program.sys, "perf-event", name, fds);
  } catch (error) {
    for (const fd of fds) program.sys.close(fd);
    if (error instanceof SyscallError && error.errno === ENOENT) {
      throw new UnsupportedError(`${name} (no such counter on this machine)`, undefined, { cause: error });
    }
    throw error;
  }
}
