import { assembleProgram, helperId, MAP_TYPES, type MapSpec, type ProgramSpec } from "@beetrace/bytecode";
import { BpfProgram } from "../program.ts";
import { SyscallError } from "../sys/error.ts";
import type { LinkTarget, Sys } from "../sys/sys.ts";
import { UnsupportedError } from "../unsupported-error.ts";
import { VerifierError } from "../verifier-error.ts";

/** Whether the program loads. */
export function loads(sys: Sys, spec: ProgramSpec): boolean {
  const program = tryLoad(sys, spec);
  program?.[Symbol.dispose]();
  return program !== undefined;
}

/** Whether the program loads and can be run by hand. */
export function runsByHand(sys: Sys, spec: ProgramSpec): boolean {
  const program = tryLoad(sys, spec);
  if (program === undefined) return false;
  try {
    return refusal(() => program.testRun()) === undefined;
  } finally {
    program[Symbol.dispose]();
  }
}

/** The loaded program, or `undefined` where the kernel does not take it. */
export function tryLoad(sys: Sys, spec: ProgramSpec): BpfProgram | undefined {
  try {
    return BpfProgram.load(spec, { sys });
  } catch (error) {
    if (error instanceof SyscallError || error instanceof UnsupportedError) return undefined;
    throw error;
  }
}

/** Whether a map of that kind can be made. */
export function canCreateMap(sys: Sys, spec: Omit<MapSpec, "name">): boolean {
  return refusal(() => sys.close(createMap(sys, spec))) === undefined;
}

/** A map for probing; throws `SyscallError`. */
export function createMap(sys: Sys, spec: Omit<MapSpec, "name">): number {
  return sys.mapCreate({ ...spec, name: "probe", type: MAP_TYPES[spec.type], flags: spec.flags ?? 0 });
}

/** The errno of a refused call, `undefined` if it went well. */
export function refusal(call: () => void): number | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    if (error instanceof SyscallError) return error.errno;
    throw error;
  }
}

/** How the kernel refuses a link whose target is wrong on purpose: nothing gets attached. */
export function linkRefusal(
  sys: Sys,
  program: ProgramSpec,
  attachType: number,
  target: LinkTarget,
): number | undefined {
  const loaded = tryLoad(sys, program);
  if (loaded === undefined) return undefined;
  try {
    return refusal(() => sys.close(sys.linkCreate(loaded.fd, attachType, target)));
  } finally {
    loaded[Symbol.dispose]();
  }
}

/** What the verifier says of a helper that it does not know, or not for this program type (kernel/bpf/verifier.c). */
const UNKNOWN_HELPER = /unknown func|invalid func|program of this type cannot use helper|helper call is not allowed/;

/**
 * Whether programs of a type may call a helper. The call is without arguments: a kernel that has the helper complains
 * about those instead.
 */
export function helperSupported(
  sys: Sys,
  type: ProgramSpec["type"],
  helper: string,
  attach: Pick<ProgramSpec, "expectedAttachType" | "attachTo"> = {},
): boolean {
  if (helperId(helper) === undefined) return false;
  const spec = assembleProgram({ name: "probe", type, subprograms: [], ...attach }, (a) => {
    a.call(helper);
    a.exit();
  });
  try {
    BpfProgram.load(spec, { sys })[Symbol.dispose]();
    return true;
  } catch (error) {
    if (error instanceof VerifierError) return !UNKNOWN_HELPER.test(error.log);
    if (error instanceof SyscallError || error instanceof UnsupportedError) return false;
    throw error;
  }
}

/** What the verifier says of a function that is not for this program type, or not for programs (kernel/bpf/verifier.c). */
const FOREIGN_KFUNC = /is not allowed|kernel function call is not supported|not find BTF/;
/** Programs of this type are loaded for something: any raw tracepoint that every kernel has. */
const TRACED = { expectedAttachType: "BPF_TRACE_RAW_TP", attachTo: "sched_switch" } as const;

/** Whether programs of a type may call a function of the kernel: as {@link helperSupported} finds it out. */
export function kfuncAllowed(sys: Sys, type: ProgramSpec["type"], kfunc: string): boolean {
  const traced = type === "BPF_PROG_TYPE_TRACING" ? TRACED : {};
  const spec = assembleProgram({ name: "probe", type, license: "GPL", subprograms: [], ...traced }, (a) => {
    a.callKfunc(kfunc);
    a.exit();
  });
  try {
    BpfProgram.load(spec, { sys })[Symbol.dispose]();
    return true;
  } catch (error) {
    if (error instanceof VerifierError) return !FOREIGN_KFUNC.test(error.log);
    if (error instanceof SyscallError) return false;
    throw error;
  }
}
