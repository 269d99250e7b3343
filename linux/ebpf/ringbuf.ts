import { invariant } from "@beetrace/std";
import type { BpfMap } from "./map.ts";
import { type SampleMemory, sampleMemory } from "./sample-memory.ts";
import type { Mapping, Sys } from "./sys/sys.ts";
import { HybridWaker } from "./wake.ts";

/**
 * Called for each sample. The memory holds it only until the callback returns; it starts at a multiple of 8. `true` says
 * that it took long: the event loop has a turn before the next.
 */
export type OnSample = (memory: SampleMemory, byteOffset: number, sizeBytes: number) => unknown;

/** Longest time for which samples are passed on without the event loop having a turn. */
const TURN_MS = 50;
/** The clock is looked at, and room given back to the producer, after so many bytes at the latest. */
const BATCH_BYTES = 1 << 16;

/** A smaller ring is filled in no time. */
const SLOW_BYTES_MIN = 1 << 20;
/** A ring of which this part was waiting fills up. */
const FILLING_PART = 16;

// The header of a sample: include/uapi/linux/bpf.h and kernel/bpf/ringbuf.c.
const BPF_RINGBUF_BUSY_BIT = 0x80000000;
const BPF_RINGBUF_DISCARD_BIT = 0x40000000;
const SIZE_MASK = 0x3fffffff;
const HEADER_BYTES = 8;

const TWO_32 = 4294967296;

/**
 * Reads a `BPF_MAP_TYPE_RINGBUF`. Requires Linux 5.8.
 *
 * Positions are read as their low 32 bits: the ring is smaller than 2^31, so differences are exact.
 */
export class RingBuffer implements Disposable {
  readonly sizeBytes: number;
  readonly #sys: Sys;
  readonly #fd: number;
  readonly #consumerPage: Mapping;
  readonly #producerPages: Mapping;
  readonly #consumerPosition: BigUint64Array;
  readonly #producerPosition: Uint32Array;
  readonly #memory: SampleMemory;
  #waker: HybridWaker | undefined;
  #position: number;
  #bytesMax = 0;
  /** What was waiting when the last `consume` began. */
  #bytesFound = 0;
  /** The callback asked for a turn of the event loop. */
  #yields = false;
  #disposed = false;

  constructor(map: BpfMap) {
    invariant(map.type === "BPF_MAP_TYPE_RINGBUF", `map ${map.name} is no ring buffer`);
    this.#sys = map.sys;
    this.#fd = map.fd;
    this.sizeBytes = map.maxEntries;
    const page = this.#sys.pageSizeBytes;
    this.#consumerPage = this.#sys.mmap(map.fd, 0, page, true);
    // The data follow the producer's page, twice in a row: a sample never wraps.
    this.#producerPages = this.#sys.mmap(map.fd, page, page + 2 * this.sizeBytes, false);
    this.#consumerPosition = new BigUint64Array(this.#consumerPage.buffer, 0, 1);
    this.#producerPosition = new Uint32Array(this.#producerPages.buffer, 0, 1);
    this.#memory = sampleMemory(this.#producerPages.buffer, page, 2 * this.sizeBytes);
    this.#position = Number(Atomics.load(this.#consumerPosition, 0));
  }

  /** The most bytes that were seen waiting: when it nears `sizeBytes`, samples are being dropped. */
  get bytesSeenMax(): number {
    return this.#bytesMax;
  }

  /**
   * Passes on the samples that are there, at most about one ring full and for {@link TURN_MS}, so that the event loop
   * goes on. Gives how many it passed on. Allocates nothing per sample.
   */
  consume(onSample: OnSample): number {
    if (this.#disposed) return 0;
    let count = 0;
    this.#bytesFound = this.#bytesWaiting;
    const until = performance.now() + TURN_MS;
    this.#yields = false;
    for (let budget = this.sizeBytes; budget > 0 && !this.#yields && performance.now() < until; ) {
      const start = (this.#position % TWO_32) >>> 0;
      const end = Atomics.load(this.#producerPosition, 0);
      if (end === start) break;
      this.#bytesMax = Math.max(this.#bytesMax, (end - start) >>> 0);
      const before = this.#position;
      count += this.#consumeBetween(start, end, onSample);
      if (this.#position === before) break; // the next sample is still being written
      budget -= this.#position - before;
    }
    return count;
  }

  /** The room is given back after a quarter of the ring at the latest: the producer does not wait for a whole turn. */
  #consumeBetween(start: number, end: number, onSample: OnSample): number {
    const memory = this.#memory;
    const { u32 } = memory;
    const mask = this.sizeBytes - 1;
    const batchBytes = Math.min(this.sizeBytes >>> 2, BATCH_BYTES);
    let count = 0;
    let at = start;
    try {
      while (at !== end && (at - start) >>> 0 < batchBytes && !this.#yields) {
        const header = Atomics.load(u32, (at & mask) >>> 2);
        if ((header & BPF_RINGBUF_BUSY_BIT) !== 0) break;
        const sizeBytes = header & SIZE_MASK;
        const sample = (at & mask) + HEADER_BYTES;
        at = (at + HEADER_BYTES + ((sizeBytes + 7) & ~7)) >>> 0;
        if ((header & BPF_RINGBUF_DISCARD_BIT) !== 0) continue;
        count++;
        this.#yields = onSample(memory, sample, sizeBytes) === true;
      }
    } finally {
      this.#advance((at - start) >>> 0);
    }
    return count;
  }

  #advance(bytes: number): void {
    if (bytes === 0 || this.#disposed) return;
    this.#position += bytes;
    Atomics.store(this.#consumerPosition, 0, BigInt(this.#position));
  }

  /** Whether nothing is waiting, not even a sample that is still being written. */
  get isEmpty(): boolean {
    return this.#bytesWaiting === 0;
  }

  get #bytesWaiting(): number {
    return (Atomics.load(this.#producerPosition, 0) - ((this.#position % TWO_32) >>> 0)) >>> 0;
  }

  /**
   * Passes on samples as they come, a stream of them 100 ms late at most, and keeps the process alive for it. `onIdle` is
   * called each time the ring was emptied: the moment to flush output. An exception of a callback is thrown from the event loop.
   */
  start(onSample: OnSample, onIdle?: () => void): void {
    invariant(!this.#disposed && this.#waker === undefined, "the ring buffer is being read already");
    this.#waker = new HybridWaker(
      {
        drain: () => this.consume(onSample),
        isEmpty: () => this.#disposed || this.isEmpty,
        isFilling: () => this.sizeBytes < SLOW_BYTES_MIN || this.#bytesFound > this.sizeBytes / FILLING_PART,
        onIdle,
      },
      [(onReadable) => this.#sys.poll(this.#fd, onReadable)],
    );
  }

  /** Ends `start`. What is still in the ring can be read with `consume`. */
  stop(): void {
    this.#waker?.[Symbol.dispose]();
    this.#waker = undefined;
  }

  /** To be called before the map is disposed, and not from within `onSample`. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.stop();
    this.#disposed = true;
    this.#sys.munmap(this.#consumerPage);
    this.#sys.munmap(this.#producerPages);
  }
}
