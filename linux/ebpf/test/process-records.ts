/** Records as the kernel writes them: kernel/events/core.c, include/uapi/linux/perf_event.h. */
import { type SampleMemory, sampleMemory } from "../sample-memory.ts";

export const PERF_RECORD_COMM = 3;
export const PERF_RECORD_EXIT = 4;
export const PERF_RECORD_FORK = 7;
export const PERF_RECORD_MMAP2 = 10;

/** A record: its header, the words of its body, and the time at its end. */
export function record(type: number, body: Uint8Array, timeNs = 0n, misc = 0): SampleMemory {
  const size = 8 + body.length + 8;
  const memory = sampleMemory(new ArrayBuffer(size), 0, size);
  memory.view.setUint32(0, type, true);
  memory.view.setUint16(4, misc, true);
  memory.view.setUint16(6, size, true);
  memory.u8.set(body, 8);
  memory.view.setBigUint64(size - 8, timeNs, true);
  return memory;
}

/** struct { u32 pid, ppid, tid, ptid; u64 time; } */
export function taskBody(pid: number, ppid: number, tid: number, ptid: number): Uint8Array {
  const body = new Uint8Array(24);
  new Uint32Array(body.buffer, 0, 4).set([pid, ppid, tid, ptid]);
  return body;
}

/** struct { u32 pid, tid; char comm[]; } */
export function commBody(pid: number, tid: number, comm: string): Uint8Array {
  const body = new Uint8Array(8 + (comm.length + 8 - (comm.length % 8)));
  new Uint32Array(body.buffer, 0, 2).set([pid, tid]);
  body.set(Buffer.from(comm), 8);
  return body;
}

/** What an mmap record tells. */
export interface Mapped {
  readonly pid: number;
  readonly start: bigint;
  readonly length: bigint;
  readonly fileOffset: bigint;
  readonly device: readonly [number, number];
  readonly inode: bigint;
  readonly generation: bigint;
  readonly name: string;
}

/** struct { u32 pid, tid; u64 addr, len, pgoff; u32 maj, min; u64 ino, ino_generation; u32 prot, flags; char filename[]; } */
export function mmap2Body(mapped: Mapped): Uint8Array {
  const name = Buffer.from(mapped.name);
  const body = new Uint8Array(64 + name.length + 8 - (name.length % 8));
  const view = new DataView(body.buffer);
  view.setUint32(0, mapped.pid, true);
  view.setUint32(4, mapped.pid, true);
  view.setBigUint64(8, mapped.start, true);
  view.setBigUint64(16, mapped.length, true);
  view.setBigUint64(24, mapped.fileOffset, true);
  view.setUint32(32, mapped.device[0], true);
  view.setUint32(36, mapped.device[1], true);
  view.setBigUint64(40, mapped.inode, true);
  view.setBigUint64(48, mapped.generation, true);
  view.setUint32(56, 5, true); // PROT_READ | PROT_EXEC
  view.setUint32(60, 2, true); // MAP_PRIVATE
  body.set(name, 64);
  return body;
}
