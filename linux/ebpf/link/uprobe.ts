import type { Int } from "@beetrace/std";
import type { BpfProgram } from "../program.ts";
import { Link } from "./link.ts";
import { openPerfLink } from "./perf-link.ts";
import { PMU_RETURN_PROBE, pmuType } from "./pmu.ts";

/** Where a uprobe program attaches. */
export interface UprobeTarget {
  readonly path: string;
  /** Offset of the instruction in the file. */
  readonly offset: Int;
  /** Probe the return of the function. */
  readonly return?: boolean;
  /** Offset in the file of a USDT semaphore, which the kernel counts up while attached. Requires Linux 4.20. */
  readonly refCtrOffset?: number;
  /** Only this process; all by default. */
  readonly pid?: number;
  /** Given to the program by `bpf_get_attach_cookie`. Requires Linux 5.15. */
  readonly cookie?: Int;
}

const REF_CTR_OFFSET_SHIFT = 32n; // /sys/bus/event_source/devices/uprobe/format/ref_ctr_offset

/** Attaches a uprobe program through the uprobe PMU. Requires Linux 4.17. Closing takes 50-100 ms: see `attachUprobeMulti`. */
export function attachUprobe(program: BpfProgram, target: UprobeTarget): Link {
  const { path, offset, pid = -1, refCtrOffset = 0, cookie } = target;
  const name = `${path}:0x${offset.toString(16)}`;
  const fd = openPerfLink(program, {
    attr: {
      type: pmuType("uprobe"),
      config: (BigInt(refCtrOffset) << REF_CTR_OFFSET_SHIFT) | BigInt(target.return ? PMU_RETURN_PROBE : 0),
      config1: path,
      config2: offset,
    },
    target: { pid, cpu: pid === -1 ? 0 : -1 },
    cookie,
    name: `${target.return ? "uretprobe" : "uprobe"} ${name}`,
  });
  return new Link(program.sys, "uprobe", name, [fd]);
}
