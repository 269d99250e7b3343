/**
 * The machine that a script is compiled for: an argument of the compiler, never looked up by it.
 * `linux/tracer` describes the live machine as one; tests use recorded ones.
 */
import type { Btf, ProgramType } from "@beetrace/bytecode";
import type { DebugInfo, UsdtArg } from "@beetrace/object";
import type { TracepointFormat } from "./tracepoint-format.ts";

/** Instruction sets that scripts are compiled for, as `uname -m` names them. */
export type Arch = "x86_64" | "aarch64";

/** Everything outside of the script that the compiled programs depend on. */
export interface Target {
  readonly arch: Arch;
  readonly kernelVersion: readonly [major: number, minor: number, patch: number];
  readonly possibleCpus: number;
  readonly pageSizeBytes: number;
  /** Types of the kernel (/sys/kernel/btf/vmlinux). */
  readonly btf: Btf | undefined;
  /** Types of a kernel module, with the kernel's below them; `undefined` for one that has none, or is not loaded. */
  readonly moduleBtf?: (module: string) => Btf | undefined;
  /** The pid namespace that pids are to be of, when it is not the initial one. */
  readonly pidNamespace?: { readonly dev: bigint; readonly inode: bigint };
  readonly features: TargetFeatures;
  readonly catalog: Catalog;
}

/** What the kernel can do, as probed. */
export interface TargetFeatures {
  /** Programs with BTF-typed contexts on raw tracepoints. Requires Linux 5.5. */
  readonly btfTracepoint: boolean;
  /** bpf_get_attach_cookie. Requires Linux 5.15. */
  readonly cookies: boolean;
  /** One link on many kernel functions. Requires Linux 5.18 and CONFIG_FPROBE. */
  readonly kprobeMulti: boolean;
  /** One program for the entry and the return of kernel functions. Requires Linux 6.10 and CONFIG_FPROBE. */
  readonly kprobeSession: boolean;
  /** One link on many user functions. Requires Linux 6.6. */
  readonly uprobeMulti: boolean;
  /** fentry and fexit. */
  readonly fentry: boolean;
  /** Frames of the tracer's own on top of a kernel stack; nothing where there is none. Measured, it is the kernel build's. */
  callerFrames(place: StackPlace): number | undefined;
  /** Whether the program types of these probes can call a helper (`ktime_get_tai_ns`, …). */
  helper(name: string): boolean;
  /** Whether the kernel has a function for programs to call; with a type, whether programs of that type may call it. */
  kfunc(name: string, type?: ProgramType): boolean;
}

/** What takes a kernel stack: a BTF raw tracepoint, or perf's tracepoint of a system call. */
export type StackPlace = "raw sys_enter" | "raw sys_exit" | "raw other" | "perf sys_enter" | "perf sys_exit";

/** A function that kprobe and fentry can be put on; `module` is absent for vmlinux itself. */
export interface KernelFunction {
  readonly name: string;
  readonly module?: string;
}

/** A function of a BPF program that is loaded. */
export interface BpfFunction {
  readonly programId: number;
  readonly name: string;
}

/** A function in a program or library. `address` is the file's own; the kernel puts uprobes at `fileOffset`. */
export interface UserFunction {
  /** The path of the file, as it was written where it was. */
  readonly path: string;
  /** The archive that holds it, if one does: what the kernel probes, and what `fileOffset` counts in. */
  readonly archive?: string;
  readonly name: string;
  readonly address: number;
  readonly fileOffset: number;
  readonly sizeBytes: number;
}

/** A symbol of a program or library. */
export interface UserSymbol {
  /** In the file: where it is in a process too, unless the file is position-independent. */
  readonly address: number;
  readonly sizeBytes: number;
  readonly positionIndependent: boolean;
}

/** One place of a USDT probe in a file, which may have several. Addresses are the file's own, before it is loaded. */
export interface UsdtSite {
  readonly path: string;
  /** As {@link UserFunction.archive}. */
  readonly archive?: string;
  readonly provider: string;
  readonly name: string;
  readonly address: number;
  readonly fileOffset: number;
  readonly semaphoreFileOffset?: number;
  readonly args: readonly UsdtArg[];
  readonly argText: string;
}

/**
 * What can be probed. Patterns may hold `*`. Every function throws a {@link CatalogError} where the machine
 * cannot answer, with what the user can do about it.
 */
export interface Catalog {
  tracepoints(category: string, name: string): readonly { readonly category: string; readonly name: string }[];
  tracepointFormat(category: string, name: string): TracepointFormat | undefined;
  kernelFunctions(module: string | undefined, pattern: string): readonly KernelFunction[];
  /** Functions of the BPF programs that are loaded; of the one with this id alone where one is given. */
  bpfFunctions(programId: number | undefined, pattern: string): readonly BpfFunction[];
  /** The address of a kernel symbol of any type. */
  kernelAddress(symbol: string): bigint | undefined;
  rawTracepoints(pattern: string): readonly { readonly name: string; readonly module?: string }[];
  /** Functions of a program or library; `language: "cpp"` compares demangled names. */
  userFunctions(target: string, pattern: string, language?: "cpp"): readonly UserFunction[];
  /** The files that a target names (`*`, a path with wildcards, a name on $PATH, `libfoo`). */
  userFiles(target: string): readonly string[];
  /**
   * The function that holds an address of a file, for `uprobe:BIN:ADDRESS`; where no symbol tells it, a nameless one
   * right there. With `anyFile` also in a file that is no ELF one: its addresses are offsets.
   */
  userAddress(target: string, address: number, anyFile?: boolean): UserFunction | undefined;
  /** A function or variable of a file. */
  userSymbol(path: string, name: string): UserSymbol | undefined;
  /** Whether a file is a program or library of Go, in which functions must not be probed at their return. */
  isGo(path: string): boolean;
  /** Whether an instruction starts so many bytes into a function: a uprobe elsewhere would destroy what runs there. */
  startsInstruction(func: UserFunction, offset: number): boolean;
  /** What the debug information of a file says: types, parameters, lines. `undefined` where there is none. */
  debugInfo(path: string): DebugInfo | undefined;
  usdtSites(target: string, provider: string, name: string): readonly UsdtSite[];
  softwareEvent(name: string): { readonly name: string; readonly defaultPeriod: number } | undefined;
  hardwareEvent(name: string): { readonly name: string; readonly defaultPeriod: number } | undefined;
  softwareEvents(): readonly string[];
  hardwareEvents(): readonly string[];
  iterators(): readonly string[];
  cgroupId(path: string): bigint | undefined;
}

/** The machine cannot answer a question about what can be probed. */
export class CatalogError extends Error {
  override readonly name = "CatalogError";
  readonly hint?: string;
  constructor(message: string, hint?: string, options?: { cause?: unknown }) {
    super(message, options);
    this.hint = hint;
  }
}
