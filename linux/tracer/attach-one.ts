import type { Attachment, NamedAttachment } from "@beetrace/compiler";
import {
  attachInterval,
  attachIterator,
  attachKprobe,
  attachPerfEvent,
  attachProfile,
  attachRawTracepoint,
  attachTracepoint,
  attachTracing,
  attachUprobe,
  attachWatchpoint,
  type BpfProgram,
  type Link,
  type PerfScope,
  UnsupportedError,
} from "@beetrace/ebpf";
import { InvariantError, unreachable } from "@beetrace/std";
import { findPerfEvent, HARDWARE_EVENTS, SOFTWARE_EVENTS } from "./catalog/perf-events.ts";

/** What holds for all attachments of a run. */
export interface AttachScope {
  /** Where the kernel can filter by process, only this one. */
  readonly pid?: number;
  /** Addresses of kernel symbols. */
  readonly kernelAddress: (name: string, module: string | undefined) => bigint | undefined;
}

type Counter = Extract<Attachment, { readonly event: string; readonly period: number }>;
type Of<K extends Attachment["kind"]> = Extract<Attachment, { readonly kind: K }>;

const HOOKS = { fentry: "BPF_TRACE_FENTRY", fexit: "BPF_TRACE_FEXIT", fmod_ret: "BPF_MODIFY_RETURN" } as const;

/** Makes the one attachment of a probe. `cookie` is given where its program serves several. */
export function attachOne(program: BpfProgram, probe: NamedAttachment, scope: AttachScope, cookie?: number): Link {
  const { attachment } = probe;
  switch (attachment.kind) {
    case "kprobe":
      return attachKernelFunction(program, attachment, scope, cookie);
    case "tracing":
      return attachTracing(program, { attachType: HOOKS[attachment.hook], name: probe.name, cookie });
    case "tracepoint": {
      const { category, event, id } = attachment;
      return attachTracepoint(program, { category, name: event, id, cookie });
    }
    case "syscall": // the program itself knows which call fired
      return attachRawTracepoint(program, { tracepoint: attachment.enter ? "sys_enter" : "sys_exit" });
    case "rawtracepoint":
      return attachRawTracepoint(program, { tracepoint: attachment.event, cookie });
    case "uprobe":
      return attachUserFunction(program, attachment, scope, cookie);
    case "software":
    case "hardware":
      return attachCounter(program, attachment, perfScope(scope, cookie));
    case "profile":
      return attachProfile(program, rateOf(attachment), perfScope(scope, cookie));
    case "interval": // fires for the run as a whole, whatever it traces
      return attachInterval(program, { periodNs: attachment.periodNs }, { cookie });
    case "watchpoint":
      return attachWatchpoint(program, attachment, perfScope(scope, cookie));
    case "iter":
      return attachIterator(program);
    case "begin":
    case "end":
    case "signal":
    case "test":
    case "bench":
      throw new InvariantError(`${probe.name} is run by hand`);
    default:
      return unreachable(attachment, "attachment");
  }
}

function perfScope({ pid }: AttachScope, cookie: number | undefined): PerfScope {
  return pid === undefined ? { cookie } : { pid, inherit: true, cookie };
}

function rateOf({ hertz, periodNs }: Of<"profile">): { frequencyHz: number } | { periodNs: number } {
  if (hertz !== undefined) return { frequencyHz: hertz };
  if (periodNs !== undefined) return { periodNs };
  throw new InvariantError("a profile has a rate");
}

/** A function of a module is named by its address: others may have its name. */
function attachKernelFunction(
  program: BpfProgram,
  { function: name, module, address, offset, return: isReturn }: Of<"kprobe">,
  { kernelAddress }: AttachScope,
  cookie: number | undefined,
): Link {
  const how = { return: isReturn, cookie };
  if (name === undefined) return attachKprobe(program, { function: (address ?? 0n) + BigInt(offset), ...how });
  if (module === undefined || module === "vmlinux") return attachKprobe(program, { function: name, offset, ...how });
  const start = kernelAddress(name, module);
  if (start === undefined) throw new UnsupportedError(`function ${name} of module ${module}`);
  return attachKprobe(program, { function: start + BigInt(offset), ...how });
}

function attachUserFunction(
  program: BpfProgram,
  { path, fileOffset, return: isReturn, refCounterOffset }: Of<"uprobe">,
  { pid }: AttachScope,
  cookie: number | undefined,
): Link {
  return attachUprobe(program, {
    path,
    offset: fileOffset,
    return: isReturn,
    refCtrOffset: refCounterOffset,
    pid,
    cookie,
  });
}

function attachCounter(program: BpfProgram, { kind, event, period }: Counter, scope: PerfScope): Link {
  const found = findPerfEvent(kind === "software" ? SOFTWARE_EVENTS : HARDWARE_EVENTS, event);
  if (found === undefined) throw new UnsupportedError(`${kind} event ${event}`);
  return attachPerfEvent(program, { type: kind, config: found.config, period }, scope);
}
