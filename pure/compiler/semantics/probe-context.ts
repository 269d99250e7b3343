/** What a probe's action may use: where its arguments are, whose memory its pointers point into. */
import type { AttachType, ProgramType } from "@beetrace/bytecode";
import type { UsdtArg } from "@beetrace/object";
import type { Space, Type } from "./types.ts";

/** The kinds of probes that the language has, by their full names. */
export type ProviderName =
  | "begin"
  | "end"
  | "self"
  | "test"
  | "bench"
  | "kprobe"
  | "kretprobe"
  | "fentry"
  | "fexit"
  | "fmod_ret"
  | "tracepoint"
  | "rawtracepoint"
  | "uprobe"
  | "uretprobe"
  | "usdt"
  | "profile"
  | "interval"
  | "software"
  | "hardware"
  | "watchpoint"
  | "iter";

/** When a trampoline runs the program: on the way in, on the way out, or in place of the function. */
export type TrampolineHook = "fentry" | "fexit" | "fmod_ret";

/** A live attachment to be made, as plain data. */
export type Attachment =
  | { readonly kind: "begin" | "end" }
  | { readonly kind: "test" | "bench"; readonly name: string }
  | { readonly kind: "signal"; readonly signal: "SIGUSR1" }
  | {
      readonly kind: "kprobe";
      readonly function?: string;
      readonly module?: string;
      readonly address?: bigint;
      readonly offset: number;
      readonly return: boolean;
    }
  | { readonly kind: "tracing"; readonly function: string; readonly module?: string; readonly hook: TrampolineHook }
  | { readonly kind: "tracepoint"; readonly category: string; readonly event: string; readonly id?: number }
  | { readonly kind: "syscall"; readonly enter: boolean; readonly name: string; readonly number: number }
  | { readonly kind: "rawtracepoint"; readonly event: string; readonly module?: string }
  | {
      readonly kind: "uprobe";
      readonly path: string;
      readonly function: string;
      readonly fileOffset: number;
      readonly return: boolean;
      /** USDT: file offset of the semaphore. */
      readonly refCounterOffset?: number;
    }
  | { readonly kind: "software" | "hardware"; readonly event: string; readonly period: number }
  /** Every `periodNs`, or `hertz` times a second, on each CPU. */
  | { readonly kind: "profile"; readonly periodNs?: number; readonly hertz?: number }
  | { readonly kind: "interval"; readonly periodNs: number }
  | { readonly kind: "watchpoint"; readonly address: bigint; readonly sizeBytes: 1 | 2 | 4 | 8; readonly mode: string }
  | { readonly kind: "iter"; readonly object: string; readonly pin?: string };

/** How the value of an argument is got from the program's context. */
export type ArgLoad =
  /** At a constant offset of the context. */
  | { readonly kind: "ctx"; readonly offset: number }
  /** At a constant offset of what the context's first word points to (pt_regs of a system call). */
  | { readonly kind: "ctx-pointer"; readonly offset: number }
  /** The context holds a u32 at `offset`: where the data is, counted from `from`. */
  | { readonly kind: "data-loc"; readonly offset: number; readonly from: number }
  /** What the traced function returned, where only the kernel knows how many arguments stand before it. */
  | { readonly kind: "return" }
  | { readonly kind: "usdt"; readonly arg: UsdtArg }
  /** In two registers, which are at these offsets of the context: a value of more than eight bytes, or a struct. */
  | { readonly kind: "registers"; readonly offsets: readonly number[] }
  /** So many bytes above the stack pointer of the process, which is at `pointer` in the context. */
  | { readonly kind: "stack"; readonly pointer: number; readonly offset: number }
  /** Where a register points, which is at this offset of the context: a struct that is passed as a copy. */
  | { readonly kind: "address"; readonly offset: number }
  /** Nowhere that a program could read, and why. */
  | { readonly kind: "unavailable"; readonly why: string };

/** Something that a probe is given: a field of `args`, one of `arg0`…, or `retval`. */
export interface ArgField {
  readonly name: string;
  readonly type: Type;
  readonly load: ArgLoad;
  /** What the kernel's BTF says a plain register argument is: its parameter's name and type. */
  readonly declared?: { readonly name: string; readonly type: Type; readonly function: string };
}

/** All that the checker and the lowering need to know of a group of attachments that share one program. */
export interface ProbeContext {
  readonly provider: ProviderName;
  readonly programType: ProgramType;
  readonly expectedAttachType?: AttachType;
  /** Trampolines, raw tracepoints, iterators: what the program is loaded for. */
  readonly attachTo?: string;
  readonly attachModule?: string;
  /** The BPF program that has `attachTo`, by its id. */
  readonly attachProgram?: number;
  /** Pointers made from plain integers point here. */
  readonly space: Space;
  /** `args`, where the probe has them. */
  readonly args?: readonly ArgField[];
  /** `arg0`…, in order. */
  readonly positional?: readonly ArgField[];
  readonly retval?: ArgField;
  /** The context is (or points to) a struct pt_regs. */
  readonly registers: boolean;
  /** How many frames on top of a kernel stack are those of what calls the program, where that is the same everywhere. */
  readonly callerFrames?: number;
  /** What the program returns when it is done. */
  readonly result: bigint;
  /** Somebody reads what the program returns: `return N` is N. */
  readonly returnsValue?: true;
  /** What gives the traced function, bpf_get_func_ip or the instruction pointer; absent where nothing does. */
  readonly func?: "ip" | "func_ip";
  /** Where in its file the one probe of this program is, as an address of the file: for what finds others from there. */
  readonly place?: { readonly path: string; readonly address: number };
  /** -p applies by a comparison inside the program (else the kernel filters, or nobody). */
  readonly filterPid: boolean;
  /** Only system calls with these numbers are meant (one program sees them all): number -> index of the name. */
  readonly syscalls?: ReadonlyMap<number, number>;
}

/** That the probe has no `args`. */
export function noArguments({ provider, attachProgram }: ProbeContext): string {
  if (attachProgram !== undefined) return "The args builtin cannot be used for 'fentry/fexit:bpf' probes";
  return `The args builtin can not be used with "${provider}" probes`;
}

/** An attachment with its full name; `index` is its place in the script's list of probe names, and its cookie. */
export interface NamedAttachment {
  readonly attachment: Attachment;
  readonly name: string;
  readonly index: number;
}

/** Attachments that one program serves. */
export interface ProbeGroup {
  readonly context: ProbeContext;
  readonly attachments: readonly NamedAttachment[];
}
