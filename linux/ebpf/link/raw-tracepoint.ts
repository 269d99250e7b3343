import type { Int } from "@beetrace/std";
import type { BpfProgram } from "../program.ts";
import { explained } from "../sys/error.ts";
import { Link } from "./link.ts";

/** Where a raw tracepoint program attaches. */
export interface RawTracepointTarget {
  /** The tracepoint's name: `"sys_enter"`. A BTF-typed program (`tp_btf`) has it from its load already. */
  readonly tracepoint: string;
  /** Given to the program by `bpf_get_attach_cookie`. Requires Linux 6.10. */
  readonly cookie?: Int;
}

/**
 * Attaches a raw tracepoint program (Linux 4.17), or one typed by BTF (Linux 5.5). Attaching and closing take 0.1 ms,
 * where a tracepoint through a perf event takes 50 to close.
 */
export function attachRawTracepoint(program: BpfProgram, target: RawTracepointTarget): Link {
  const { sys } = program;
  const name = program.type === "BPF_PROG_TYPE_RAW_TRACEPOINT" ? target.tracepoint : undefined;
  try {
    const fd = sys.rawTracepointOpen(program.fd, name, target.cookie);
    return new Link(sys, "raw-tracepoint", target.tracepoint, [fd]);
  } catch (error) {
    throw explained(error, `raw tracepoint ${target.tracepoint}`);
  }
}
