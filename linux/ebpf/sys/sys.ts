/**
 * The one door to the kernel: every system call of this package, each a method named as in libbpf. All throw
 * `SyscallError` but where they say otherwise. `kernel.ts` has the live one; tests put a fake in its place.
 */
import type { Int } from "@beetrace/std";
import type { Mapping, Memory, Poller } from "../ffi.ts";

export type { Mapping, Memory, Poller } from "../ffi.ts";

/** What a map is made with; sizes in bytes. */
export interface MapCreateOptions {
  readonly name: string;
  readonly type: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
  readonly innerMapFd?: number;
}

/** Keys and values of many entries, one after the other. */
export interface BatchBuffers {
  readonly keys: Memory;
  /** Absent when entries are deleted without being read. */
  readonly values?: Memory;
  /** Where the last batch ended. Filled by the kernel. */
  readonly position: Memory;
}

/** The outcome of a batch call: entries handled, and the errno that ended it (0: there may be more). */
export interface BatchResult {
  readonly count: number;
  readonly errno: number;
}

/** What a program is loaded with. */
export interface ProgLoadOptions {
  readonly name: string;
  readonly type: number;
  readonly expectedAttachType: number;
  readonly license: string;
  /** Encoded instructions. */
  readonly code: Uint8Array;
  readonly flags: number;
  readonly attachBtfId: number;
  /** The BTF of a module, or a program to be traced. */
  readonly attachObjectFd: number;
  readonly types?: { readonly btfFd: number; readonly funcInfo: Uint8Array; readonly lineInfo: Uint8Array };
  readonly log?: { readonly level: number; readonly buffer: Memory };
}

/** The outcome of `progLoad`: a file descriptor, or an errno with how large the log would have been (Linux 6.4). */
export type ProgLoadResult =
  | { readonly fd: number; readonly errno: 0 }
  | { readonly errno: number; readonly logSizeBytes: number };

/** How a program is run by hand. */
export interface TestRunOptions {
  readonly ctx?: Uint8Array;
  readonly data?: Uint8Array;
  /** Room for the data after the run. */
  readonly dataOutBytes?: number;
  readonly repeat?: number;
  /** Run on this CPU. Only raw tracepoint programs. */
  readonly cpu?: number;
}

/** What a run by hand gave. */
export interface TestRunResult {
  readonly returnValue: number;
  /** Mean time of a run in nanoseconds; 0 where the program type does not measure it. */
  readonly durationNs: number;
  readonly data?: Uint8Array;
}

/** The attach-type dependent part of `BPF_LINK_CREATE`. */
export type LinkTarget =
  | { readonly kind: "perf-event"; readonly perfFd: number; readonly cookie?: Int }
  | { readonly kind: "tracing"; readonly cookie?: Int }
  | { readonly kind: "iter"; readonly info?: Uint8Array }
  | {
      readonly kind: "kprobe-multi";
      readonly addresses: readonly Int[];
      readonly cookies?: readonly Int[];
      readonly flags: number;
    }
  /** An address list that cannot be read: a kernel that has kprobe_multi gets as far as saying so. */
  | { readonly kind: "kprobe-multi-unreadable" }
  | {
      readonly kind: "uprobe-multi";
      readonly path: string;
      readonly offsets: readonly Int[];
      readonly refCtrOffsets?: readonly Int[];
      readonly cookies?: readonly Int[];
      readonly flags: number;
      readonly pid: number;
    };

/** Where a perf event is opened: process (-1: all) and CPU (-1: any). */
export interface PerfEventTarget {
  readonly pid: number;
  readonly cpu: number;
}

/** struct perf_event_attr, as far as tracing needs it. */
export interface PerfEventAttr {
  readonly type: number;
  readonly config: Int;
  /** Events between samples, or with `freq` samples a second. */
  readonly samplePeriod?: Int;
  readonly freq?: boolean;
  readonly sampleType?: number;
  readonly disabled?: boolean;
  readonly inherit?: boolean;
  readonly excludeUser?: boolean;
  readonly excludeKernel?: boolean;
  readonly wakeupEvents?: number;
  /** Records of mappings that can be executed: PERF_RECORD_MMAP, and with `mmap2` PERF_RECORD_MMAP2 in its place. */
  readonly mmap?: boolean;
  readonly mmap2?: boolean;
  /** Records of new process names; `commExec` marks those that an exec gave. */
  readonly comm?: boolean;
  readonly commExec?: boolean;
  /** Records of processes and threads that begin and end. */
  readonly task?: boolean;
  /** Every record ends with the fields that `sampleType` chooses. */
  readonly sampleIdAll?: boolean;
  /** The clock of times in records, in place of perf's own. Requires Linux 4.1. */
  readonly clockid?: number;
  readonly bpType?: number;
  /** Union of config1, bp_addr, uprobe_path and kprobe_func: a number or a text to point to. */
  readonly config1?: Int | string;
  /** Union of config2, bp_len, kprobe_addr and probe_offset. */
  readonly config2?: Int;
}

