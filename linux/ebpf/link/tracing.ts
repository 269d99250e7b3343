import { ATTACH_TYPES, type AttachType } from "@beetrace/bytecode";
import type { Int } from "@beetrace/std";
import type { BpfProgram } from "../program.ts";
import { explained } from "../sys/error.ts";
import { Link } from "./link.ts";

/** How a BTF-typed program attaches; what to was decided when it was loaded. */
export interface TracingTarget {
  /** The program's expected attach type. */
  readonly attachType: Extract<
    AttachType,
    "BPF_TRACE_RAW_TP" | "BPF_TRACE_FENTRY" | "BPF_TRACE_FEXIT" | "BPF_MODIFY_RETURN" | "BPF_LSM_MAC"
  >;
  /** For messages. */
  readonly name: string;
  /** Given to the program by `bpf_get_attach_cookie`. Requires Linux 6.0, for BPF_TRACE_RAW_TP 6.10. */
  readonly cookie?: Int;
}

/** Attaches an fentry, fexit, fmod_ret, LSM or tp_btf program. Requires Linux 5.5 (LSM 5.7). */
export function attachTracing(program: BpfProgram, target: TracingTarget): Link {
  const { sys } = program;
  const { cookie } = target;
  try {
    // Without a cookie the older call will do, which every kernel with such programs has.
    const fd =
      cookie === undefined
        ? sys.rawTracepointOpen(program.fd, undefined)
        : sys.linkCreate(program.fd, ATTACH_TYPES[target.attachType], { kind: "tracing", cookie });
    return new Link(sys, "tracing", target.name, [fd]);
  } catch (error) {
    throw explained(error, target.name);
  }
}
