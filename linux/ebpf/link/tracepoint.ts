import type { Int } from "@beetrace/std";
import type { BpfProgram } from "../program.ts";
import { tracepointId } from "../tracefs.ts";
import { UnsupportedError } from "../unsupported-error.ts";
import { Link } from "./link.ts";
import { openPerfLink } from "./perf-link.ts";

/** Where a tracepoint program attaches. */
export interface TracepointTarget {
  readonly category: string;
  readonly name: string;
  /** The kernel's number of the tracepoint, if the caller knows it already. */
  readonly id?: number;
  /** Given to the program by `bpf_get_attach_cookie`. Requires Linux 5.15. */
  readonly cookie?: Int;
}

const PERF_TYPE_TRACEPOINT = 2;

/** A tracepoint attachment: it remembers the tracepoint, so that many can be closed fast. */
export class TracepointLink extends Link {
  readonly tracepointId: number;

  constructor(program: BpfProgram, name: string, fd: number, id: number) {
    super(program.sys, "tracepoint", name, [fd]);
    this.tracepointId = id;
  }
}

/** The perf event of a tracepoint. Disabled: its programs run all the same, and perf itself has nothing to record. */
export function tracepointEvent(id: number) {
  return {
    attr: { type: PERF_TYPE_TRACEPOINT, config: id, disabled: true },
    target: { pid: -1, cpu: 0 },
  } as const;
}

/** Attaches a tracepoint program. Requires Linux 4.7. Throws `UnsupportedError` when there is no such tracepoint. */
export function attachTracepoint(program: BpfProgram, target: TracepointTarget): Link {
  const name = `${target.category}:${target.name}`;
  const id = target.id ?? tracepointId(target.category, target.name);
  if (id === undefined) throw new UnsupportedError(`tracepoint ${name}`);
  const fd = openPerfLink(program, { ...tracepointEvent(id), cookie: target.cookie, name: `tracepoint ${name}` });
  return new TracepointLink(program, name, fd, id);
}
