import type { Sys } from "./sys/sys.ts";

/** What a live file descriptor stands for. */
export type HandleKind = "map" | "program" | "link" | "perf-event" | "stats" | "iterator" | "socket";

/** A live kernel object made by this library and not yet disposed. */
export interface OpenHandle {
  readonly kind: HandleKind;
  readonly name: string;
  readonly fd: number;
}

const open = new Set<Handle>();

/** Every map, program and link that is still open, for tests: what is left at the end is a leak. */
export function openHandles(): readonly OpenHandle[] {
  return [...open].map(({ kind, name, fd }) => ({ kind, name, fd }));
}

/** A file descriptor that is closed once. */
export class Handle implements OpenHandle {
  readonly kind: HandleKind;
  readonly name: string;
  readonly fd: number;
  readonly #sys: Sys;

  constructor(sys: Sys, kind: HandleKind, name: string, fd: number) {
    this.#sys = sys;
    this.kind = kind;
    this.name = name;
    this.fd = fd;
    open.add(this);
  }

  get closed(): boolean {
    return !open.has(this);
  }

  /** Gives the file descriptor away: whoever takes it closes it. `undefined` when it is closed already. */
  release(): number | undefined {
    return open.delete(this) ? this.fd : undefined;
  }

  [Symbol.dispose](): void {
    if (open.delete(this)) this.#sys.close(this.fd);
  }
}