/** See the head of this file. */
export interface Sys {
  /** Zeroed memory that can be passed to the calls below. */
  allocate(sizeBytes: number): Memory;
  readonly pageSizeBytes: number;

  mapCreate(options: MapCreateOptions): number;
  /** Whether the key was there. */
  mapLookupElem(fd: number, key: Memory, value: Memory): boolean;
  mapUpdateElem(fd: number, key: Memory, value: Memory, flags: number): void;
  /** Whether the key was there. */
  mapDeleteElem(fd: number, key: Memory): boolean;
  /** Whether the key was there. For queues and stacks `key` is empty and this pops. */
  mapLookupAndDeleteElem(fd: number, key: Memory, value: Memory): boolean;
  /** Whether there is a key after `key` (the first one for `undefined`). */
  mapGetNextKey(fd: number, key: Memory | undefined, nextKey: Memory): boolean;
  /** `first` starts over. Does not throw. Requires Linux 5.6. */
  mapLookupBatch(fd: number, buffers: BatchBuffers, count: number, first: boolean): BatchResult;
  /** Does not throw. Requires Linux 5.6. */
  mapLookupAndDeleteBatch(fd: number, buffers: BatchBuffers, count: number, first: boolean): BatchResult;
  /** Does not throw. Requires Linux 5.6. */
  mapUpdateBatch(fd: number, keys: Memory, values: Memory, count: number): BatchResult;
  /** Does not throw. Requires Linux 5.6. */
  mapDeleteBatch(fd: number, keys: Memory, count: number): BatchResult;
  /** No more writes by user space. Requires Linux 5.2. */
  mapFreeze(fd: number): void;

  /** Does not throw: a refusal comes with a log. */
  progLoad(options: ProgLoadOptions): ProgLoadResult;
  progTestRun(fd: number, options: TestRunOptions): TestRunResult;
  /** Requires Linux 4.18. */
  btfLoad(bytes: Uint8Array): number;
  /** Until the file descriptor is closed, programs count their runs and time. Requires Linux 5.8. */
  enableStats(): number;

  /** `name` undefined for a BTF-typed program (tp_btf). The cookie requires Linux 6.10. */
  rawTracepointOpen(programFd: number, name: string | undefined, cookie?: Int): number;
  /** Requires Linux 5.7; most kinds later, see the attach functions. */
  linkCreate(programFd: number, attachType: number, target: LinkTarget): number;
  /** A file descriptor whose reading runs the iterator once. Requires Linux 5.8. */
  iterCreate(linkFd: number): number;

  /** The kernel's description of an object, at most `sizeBytes` long. */
  objGetInfoByFd(fd: number, sizeBytes: number): Uint8Array;
  objPin(fd: number, path: string): void;
  objGet(path: string): number;
  /** The id after `id` of programs, or `undefined` after the last. */
  progGetNextId(id: number): number | undefined;
  progGetFdById(id: number): number;
  /** A program's struct bpf_prog_info, and the ids of its functions in its own BTF. Requires Linux 5.0. */
  progFunctions(fd: number): { readonly info: Uint8Array; readonly typeIds: readonly number[] };
  /** The id after `id` of BTF objects, or `undefined` after the last. */
  btfGetNextId(id: number): number | undefined;
  btfGetFdById(id: number): number;
  /** `"vmlinux"`, a module's name, or nothing for BTF of programs. Requires Linux 5.11. */
  btfName(fd: number): string;
  btfBytes(fd: number): Uint8Array;

  perfEventOpen(attr: PerfEventAttr, target: PerfEventTarget): number;
  /** `request` is named for the error. */
  ioctl(
    fd: number,
    request: "PERF_EVENT_IOC_ENABLE" | "PERF_EVENT_IOC_DISABLE" | "PERF_EVENT_IOC_SET_BPF",
    arg: number,
  ): void;
  mmap(fd: number, offset: number, sizeBytes: number, writable: boolean): Mapping;
  /** The first `sizeBytes` of a file, to be read only: a private mapping, as some files of the kernel allow no other. */
  mmapFile(fd: number, sizeBytes: number): Mapping;
  munmap(mapping: Mapping): void;
  /** A UNIX socket that sends datagrams to who receives at `path`. */
  datagramSocket(path: string): number;
  close(fd: number): void;
  /** Closes many at the same time, so that waits for RCU grace periods are shared. */
  closeConcurrently(fds: readonly number[]): Promise<void>;
  poll(fd: number, onReadable: () => void): Poller;
}
