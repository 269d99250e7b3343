import { readFileSync } from "node:fs";
import type { ProcessEvent } from "../process-event.ts";
import { AddressSpace } from "./address-space.ts";
import { type Mapping, parseMaps } from "./process-maps.ts";

/** Of each kind; of the living the one not heard of for the longest is forgotten first, of the dead the first that ended. */
const MOST_SPACES = 4096;

/**
 * The address spaces of processes: of those that run now by /proc, and by what {@link ProcessEvent}s tell of them, which
 * is all there is about a process that has ended.
 */
export class ProcessSpaces {
  readonly #proc: string;
  readonly #living = new Map<number, AddressSpace>();
  readonly #ended = new Map<number, AddressSpace>();

  constructor(proc = "/proc") {
    this.#proc = proc;
  }

  /** The process' address space. It is read from /proc where nothing is known of it, or not for sure. */
  of(pid: number): AddressSpace {
    const ended = this.#ended.get(pid);
    if (ended) return ended;
    const space = this.#living.get(pid) ?? new AddressSpace();
    this.#keep(pid, space);
    if (space.isUnread) this.refresh(pid, space);
    return space;
  }

  has(pid: number): boolean {
    return this.#living.has(pid) || this.#ended.has(pid);
  }

  /** The process and those that it came from, as far as is known. */
  *lineage(pid: number): Iterable<number> {
    const seen = new Set<number>();
    for (let next: number | undefined = pid; next !== undefined && !seen.has(next); ) {
      yield next;
      seen.add(next);
      next = (this.#living.get(next) ?? this.#ended.get(next))?.parent;
    }
  }

  /** Reads what the process has mapped now. */
  refresh(pid: number, space: AddressSpace): void {
    space.isUnread = false;
    if (this.#ended.has(pid)) return; // its number may be another's
    const mappings = readMappings(`${this.#proc}/${pid}/maps`);
    // A process that is ending has no mappings any more: what it had stays true for its events.
    if (mappings.length > 0) space.update(mappings);
  }

  /** Takes in what happened. Events are to be passed on in their order. */
  apply(event: ProcessEvent): void {
    const { pid } = event;
    switch (event.kind) {
      case "fork":
        return this.#fork(pid, event.parent);
      case "exec":
        return this.#revived(pid).begin([]);
      case "map":
        return this.#known(pid).add(event.mapping);
      case "exit":
        return this.#end(pid);
    }
  }

  /** Not all that happened is known: what runs is read again before it is asked about. */
  doubt(): void {
    for (const space of this.#living.values()) space.isUnread = true;
  }

  /** Drops what is known of a process. */
  forget(pid: number): void {
    this.#living.delete(pid);
    this.#ended.delete(pid);
  }

  /** The child has what its parent has, and before that what another process of its number had. */
  #fork(pid: number, parent: number): void {
    const { mappings } = this.#known(parent);
    const child = this.#revived(pid);
    child.parent = parent;
    child.begin(mappings);
  }

  #end(pid: number): void {
    const space = this.#living.get(pid);
    if (!space) return;
    this.#living.delete(pid);
    this.#ended.set(pid, space);
    dropOldest(this.#ended);
  }

  /** A process that was there before we listened is read when it is first heard of: it may not be there for long. */
  #known(pid: number): AddressSpace {
    const space = this.#revived(pid);
    if (space.isUnread) this.refresh(pid, space);
    return space;
  }

  /** An exec by a thread ends the first thread, whose number it takes: then it was no end. */
  #revived(pid: number): AddressSpace {
    const space = this.#living.get(pid) ?? this.#ended.get(pid) ?? new AddressSpace();
    this.#ended.delete(pid);
    this.#keep(pid, space);
    return space;
  }

  #keep(pid: number, space: AddressSpace): void {
    this.#living.delete(pid);
    this.#living.set(pid, space);
    dropOldest(this.#living);
  }
}

function dropOldest(spaces: Map<number, AddressSpace>): void {
  if (spaces.size > MOST_SPACES) spaces.delete(spaces.keys().next().value ?? 0);
}

/** The mappings that can be executed; none of a process that has ended. */
export function readMappings(path: string): readonly Mapping[] {
  try {
    const executable = parseMaps(readFileSync(path, "utf8")).filter((mapping) => mapping.executable);
    // A part of a string keeps the whole of it in memory: the paths are copied.
    return executable.map((mapping) => ({ ...mapping, path: Buffer.from(mapping.path).toString() }));
  } catch {
    return [];
  }
}
