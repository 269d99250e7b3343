/**
 * Programs and maps on paper: plain data, equal on every machine. What depends on the running kernel
 * (file descriptors, BTF ids of the live kernel) is a symbolic relocation, resolved when the spec is loaded.
 */
import type { Instruction } from "./insn.ts";

/** Map types of include/uapi/linux/bpf.h, those that tracing uses. */
export const MAP_TYPES = {
  BPF_MAP_TYPE_HASH: 1,
  BPF_MAP_TYPE_ARRAY: 2,
  BPF_MAP_TYPE_PROG_ARRAY: 3,
  BPF_MAP_TYPE_PERF_EVENT_ARRAY: 4,
  BPF_MAP_TYPE_PERCPU_HASH: 5,
  BPF_MAP_TYPE_PERCPU_ARRAY: 6,
  BPF_MAP_TYPE_STACK_TRACE: 7,
  BPF_MAP_TYPE_LRU_HASH: 9,
  BPF_MAP_TYPE_LRU_PERCPU_HASH: 10,
  BPF_MAP_TYPE_LPM_TRIE: 11,
  BPF_MAP_TYPE_ARRAY_OF_MAPS: 12,
  BPF_MAP_TYPE_HASH_OF_MAPS: 13,
  BPF_MAP_TYPE_QUEUE: 22,
  BPF_MAP_TYPE_STACK: 23,
  BPF_MAP_TYPE_RINGBUF: 27,
} as const;
/** The kind of a map by its kernel name, as in `BPF_MAP_TYPE_HASH`. */
export type MapType = keyof typeof MAP_TYPES;

export const BPF_F_NO_PREALLOC = 1;
export const BPF_F_RDONLY_PROG = 1 << 7;
export const BPF_F_MMAPABLE = 1 << 10;

/** A map that is to be made. Sizes in bytes. */
export interface MapSpec {
  readonly name: string;
  readonly type: MapType;
  readonly keySize: number;
  readonly valueSize: number;
  /** For a ring buffer: its size in bytes (a power of two, a multiple of the page size). */
  readonly maxEntries: number;
  readonly flags?: number;
  /** Initial contents of an array map: one Uint8Array per index from 0. */
  readonly contents?: readonly Uint8Array[];
  /** Frozen for user space once its contents are in (needed for constant format strings). */
  readonly frozen?: boolean;
  /** Not made, but found at this path of a BPF file system: only the size of its keys has to be as it is said here. */
  readonly pinnedAt?: string;
}

/** Program types of include/uapi/linux/bpf.h, those that tracing uses. */
export const PROGRAM_TYPES = {
  BPF_PROG_TYPE_KPROBE: 2,
  BPF_PROG_TYPE_TRACEPOINT: 5,
  BPF_PROG_TYPE_XDP: 6,
  BPF_PROG_TYPE_PERF_EVENT: 7,
  BPF_PROG_TYPE_RAW_TRACEPOINT: 17,
  BPF_PROG_TYPE_TRACING: 26,
  BPF_PROG_TYPE_LSM: 29,
  BPF_PROG_TYPE_SYSCALL: 31,
} as const;
/** The kind of a program by its kernel name, as in `BPF_PROG_TYPE_KPROBE`: it decides on context and helpers. */
export type ProgramType = keyof typeof PROGRAM_TYPES;

/** Attach types of include/uapi/linux/bpf.h, those that tracing uses. */
export const ATTACH_TYPES = {
  BPF_TRACE_RAW_TP: 23,
  BPF_TRACE_FENTRY: 24,
  BPF_TRACE_FEXIT: 25,
  BPF_MODIFY_RETURN: 26,
  BPF_LSM_MAC: 27,
  BPF_TRACE_ITER: 28,
  BPF_PERF_EVENT: 41,
  BPF_TRACE_KPROBE_MULTI: 42,
  BPF_TRACE_UPROBE_MULTI: 48,
  BPF_TRACE_KPROBE_SESSION: 56,
  BPF_TRACE_UPROBE_SESSION: 57,
} as const;
/** What a program is loaded or linked for, by its kernel name, as in `BPF_TRACE_FENTRY`. */
export type AttachType = keyof typeof ATTACH_TYPES;

/** What the loader must fill into an instruction. `index` counts {@link Instruction}s, not slots. */
export type Relocation =
  /** `r = &map` */
  | { readonly kind: "map"; readonly index: number; readonly map: string }
  /** `r = &map.value[0] + offset`, for an array map of one entry. */
  | { readonly kind: "map-value"; readonly index: number; readonly map: string; readonly offset: number }
  /** `call kfunc`: the BTF id of the function in vmlinux. */
  | { readonly kind: "kfunc"; readonly index: number; readonly name: string }
  /** `r = BTF id of a type` */
  | { readonly kind: "btf-id"; readonly index: number; readonly name: string }
  /** `r = number` that is the BTF id of a struct or union in vmlinux, the first of that name. */
  | { readonly kind: "type-id"; readonly index: number; readonly tag: "struct" | "union"; readonly name: string };

/** A function of a program; the first is the entry. `firstIndex` counts {@link Instruction}s. */
export interface SubprogramSpec {
  readonly name: string;
  readonly firstIndex: number;
  /** Names of the parameters, all 64-bit integers or pointers; the result is an int. */
  readonly params: readonly string[];
  readonly global: boolean;
}

/** Which source text an instruction comes from. `line` and `column` count from 1. */
export interface LineInfo {
  readonly index: number;
  readonly line: number;
  readonly column: number;
}

/** A program that is to be loaded. */
export interface ProgramSpec {
  readonly name: string;
  readonly type: ProgramType;
  readonly expectedAttachType?: AttachType;
  /** fentry/fexit/raw_tp/iter: the BTF name of what it attaches to (`btf_trace_x` is written `x`). */
  readonly attachTo?: string;
  /** Kernel module that holds `attachTo`, when not vmlinux. */
  readonly attachModule?: string;
  /** fentry/fexit: the id of the loaded BPF program that has the function `attachTo`. */
  readonly attachProgram?: number;
  readonly sleepable?: boolean;
  readonly license: string;
  readonly instructions: readonly Instruction[];
  readonly relocations: readonly Relocation[];
  readonly subprograms: readonly SubprogramSpec[];
  readonly lines: readonly LineInfo[];
  /** The text that `lines` points into, and its name. */
  readonly source?: { readonly name: string; readonly text: string };
}

/** All programs and maps of one script or object file. */
export interface CollectionSpec {
  readonly maps: readonly MapSpec[];
  readonly programs: readonly ProgramSpec[];
}
