import { onlineCpus } from "./cpus.ts";
import { PerfRing } from "./perf-ring.ts";
import { type ProcessEvent, readProcessEvent } from "./process-event.ts";
import { explained } from "./sys/error.ts";
import { kernel } from "./sys/kernel.ts";
import type { PerfEventAttr, Poller, Sys } from "./sys/sys.ts";

// include/uapi/linux/perf_event.h
const PERF_TYPE_SOFTWARE = 1;
const PERF_COUNT_SW_DUMMY = 9;
const PERF_SAMPLE_TIME = 1 << 2;
const CLOCK_MONOTONIC = 1; // include/uapi/linux/time.h

/** Some 1,000 records, or 150 short-lived processes. */
const RING_BYTES = 128 << 10;
/** A record of a mapping with the longest path (PATH_MAX). */
const RECORD_BYTES_MAX = 4200;
/** Reading on while records keep coming must come to an end. */
const MOST_ROUNDS = 4;

/** An event that counts nothing: its ring gets the records that the kernel writes on the side. */
const ATTR: PerfEventAttr = {
  type: PERF_TYPE_SOFTWARE,
  config: PERF_COUNT_SW_DUMMY,
  mmap: true,
  mmap2: true,
  comm: true,
  commExec: true,
  task: true,
  sampleIdAll: true,
  sampleType: PERF_SAMPLE_TIME,
  clockid: CLOCK_MONOTONIC,
};

/** What a {@link ProcessEvents} tells of. */
export interface ProcessListener {
  /** What happened, in the order in which it did. */
  onEvents(events: readonly ProcessEvent[]): void;
  /** Some of what happened was not seen: nothing that was known of a process is sure any more. */
  onLost(): void;
  /** What the listener throws while a ring that fills up is read. */
  onError(error: unknown): void;
}

/**
 * Tells of every process of the machine that begins, becomes another program, maps code and ends, from its opening on:
 * a ring per CPU, read when it is half full and by {@link drain}. Requires Linux 4.1.
 */
export class ProcessEvents implements Disposable {
  readonly #sys: Sys;
  readonly #listener: ProcessListener;
  readonly #rings: PerfRing[] = [];
  readonly #pollers: Poller[] = [];
  #lost = 0;
  #wasFull = false;

  /** Throws `SyscallError`. */
  constructor(listener: ProcessListener, sys: Sys = kernel) {
    this.#sys = sys;
    this.#listener = listener;
    try {
      for (const cpu of onlineCpus()) this.#follow(cpu);
    } catch (error) {
      this[Symbol.dispose]();
      throw explained(error, "process events");
    }
  }

  #follow(cpu: number): void {
    const fd = this.#sys.perfEventOpen(ATTR, { pid: -1, cpu });
    const ring = new PerfRing(this.#sys, cpu, fd, RING_BYTES);
    this.#rings.push(ring);
    this.#pollers.push(this.#sys.poll(ring.fd, () => this.#drainGuarded()));
  }

  /**
   * Passes on what has happened up to now. Where nothing has, that costs one load from memory for each CPU.
   *
   * A process moves between CPUs, so that of two of its records the later may be seen in one ring before the earlier
   * arrives in another that was read already. Whatever came before what was seen is there by then: hence a ring is
   * read again until nothing is new.
   */
  drain(): void {
    const events: ProcessEvent[] = [];
    for (let round = 0; round < MOST_ROUNDS && this.#read(events) > 0; round++);
    if (events.length > 0) this.#listener.onEvents(events.sort((a, b) => a.timeNs - b.timeNs));
    const lost = this.#rings.reduce((sum, ring) => sum + ring.lost, 0);
    if (lost === this.#lost && !this.#wasFull) return;
    this.#lost = lost;
    this.#wasFull = false;
    this.#listener.onLost();
  }

  #read(events: ProcessEvent[]): number {
    let count = 0;
    for (const ring of this.#rings) {
      const { pendingBytes } = ring;
      if (pendingBytes === 0) continue;
      // The kernel tells of losses only with the next record for which there is room.
      if (pendingBytes > RING_BYTES - RECORD_BYTES_MAX) this.#wasFull = true;
      count += ring.consumeRecords((memory, at, sizeBytes) => {
        const event = readProcessEvent(memory, at, sizeBytes);
        if (event !== undefined) events.push(event);
      });
    }
    return count;
  }

  #drainGuarded(): void {
    try {
      this.drain();
    } catch (error) {
      this.#listener.onError(error);
    }
  }

  [Symbol.dispose](): void {
    for (const poller of this.#pollers.splice(0)) poller.close();
    for (const ring of this.#rings.splice(0)) ring[Symbol.dispose]();
  }
}
