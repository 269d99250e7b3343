import { Btf, PROGRAM_TYPES } from "@beetrace/bytecode";
import { ByteReader } from "@beetrace/std";
import { ENOENT, SyscallError } from "./sys/error.ts";
import { kernel } from "./sys/kernel.ts";
import type { Sys } from "./sys/sys.ts";

/** A function of a BPF program that is in the kernel, ours or another's. */
export interface LoadedFunction {
  /** The kernel's number of the program. */
  readonly programId: number;
  readonly name: string;
  /** Id in the program's own BTF. */
  readonly typeId: number;
}

const NO_FUNCTIONS: readonly LoadedFunction[] = [];
/** Offsets in struct bpf_prog_info (include/uapi/linux/bpf.h). */
const TYPE_AT = 0;
const JITED_LENGTH_AT = 16;
const BTF_ID_AT = 128;

/**
 * The functions of all programs that are loaded and can be traced themselves: those that were compiled to machine code,
 * have types, and are not tracing functions already. Requires Linux 5.5.
 */
export function loadedFunctions(sys: Sys = kernel): readonly LoadedFunction[] {
  const found: LoadedFunction[] = [];
  for (let id = sys.progGetNextId(0); id !== undefined; id = sys.progGetNextId(id)) found.push(...functionsOf(id, sys));
  return found;
}

/** As {@link loadedFunctions}, of one program; none if it is gone. */
export function functionsOf(programId: number, sys: Sys = kernel): readonly LoadedFunction[] {
  const fd = ifThere(() => sys.progGetFdById(programId));
  if (fd === undefined) return NO_FUNCTIONS;
  try {
    const { info, typeIds } = sys.progFunctions(fd);
    const at = (offset: number) => new ByteReader(info, true, offset).u32();
    const isTracing = at(TYPE_AT) === PROGRAM_TYPES.BPF_PROG_TYPE_TRACING;
    if (isTracing || at(JITED_LENGTH_AT) === 0 || at(BTF_ID_AT) === 0) return NO_FUNCTIONS;
    const btf = typesOf(at(BTF_ID_AT), sys);
    return typeIds.flatMap((typeId) => {
      const func = btf.type(typeId);
      return func.kind === "func" ? [{ programId, name: func.name, typeId }] : [];
    });
  } finally {
    sys.close(fd);
  }
}

function typesOf(btfId: number, sys: Sys): Btf {
  const fd = sys.btfGetFdById(btfId);
  try {
    return Btf.parse(sys.btfBytes(fd));
  } finally {
    sys.close(fd);
  }
}

/** A program may end between being listed and being looked at. */
function ifThere<T>(get: () => T): T | undefined {
  try {
    return get();
  } catch (error) {
    if (error instanceof SyscallError && error.errno === ENOENT) return undefined;
    throw error;
  }
}
