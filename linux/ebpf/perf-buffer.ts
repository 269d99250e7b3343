import { invariant } from "@beetrace/std";
import { onlineCpus } from "./cpus.ts";
import type { BpfMap } from "./map.ts";
import { type OnPerfSample, PerfRing } from "./perf-ring.ts";
import type { Sys } from "./sys/sys.ts";
import { HybridWaker } from "./wake.ts";

// include/uapi/linux/perf_event.h
const PERF_TYPE_SOFTWARE = 1;
const PERF_COUNT_SW_BPF_OUTPUT = 10;
const PERF_SAMPLE_RAW = 1 << 10;

/** Options of {@link PerfBuffer}. */
export interface PerfBufferOptions {
  /** Size of each CPU's ring in bytes: a power of two, a multiple of the page size. */
  readonly sizeBytesPerCpu?: number;
}

/**
 * Reads what programs write with `bpf_perf_event_output` into a `BPF_MAP_TYPE_PERF_EVENT_ARRAY`: a ring per CPU, so
 * samples of different CPUs come in no order. Requires Linux 4.4; from 5.8 a ring buffer is better.
 */
export class PerfBuffer implements Disposable {
  readonly #sys: Sys;
  readonly #rings: PerfRing[] = [];
  #waker: HybridWaker | undefined;

  constructor(map: BpfMap, options: PerfBufferOptions = {}) {
    invariant(map.type === "BPF_MAP_TYPE_PERF_EVENT_ARRAY", `map ${map.name} is no perf event array`);
    this.#sys = map.sys;
    try {
      for (const cpu of onlineCpus()) this.#addCpu(map, cpu, options.sizeBytesPerCpu ?? 64 * this.#sys.pageSizeBytes);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  #addCpu(map: BpfMap, cpu: number, sizeBytes: number): void {
    const fd = this.#sys.perfEventOpen(
      {
        type: PERF_TYPE_SOFTWARE,
        config: PERF_COUNT_SW_BPF_OUTPUT,
        samplePeriod: 1,
        sampleType: PERF_SAMPLE_RAW,
        wakeupEvents: 1,
      },
      { pid: -1, cpu },
    );
    this.#rings.push(new PerfRing(this.#sys, cpu, fd, sizeBytes));
    map.update(word(cpu), word(fd));
    this.#sys.ioctl(fd, "PERF_EVENT_IOC_ENABLE", 0);
  }

  /** Samples that did not fit into their CPU's ring, as far as the records read so far tell. */
  get lost(): number {
    return this.#rings.reduce((sum, ring) => sum + ring.lost, 0);
  }

  /** Passes on the samples that are there, CPU by CPU. Gives how many there were. */
  consume(onSample: OnPerfSample): number {
    let count = 0;
    for (const ring of this.#rings) count += ring.consume(onSample);
    return count;
  }

  /** As `RingBuffer.start`. */
  start(onSample: OnPerfSample, onIdle?: () => void): void {
    invariant(this.#waker === undefined, "the perf buffer is being read already");
    this.#waker = new HybridWaker(
      { drain: () => this.consume(onSample), isEmpty: () => true, isFilling: () => true, onIdle },
      this.#rings.map((ring) => (onReadable) => this.#sys.poll(ring.fd, onReadable)),
    );
  }

  /** Ends `start`. What is still there can be read with `consume`. */
  stop(): void {
    this.#waker?.[Symbol.dispose]();
    this.#waker = undefined;
  }

  /** To be called before the map is disposed, and not from within `onSample`. */
  [Symbol.dispose](): void {
    this.stop();
    for (const ring of this.#rings.splice(0)) ring[Symbol.dispose]();
  }
}

function word(value: number): Uint8Array {
  return new Uint8Array(new Uint32Array([value]).buffer);
}
