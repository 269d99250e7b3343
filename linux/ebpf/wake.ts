import type { Poller } from "./sys/sys.ts";

/** How often a stream is looked at: a turn of Node's event loop takes up to 400 µs, so that 25 of them are 1 % of a CPU. */
const STREAM_INTERVAL_MS = 40;
/** What comes so soon after the last is of a stream: two of it or more will be there after an interval. */
const STREAM_GAP_MS = STREAM_INTERVAL_MS / 2;
/** How often a ring that is filling up is looked at: 2.3 M samples/s pass through 16 MB with no loss at 7 % of a CPU. */
const FLOOD_INTERVAL_MS = 1;

/** What is to be read, as {@link HybridWaker} sees it. */
export interface Drainable {
  /** Passes on what is there; gives how much it was. */
  drain(): number;
  /** Whether nothing is there, not even a sample that is still being written. */
  isEmpty(): boolean;
  /** Whether so much was there at the last drain that the next must not wait for long. */
  isFilling(): boolean;
  /** Called after a drain that left nothing. */
  onIdle?(): void;
}

/**
 * Waking by file descriptor while little comes, by timer while much does: each wake-up costs the producer some 6 µs and
 * the reader a turn of its event loop, which at a high rate is more than the samples, and a timer costs the producer
 * nothing. Polling is level-triggered, so what arrives between the last look and the start of polling is seen.
 */
export class HybridWaker implements Disposable {
  readonly #source: Drainable;
  readonly #pollers: readonly Poller[];
  #timer: NodeJS.Timeout | undefined;
  #polledSince = Number.NEGATIVE_INFINITY;
  #stopped = false;

  /** `open` starts polling one file descriptor for readability. */
  constructor(source: Drainable, open: readonly ((onReadable: () => void) => Poller)[]) {
    this.#source = source;
    this.#pollers = open.map((start) => start(() => this.#wake()));
  }

  #wake(): void {
    if (this.#stopped || this.#timer !== undefined) return;
    for (const poller of this.#pollers) poller.stop();
    this.#turn(performance.now() - this.#polledSince < STREAM_GAP_MS ? 1 : Number.POSITIVE_INFINITY);
  }

  /** From `streamMin` samples on it is a stream. */
  #turn(streamMin: number): void {
    this.#timer = undefined;
    const source = this.#source;
    let isStream: boolean;
    try {
      const count = source.drain();
      isStream = count >= (source.isFilling() ? 1 : streamMin) || !source.isEmpty();
      if (!this.#stopped && source.isEmpty()) source.onIdle?.();
    } catch (error) {
      // Thrown from the event loop, after which reading goes on if the process does.
      this.#later();
      throw error;
    }
    if (this.#stopped) return;
    if (isStream) this.#later();
    else this.#poll();
  }

  #poll(): void {
    this.#polledSince = performance.now();
    for (const poller of this.#pollers) poller.start();
  }

  #later(): void {
    if (this.#stopped) return;
    const isUrgent = this.#source.isFilling() || !this.#source.isEmpty();
    this.#timer = setTimeout(() => this.#turn(2), isUrgent ? FLOOD_INTERVAL_MS : STREAM_INTERVAL_MS);
  }

  [Symbol.dispose](): void {
    if (this.#stopped) return;
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const poller of this.#pollers) poller.close();
  }
}
