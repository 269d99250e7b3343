import { findMapping, type Mapping } from "./process-maps.ts";

/** Programs replace themselves (exec) and libraries come and go: this many earlier states of a process are remembered. */
const MOST_STATES = 4;
const PAGE_BYTES = 4096;
const MOST_MISSED = 4096;

/**
 * The executable mappings of a process, now and before: an event may be older than the newest mappings,
 * and is often read when the process has ended.
 */
export class AddressSpace {
  /** Newest first. */
  readonly #states: (readonly Mapping[])[] = [];
  /** Pages that were in no mapping at the last look: garbage frames of a stack must not cost a read of /proc each. */
  readonly #missed = new Set<number>();
  #text: string | undefined;

  /** The mapping of `address`, in the newest state that has one. */
  find(address: number): Mapping | undefined {
    for (const mappings of this.#states) {
      const found = findMapping(mappings, address);
      if (found) return found;
    }
    return undefined;
  }

  hasMissed(address: number): boolean {
    return this.#missed.has(Math.floor(address / PAGE_BYTES));
  }

  miss(address: number): void {
    if (this.#missed.size >= MOST_MISSED) this.#missed.clear();
    this.#missed.add(Math.floor(address / PAGE_BYTES));
  }

  /** Takes a new state; `text` is what it was parsed from, so that an equal one is not taken twice. */
  update(text: string, parse: (text: string) => readonly Mapping[]): void {
    if (text === this.#text) return;
    this.#text = text;
    this.#missed.clear();
    this.#states.unshift(parse(text));
    if (this.#states.length > MOST_STATES) this.#states.pop();
  }

  /** The newest state. */
  get mappings(): readonly Mapping[] {
    return this.#states[0] ?? [];
  }
}
