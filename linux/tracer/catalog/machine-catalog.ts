import { statSync } from "node:fs";
import { join } from "node:path";
import {
  type Catalog,
  CatalogError,
  type UsdtSite,
  type UserFunction,
  type UserSymbol,
} from "@beetrace/compiler/target";
import type { TracepointFormat } from "@beetrace/compiler/tracepoint-format";
import { functionsOf, type LoadedFunction, loadedFunctions } from "@beetrace/ebpf";
import { type BootCache, KernelSymbols, KernelSymbolsError, openBootCache } from "@beetrace/ebpf/symbols";
import type { DebugInfo } from "@beetrace/object";
import { archivePath } from "./archive-path.ts";
import { iteratorNames } from "./iterators.ts";
import { KernelFunctions } from "./kernel-functions.ts";
import { KernelTypes } from "./kernel-types.ts";
import { findPerfEvent, HARDWARE_EVENTS, type PerfEvent, perfEventNames, SOFTWARE_EVENTS } from "./perf-events.ts";
import { rawTracepoints } from "./raw-tracepoints.ts";
import { Tracefs, type TracepointName } from "./tracefs.ts";
import { UserBinaries } from "./user-functions.ts";
import { type CommandProcess, isElf, resolveUserTargets } from "./user-targets.ts";
import { hasWildcard, matcher } from "./wildcard.ts";

/** What a catalog is for. Without a `cache` it keeps what it read in that of the present boot. */
export interface MachineCatalogOptions {
  /** The traced process, to which targets of user probes are relative. */
  readonly pid?: number;
  /** The process that is going to execute a program, which then is its own. */
  readonly child?: CommandProcess;
  readonly cache?: BootCache;
  /** See {@link KernelFunctionSources.listPath}. */
  readonly traceableFunctions?: string;
  /** Where debug files are looked for, before the usual places. */
  readonly debugDirectories?: readonly string[];
  /** `BPFTRACE_BTF` names a file with the types of the kernel, in place of the kernel's own. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

type Module = { readonly module?: string };

/** What can be probed on this machine. Each part is read when it is first asked for, once. */
export class MachineCatalog implements Catalog {
  readonly pid: number | undefined;
  readonly types: KernelTypes;
  readonly functions: KernelFunctions;
  readonly binaries: UserBinaries;
  readonly #child: CommandProcess | undefined;
  readonly #cache: BootCache;
  #tracefs: Tracefs | undefined;
  #symbols: KernelSymbols | undefined;

