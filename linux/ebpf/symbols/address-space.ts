import { coversMapping, findMapping, type Mapping, withMapping } from "./process-maps.ts";

/** Programs replace themselves (exec), and numbers of processes are used again: this many earlier states are remembered. */
const MOST_STATES = 4;
const PAGE_BYTES = 4096;
const MOST_MISSED = 4096;

/**
 * The executable mappings of a process, now and before: an event may be older than the newest mappings,
 * and is often read when the process has ended. Each state is a program that it was, with all that was mapped into it.
 */
export class AddressSpace {
  /** Whether its mappings have to be read before they are relied upon. */
  isUnread = true;
  /** The process that it was forked from, where that was seen. */
  parent: number | undefined;
  /** Newest first; arrays are shared between processes, and never written. */
  readonly #states: (readonly Mapping[])[] = [];
  /** Pages that were in no mapping at the last look: garbage frames of a stack must not cost a read of /proc each. */
  readonly #missed = new Set<number>();

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

  /** Another program begins, with these mappings. */
  begin(mappings: readonly Mapping[]): void {
    this.isUnread = false;
    this.#missed.clear();
    if (this.#states[0]?.length === 0) this.#states.shift();
    this.#states.unshift(mappings);
    if (this.#states.length > MOST_STATES) this.#states.pop();
  }

  /** One more mapping, in place of what it overlaps. */
  add(mapping: Mapping): void {
    const before = this.mappings;
    const after = withMapping(before, mapping);
    if (after === before) return;
    this.#states[0] = after;
    this.#missed.clear();
  }

  /**
   * Takes what is mapped now, in ascending order. What is gone stays known until something else is in its place; but
   * where nothing is as it was, this is another program.
   */
  update(mappings: readonly Mapping[]): void {
    this.isUnread = false;
    const before = this.mappings;
    const isAnother = !mappings.some((mapping) => coversMapping(findMapping(before, mapping.start), mapping));
    if (isAnother) this.begin(mappings);
    else for (const mapping of mappings) this.add(mapping);
  }

  /** The newest state. */
  get mappings(): readonly Mapping[] {
    return this.#states[0] ?? [];
  }
}
