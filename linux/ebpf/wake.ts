import type { Poller } from "./sys/sys.ts";

/** How often a ring that had data is looked at: 2.3 M samples/s pass through 16 MB with no loss at 7 % of a CPU. */
const DRAIN_INTERVAL_MS = 1;

/** What is to be read, as {@link HybridWaker} sees it. */
export interface Drainable {
  /** Passes on what is there; gives how much it was. */
  drain(): number;
  /** Whether nothing is there, not even a sample that is still being written. */
  isEmpty(): boolean;
  /** Called after a drain that found nothing. */
  onIdle?(): void;
}

/**
 * Waking by file descriptor while there is nothing to read, by timer while there is: each wake-up costs the producer
 * some 6 µs, which at a high rate is more than its sample, and a timer costs it nothing. Polling is level-triggered, so
 * what arrives between the last look and the start of polling is seen.
 */
export class HybridWaker implements Disposable {
  readonly #source: Drainable;
  readonly #pollers: readonly Poller[];
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** `open` starts polling one file descriptor for readability. */
  constructor(source: Drainable, open: readonly ((onReadable: () => void) => Poller)[]) {
    this.#source = source;
    this.#pollers = open.map((start) => start(() => this.#wake()));
  }

  #wake(): void {
    if (this.#stopped || this.#timer !== undefined) return;
    for (const poller of this.#pollers) poller.stop();
    this.#turn();
  }

  #turn(): void {
    this.#timer = undefined;
    let count: number;
    try {
      count = this.#source.drain();
      if (count === 0) this.#source.onIdle?.();
    } catch (error) {
      // Thrown from the event loop, after which reading goes on if the process does.
      this.#later();
      throw error;
    }
    if (this.#stopped) return;
    if (count > 0 || !this.#source.isEmpty()) this.#later();
    else for (const poller of this.#pollers) poller.start();
  }

  #later(): void {
    if (!this.#stopped) this.#timer = setTimeout(() => this.#turn(), DRAIN_INTERVAL_MS);
  }

  [Symbol.dispose](): void {
    if (this.#stopped) return;
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const poller of this.#pollers) poller.close();
  }
}
