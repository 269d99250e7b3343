import { Handle } from "./handle.ts";
import { type SampleMemory, sampleMemory } from "./sample-memory.ts";
import type { Mapping, Sys } from "./sys/sys.ts";

// Offsets in struct perf_event_mmap_page (include/uapi/linux/perf_event.h).
const DATA_HEAD = 1024;
const DATA_TAIL = 1032;
// enum perf_event_type
const PERF_RECORD_LOST = 2;
const PERF_RECORD_SAMPLE = 9;
const HEADER_BYTES = 8; // struct perf_event_header: u32 type, u16 misc, u16 size
const RAW_SIZE_BYTES = 4;
const RECORD_BYTES_MAX = 65536; // its size is 16 bits wide

const TWO_32 = 4294967296;

/** Called for each sample. The memory holds it only until the callback returns; it starts at a multiple of 4 only. */
export type OnPerfSample = (memory: SampleMemory, byteOffset: number, sizeBytes: number, cpu: number) => void;

/**
 * Called for each record of whatever type, with its header. The memory holds it only until the callback returns; it
 * starts at a multiple of 8.
 */
export type OnPerfRecord = (memory: SampleMemory, byteOffset: number, sizeBytes: number) => void;

/** The ring of one CPU's perf event. */
export class PerfRing implements Disposable {
  readonly cpu: number;
  /** Records that did not fit since the start. */
  lost = 0;
  readonly #sys: Sys;
  readonly #handle: Handle;
  readonly #mapping: Mapping;
  readonly #head: Uint32Array;
  readonly #tail: BigUint64Array;
  readonly #memory: SampleMemory;
  readonly #scratch: SampleMemory;
  readonly #sizeBytes: number;
  #position: number;

  /** Takes the file descriptor over. `sizeBytes`: a power of two, a multiple of the page size. */
  constructor(sys: Sys, cpu: number, fd: number, sizeBytes: number) {
    this.#sys = sys;
    this.cpu = cpu;
    this.#handle = new Handle(sys, "perf-event", `perf buffer of CPU ${cpu}`, fd);
    this.#sizeBytes = sizeBytes;
    const page = sys.pageSizeBytes;
    // Writable, so that the kernel heeds the tail and never overwrites what was not read.
    try {
      this.#mapping = sys.mmap(fd, 0, page + sizeBytes, true);
    } catch (error) {
      this.#handle[Symbol.dispose]();
      throw error;
    }
    this.#head = new Uint32Array(this.#mapping.buffer, DATA_HEAD, 1);
    this.#tail = new BigUint64Array(this.#mapping.buffer, DATA_TAIL, 1);
    this.#memory = sampleMemory(this.#mapping.buffer, page, sizeBytes);
    this.#scratch = sampleMemory(new ArrayBuffer(RECORD_BYTES_MAX), 0, RECORD_BYTES_MAX);
    this.#position = Number(Atomics.load(this.#tail, 0));
  }

  get fd(): number {
    return this.#handle.fd;
  }

  /** Passes on the samples that are there now. Gives their number. */
  consume(onSample: OnPerfSample): number {
    let count = 0;
    this.#walk((type, from, sizeBytes) => {
      if (type !== PERF_RECORD_SAMPLE) return;
      count++;
      this.#pass(from, sizeBytes, onSample);
    });
    return count;
  }

  /** Passes on the records that are there now, those of losses apart. Gives their number. */
  consumeRecords(onRecord: OnPerfRecord): number {
    if (this.pendingBytes === 0) return 0;
    let count = 0;
    this.#walk((type, from, sizeBytes) => {
      if (type === PERF_RECORD_LOST) return;
      count++;
      const [memory, at] = this.#whole(from, sizeBytes);
      onRecord(memory, at, sizeBytes);
    });
    return count;
  }

  /** How much has come since it was read. */
  get pendingBytes(): number {
    return (Atomics.load(this.#head, 0) - (this.#position % TWO_32)) >>> 0;
  }

  /** Goes over the records up to the head, counts losses, and gives the space back to the kernel. */
  #walk(visit: (type: number, from: number, sizeBytes: number) => void): void {
    const head = Atomics.load(this.#head, 0);
    const { u32 } = this.#memory;
    const mask = this.#sizeBytes - 1;
    const start = (this.#position % TWO_32) >>> 0;
    let at = start;
    try {
      while (at !== head) {
        const from = at & mask;
        const type = u32[from >>> 2];
        const sizeBytes = u32[(from >>> 2) + 1] >>> 16;
        if (sizeBytes < HEADER_BYTES) break; // no record: never loop on it
        at = (at + sizeBytes) >>> 0;
        if (type === PERF_RECORD_LOST) this.#countLost(from, sizeBytes);
        visit(type, from, sizeBytes);
      }
    } finally {
      this.#position += (at - start) >>> 0;
      Atomics.store(this.#tail, 0, BigInt(this.#position));
    }
  }

  #pass(from: number, sizeBytes: number, onSample: OnPerfSample): void {
    const [memory, at] = this.#whole(from, sizeBytes);
    const rawSize = memory.u32[(at + HEADER_BYTES) >>> 2];
    onSample(memory, at + HEADER_BYTES + RAW_SIZE_BYTES, rawSize, this.cpu);
  }

  /** struct { header; u64 id; u64 lost; } */
  #countLost(from: number, sizeBytes: number): void {
    const [memory, at] = this.#whole(from, sizeBytes);
    this.lost += Number(memory.u64[(at + HEADER_BYTES + 8) >>> 3]);
  }

  /** A record that wraps around the end is put together in the scratch memory. */
  #whole(from: number, sizeBytes: number): readonly [SampleMemory, number] {
    const { u8 } = this.#memory;
    const first = this.#sizeBytes - from;
    if (sizeBytes <= first) return [this.#memory, from];
    this.#scratch.u8.set(u8.subarray(from), 0);
    this.#scratch.u8.set(u8.subarray(0, sizeBytes - first), first);
    return [this.#scratch, 0];
  }

  [Symbol.dispose](): void {
    this.#sys.munmap(this.#mapping);
    this.#handle[Symbol.dispose]();
  }
}
