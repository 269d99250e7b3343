import type { ProgramSpec } from "@beetrace/bytecode";
import { loadModuleBtf } from "./kernel-btf.ts";
import { functionsOf } from "./loaded-functions.ts";
import type { KernelTypes } from "./relocate.ts";
import type { Sys } from "./sys/sys.ts";
import { UnsupportedError } from "./unsupported-error.ts";

/** What a BTF-typed program attaches to. Zeros for others. */
export interface AttachTarget {
  readonly btfId: number;
  /** BTF of the module that holds it, or the BPF program that is traced, open; 0 for vmlinux. */
  readonly objectFd: number;
}

const NONE: AttachTarget = { btfId: 0, objectFd: 0 };

/** Looks up what the spec's `attachTo` names. Throws {@link UnsupportedError} when the kernel has none such. */
export function attachTarget(sys: Sys, spec: ProgramSpec, kernelTypes: () => KernelTypes): AttachTarget {
  const { attachTo: name, attachModule: module = "vmlinux", attachProgram } = spec;
  if (name === undefined) return NONE;
  if (attachProgram !== undefined) return programTarget(sys, attachProgram, name);
  const inModule = module !== "vmlinux";
  const btfId = inModule ? idInModule(module, spec, name) : idIn(kernelTypes(), spec, name);
  if (btfId === undefined) throw new UnsupportedError(`${targetWord(spec)} ${name}`);
  return { btfId, objectFd: inModule ? openModuleBtf(sys, module) : 0 };
}

/** What the module has itself comes before what the kernel has under the same name. */
function idInModule(module: string, spec: ProgramSpec, name: string): number | undefined {
  const types = loadModuleBtf(module);
  return idIn({ findType: (kind, each) => types.findOwnType(kind, each) }, spec, name) ?? idIn(types, spec, name);
}

function programTarget(sys: Sys, id: number, name: string): AttachTarget {
  const found = functionsOf(id, sys).find((each) => each.name === name);
  if (found === undefined) throw new UnsupportedError(`function ${name} of BPF program ${id}`);
  return { btfId: found.typeId, objectFd: sys.progGetFdById(id) };
}

/** The prefixes are the kernel's: include/trace/bpf_probe.h, include/linux/bpf.h, include/linux/bpf_lsm.h. */
function idIn(types: KernelTypes, spec: ProgramSpec, name: string): number | undefined {
  switch (spec.expectedAttachType) {
    case "BPF_TRACE_RAW_TP":
      return types.findType("typedef", `btf_trace_${name}`);
    case "BPF_TRACE_ITER":
      return types.findType("func", `bpf_iter_${name}`);
    case "BPF_LSM_MAC":
      return types.findType("func", `bpf_lsm_${name}`);
    default:
      return types.findType("func", name);
  }
}

function targetWord(spec: ProgramSpec): string {
  switch (spec.expectedAttachType) {
    case "BPF_TRACE_RAW_TP":
      return "raw tracepoint";
    case "BPF_TRACE_ITER":
      return "iterator";
    case "BPF_LSM_MAC":
      return "LSM hook";
    default:
      return "function";
  }
}

/** The kernel numbers its BTF objects, and each knows its module's name. */
function openModuleBtf(sys: Sys, module: string): number {
  for (let id = sys.btfGetNextId(0); id !== undefined; id = sys.btfGetNextId(id)) {
    const fd = sys.btfGetFdById(id);
    if (sys.btfName(fd) === module) return fd;
    sys.close(fd);
  }
  throw new UnsupportedError(`BTF of module ${module}`);
}
