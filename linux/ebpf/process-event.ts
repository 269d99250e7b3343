import type { SampleMemory } from "./sample-memory.ts";
import type { Mapping } from "./symbols/process-maps.ts";

/** What happened to the address space of a process. Pids are those of the reader's pid namespace. */
export type ProcessEvent = {
  /** By CLOCK_MONOTONIC, in nanoseconds. */
  readonly timeNs: number;
} & (
  | { readonly kind: "fork"; readonly pid: number; readonly parent: number }
  /** It became another program: all that was mapped is gone. */
  | { readonly kind: "exec"; readonly pid: number }
  /** Something was mapped that can be executed. */
  | { readonly kind: "map"; readonly pid: number; readonly mapping: Mapping }
  | { readonly kind: "exit"; readonly pid: number }
);

// enum perf_event_type of include/uapi/linux/perf_event.h, which also has the layouts below.
const PERF_RECORD_COMM = 3;
const PERF_RECORD_EXIT = 4;
const PERF_RECORD_FORK = 7;
const PERF_RECORD_MMAP2 = 10;
const PERF_RECORD_MISC_COMM_EXEC = 1 << 13;

const HEADER_BYTES = 8; // struct perf_event_header: u32 type, u16 misc, u16 size
const COMM_BYTES = 16; // header, u32 pid, u32 tid
const TASK_BYTES = 32; // header, u32 pid, u32 ppid, u32 tid, u32 ptid, u64 time
const MMAP2_BYTES = 72; // as below, before the file's name
const SAMPLE_ID_BYTES = 8; // PERF_SAMPLE_TIME alone, at the end of every record: u64 time

/** Of a process beyond the reader's pid namespace. So is 0. */
const NO_PID = 0xffffffff;
const TWO_32 = 4294967296;
const DELETED = " (deleted)";

/**
 * Reads one record, which begins at `at` (a multiple of 8) and ends with its time. `undefined` for records that tell
 * nothing about address spaces (threads, new names) and for what is no record at all.
 */
export function readProcessEvent(memory: SampleMemory, at: number, sizeBytes: number): ProcessEvent | undefined {
  if (sizeBytes < HEADER_BYTES + SAMPLE_ID_BYTES || sizeBytes % 8 !== 0 || at + sizeBytes > memory.u8.length) return;
  const { u32 } = memory;
  const word = at >>> 2;
  const bodyBytes = sizeBytes - SAMPLE_ID_BYTES;
  const timeNs = u64At(u32, at + bodyBytes);
  const pid = u32[word + 2];
  if (pid === 0 || pid === NO_PID) return;
  switch (u32[word]) {
    case PERF_RECORD_MMAP2: {
      const mapping = bodyBytes > MMAP2_BYTES ? mappingAt(memory, at, bodyBytes) : undefined;
      return mapping && { kind: "map", timeNs, pid, mapping };
    }
    case PERF_RECORD_COMM:
      if (bodyBytes < COMM_BYTES || (memory.u16[(at >>> 1) + 2] & PERF_RECORD_MISC_COMM_EXEC) === 0) return;
      return { kind: "exec", timeNs, pid };
    case PERF_RECORD_FORK: {
      const parent = u32[word + 3];
      return bodyBytes < TASK_BYTES || parent === pid ? undefined : { kind: "fork", timeNs, pid, parent };
    }
    case PERF_RECORD_EXIT:
      return bodyBytes < TASK_BYTES || u32[word + 4] !== pid ? undefined : { kind: "exit", timeNs, pid };
    default:
      return undefined;
  }
}

/**
 * struct { header; u32 pid, tid; u64 addr, len, pgoff; u32 maj, min; u64 ino, ino_generation; u32 prot, flags;
 * char filename[]; }
 */
function mappingAt({ u8, u32 }: SampleMemory, at: number, bodyBytes: number): Mapping | undefined {
  const start = u64At(u32, at + 16);
  const end = start + u64At(u32, at + 24);
  const fileOffset = u64At(u32, at + 32);
  if (!Number.isSafeInteger(end) || !Number.isSafeInteger(fileOffset) || start === end) return undefined;
  const name = textAt(u8, at + MMAP2_BYTES, at + bodyBytes);
  const deleted = name.endsWith(DELETED);
  return {
    start,
    end,
    executable: true,
    fileOffset,
    device: `${hexPair(u32[(at + 40) >>> 2])}:${hexPair(u32[(at + 44) >>> 2])}`,
    inode: u64At(u32, at + 48),
    inodeGeneration: u64At(u32, at + 56),
    path: name.startsWith("//") ? "" : deleted ? name.slice(0, -DELETED.length) : name, // "//anon" has no name
    deleted,
  };
}

/** Beyond 2^53 it is not exact. */
function u64At(u32: Uint32Array, at: number): number {
  return u32[at >>> 2] + u32[(at >>> 2) + 1] * TWO_32;
}

/** Up to a NUL. */
function textAt(u8: Uint8Array, from: number, to: number): string {
  const nul = u8.indexOf(0, from);
  const end = nul < 0 || nul > to ? to : nul;
  return Buffer.from(u8.buffer, u8.byteOffset + from, end - from).toString("utf8");
}

function hexPair(value: number): string {
  return value.toString(16).padStart(2, "0");
}
