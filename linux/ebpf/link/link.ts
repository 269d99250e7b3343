import { Handle } from "../handle.ts";
import type { Sys } from "../sys/sys.ts";

/** How a program is attached. */
export type LinkKind =
  | "raw-tracepoint"
  | "tracepoint"
  | "kprobe"
  | "kprobe-multi"
  | "uprobe"
  | "uprobe-multi"
  | "tracing"
  | "perf-event"
  | "iterator";

/**
 * A live attachment: it ends when it is disposed. Ending one that went through a perf event takes 50-100 ms of RCU grace
 * periods; `closeLinks` ends many in the time of a few.
 */
export class Link implements Disposable {
  readonly kind: LinkKind;
  /** What it is attached to, for messages. */
  readonly name: string;
  readonly sys: Sys;
  readonly #handles: readonly Handle[];

  /** `fds`: everything that is to be closed, in this order. */
  constructor(sys: Sys, kind: LinkKind, name: string, fds: readonly number[]) {
    this.sys = sys;
    this.kind = kind;
    this.name = name;
    this.#handles = fds.map((fd) => new Handle(sys, "link", name, fd));
  }

  /** The file descriptor of the BPF link (of the perf event where the kernel is too old for links on those). */
  get fd(): number {
    return this.#handles[this.#handles.length - 1].fd;
  }

  /** Gives away the open file descriptors, in the order in which they are to be closed. */
  release(): number[] {
    return this.#handles.map((handle) => handle.release()).filter((fd) => fd !== undefined);
  }

  [Symbol.dispose](): void {
    for (const handle of this.#handles) handle[Symbol.dispose]();
  }
}
