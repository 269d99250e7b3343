import type { Int } from "@beetrace/std";
import type { BpfProgram } from "../program.ts";
import { Link } from "./link.ts";
import { openPerfLink } from "./perf-link.ts";
import { PMU_RETURN_PROBE, pmuType } from "./pmu.ts";

/** Where a kprobe program attaches. */
export interface KprobeTarget {
  /** A kernel function, or an address (which tells apart functions of the same name). */
  readonly function: string | Int;
  /** Bytes from the function's start; only with a name. */
  readonly offset?: number;
  /** Probe the return. */
  readonly return?: boolean;
  /** Given to the program by `bpf_get_attach_cookie`. Requires Linux 5.15. */
  readonly cookie?: Int;
}

/** Attaches a kprobe program through the kprobe PMU. Requires Linux 4.17. Closing takes 80-100 ms. */
export function attachKprobe(program: BpfProgram, target: KprobeTarget): Link {
  const { function: place, offset = 0, cookie } = target;
  const named = typeof place === "string";
  const label = named ? `${place}${offset === 0 ? "" : `+${offset}`}` : `0x${place.toString(16)}`;
  const fd = openPerfLink(program, {
    attr: {
      type: pmuType("kprobe"),
      config: target.return ? PMU_RETURN_PROBE : 0,
      config1: named ? place : 0,
      config2: named ? offset : place,
    },
    target: { pid: -1, cpu: 0 },
    cookie,
    name: `${target.return ? "kretprobe" : "kprobe"} ${label}`,
  });
  return new Link(program.sys, "kprobe", label, [fd]);
}