  constructor(options: MachineCatalogOptions = {}) {
    this.pid = options.pid;
    this.#child = options.child;
    this.binaries = new UserBinaries(options.debugDirectories);
    this.#cache = options.cache ?? openBootCache();
    this.types = new KernelTypes(this.#cache, options.environment?.BPFTRACE_BTF);
    this.functions = new KernelFunctions({
      listPath: options.traceableFunctions,
      tracefsRoot: () => this.#tracefsRoot(),
      symbols: () => this.symbols,
      hasBtf: () => (this.types.vmlinux ? (name) => this.types.describesFunction(name) : undefined),
    });
  }

  get tracefs(): Tracefs {
    this.#tracefs ??= Tracefs.find();
    return this.#tracefs;
  }

  get symbols(): KernelSymbols {
    this.#symbols ??= loadSymbols(this.#cache);
    return this.#symbols;
  }

  tracepoints(category: string, name: string): readonly TracepointName[] {
    return this.tracefs.matching(category, name);
  }

  tracepointFormat(category: string, name: string): TracepointFormat | undefined {
    return this.tracefs.format(category, name);
  }

  kernelFunctions(module: string | undefined, pattern: string): readonly ({ readonly name: string } & Module)[] {
    const isExact = !hasWildcard(pattern) && !hasWildcard(module ?? "");
    const found = isExact ? this.functions.named(pattern, module) : this.functions.matching(pattern, module);
    return found.map(withoutVmlinux);
  }

  bpfFunctions(programId: number | undefined, pattern: string): readonly LoadedFunction[] {
    const isMatch = matcher(pattern);
    const found = programId === undefined ? loadedFunctions() : functionsOf(programId);
    return found.filter(({ name }) => isMatch(name));
  }

  kernelAddress(symbol: string): bigint | undefined {
    return this.symbols.addressOf(symbol);
  }

  rawTracepoints(pattern: string): readonly ({ readonly name: string } & Module)[] {
    return rawTracepoints(this.types, pattern).map(withoutVmlinux);
  }

  userFiles(target: string): readonly string[] {
    return resolveUserTargets(target, { pid: this.pid, child: this.#child });
  }

  userFunctions(target: string, pattern: string, language?: "cpp"): readonly UserFunction[] {
    return this.#overFiles(target, (path) => this.binaries.functions(path, pattern, { language }));
  }

  userAddress(target: string, address: number, anyFile = false): UserFunction | undefined {
    const [path] = resolveUserTargets(target, { pid: this.pid, child: this.#child, anyFile });
    if (path === undefined) return undefined;
    if (anyFile && archivePath(path) === undefined && !isElf(path))
      return { path, name: "", address, fileOffset: address, sizeBytes: 0 };
    return this.binaries.functionAt(path, address);
  }

  userSymbol(path: string, name: string): UserSymbol | undefined {
    return this.binaries.symbol(path, name);
  }

  isGo(path: string): boolean {
    return this.binaries.isGo(path);
  }

  startsInstruction(func: UserFunction, offset: number): boolean {
    return this.binaries.startsInstruction(func, offset);
  }

  debugInfo(path: string): DebugInfo | undefined {
    return this.binaries.debugInfo(path);
  }

  usdtSites(target: string, provider: string, name: string): readonly UsdtSite[] {
    return this.#overFiles(target, (path) => this.binaries.usdtSites(path, provider, name));
  }

  softwareEvent(name: string): PerfEvent | undefined {
    return findPerfEvent(SOFTWARE_EVENTS, name);
  }

  hardwareEvent(name: string): PerfEvent | undefined {
    return findPerfEvent(HARDWARE_EVENTS, name);
  }

  softwareEvents(): readonly string[] {
    return perfEventNames(SOFTWARE_EVENTS);
  }

  hardwareEvents(): readonly string[] {
    return perfEventNames(HARDWARE_EVENTS);
  }

  iterators(): readonly string[] {
    const btf = this.types.vmlinux;
    return btf ? iteratorNames(btf) : [];
  }

  cgroupId(path: string): bigint | undefined {
    // cgroup v2, alone or beside v1. The id of a cgroup is the inode number of its directory.
    for (const root of ["", "/sys/fs/cgroup/unified", "/sys/fs/cgroup"]) {
      const stat = statSync(join(root || "/", path), { bigint: true, throwIfNoEntry: false });
      if (stat?.isDirectory()) return stat.ino;
    }
    return undefined;
  }

  [Symbol.dispose](): void {
    this.binaries[Symbol.dispose]();
  }

  /** Of one file its faults are told; of many those that cannot be read are passed over. */
  #overFiles<T>(target: string, read: (path: string) => readonly T[]): readonly T[] {
    const paths = this.userFiles(target);
    if (paths.length === 1) return read(paths[0]);
    return paths.flatMap((path) => readOrEmpty(() => read(path)));
  }

  #tracefsRoot(): string | undefined {
    try {
      return this.tracefs.root;
    } catch (error) {
      if (error instanceof CatalogError) return undefined;
      throw error;
    }
  }
}

function withoutVmlinux(found: { readonly name: string; readonly module: string }): { readonly name: string } & Module {
  return found.module === "vmlinux" ? { name: found.name } : found;
}

function loadSymbols(cache: BootCache): KernelSymbols {
  try {
    return KernelSymbols.load({ cache });
  } catch (cause) {
    if (cause instanceof KernelSymbolsError) throw new CatalogError(cause.message, cause.remedy, { cause });
    throw cause;
  }
}

function readOrEmpty<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read();
  } catch (error) {
    if (error instanceof CatalogError) return [];
    throw error;
  }
}
