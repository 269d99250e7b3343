import { statSync } from "node:fs";
import { demangle, type Elf, type SourcePlace } from "@beetrace/object";
import type { Int } from "@beetrace/std";
import type { ProcessEvent } from "../process-event.ts";
import { AddressSpace } from "./address-space.ts";
import type { ElfFile } from "./elf-file.ts";
import { JitSymbols } from "./jit-symbols.ts";
import { MappedFiles } from "./mapped-files.ts";
import { isFileMapping, type Mapping } from "./process-maps.ts";
import { ProcessSpaces, readMappings } from "./process-spaces.ts";
import { readOrUndefined } from "./read-or-undefined.ts";
import { readVdso } from "./vdso.ts";

/** A name for an address of a process. `offset` is in bytes from the symbol's start. */
export interface UserSymbol {
  readonly name: string;
  readonly offset: number;
  /** Path of the program or library, `[vdso]`, or `[jit]`. */
  readonly module: string;
}

/** A name for an address of a stack, with what debug information says of it. */
export interface UserFrame extends UserSymbol {
  /** `path:line`. Of a function that has others in it at that place: where it calls them. */
  readonly source?: string;
  /** Functions whose code was put there, innermost first. */
  readonly inlined?: readonly { readonly name: string; readonly source?: string }[];
}

/** Where in which file an address is. */
export interface UserLocation {
  readonly module: string;
  readonly fileOffset: number;
  /** Lower-case hexadecimal. */
  readonly buildId?: string;
}

/**
 * How long mappings are kept: `per-pid` for each process, `per-program` shared by all processes of a program (right
 * only when it is mapped at the same addresses each time: no address space randomisation), `none` read at each look-up.
 * Whatever is chosen, a process that has ended is known by what was seen of it.
 */
export type UserSymbolCache = "per-pid" | "per-program" | "none";

/** How addresses of processes are looked up, and where the files that it takes are. */
export interface UserSymbolsOptions {
  readonly cache?: UserSymbolCache;
  /** Default true. */
  readonly demangle?: boolean;
  /** Where debug files are looked for, before the usual places. */
  readonly debugDirectories?: readonly string[];
  /** Default `/proc`. */
  readonly proc?: string;
  /** Default `/tmp`: where perf-PID.map files are. */
  readonly tmp?: string;
}

/** Programs remembered, with `per-program`. */
const MOST_PROGRAMS = 4096;

/**
 * Names for addresses of processes. Also of those that have ended, when they were tracked or looked at before, or when
 * what happens to processes is passed on ({@link apply}).
 */
export class UserSymbols {
  readonly #cache: UserSymbolCache;
  readonly #demangle: boolean;
  readonly #proc: string;
  readonly #jit: JitSymbols;
  readonly #spaces: ProcessSpaces;
  readonly #files: MappedFiles;
  readonly #programSpaces = new Map<string, AddressSpace>();
  readonly #programs = new Map<number, string>();
  #vdso: { readonly elf: Elf | undefined } | undefined;

  constructor(options: UserSymbolsOptions = {}) {
    this.#cache = options.cache ?? "per-pid";
    this.#demangle = options.demangle ?? true;
    this.#proc = options.proc ?? "/proc";
    this.#jit = new JitSymbols(this.#proc, options.tmp);
    this.#spaces = new ProcessSpaces(this.#proc);
    this.#files = new MappedFiles(this.#proc, (pid) => this.#spaces.lineage(pid), options.debugDirectories ?? []);
  }

  /**
   * The symbol at `address` of process `pid`. `program` is the path of its executable, where it is known: with
   * `per-program` a process that has ended finds its mappings by it.
   */
  lookup(pid: number, address: Int, program?: string): UserSymbol | undefined {
    const at = Number(address);
    if (!Number.isSafeInteger(at) || at < 0) return undefined;
    const mapping = this.#locate(pid, at, program);
    if (mapping?.path === "[vdso]") return this.#inVdso(at - mapping.start);
    const file = mapping && this.#file(pid, mapping);
    if (mapping && file) return this.#inFile(file, mapping, at);
    const jitted = this.#jit.lookup(pid, at);
    return jitted && { ...jitted, module: "[jit]" };
  }

  /**
   * The symbol at an address of a stack, and by the debug information of its file where in the source code it is.
   * `isReturn`: execution comes back there, so that the call stands before it.
   */
  frame(pid: number, address: Int, isReturn: boolean): UserFrame | undefined {
    const symbol = this.lookup(pid, address);
    const at = Number(address);
    const mapping = symbol && this.#locate(pid, at);
    const file = mapping && this.#file(pid, mapping);
    if (!symbol || !mapping || !file) return symbol;
    const inFile = file.elf.addressOf(at - mapping.start + mapping.fileOffset);
    const found = inFile === undefined ? undefined : file.debugInfo.frameAt(isReturn ? inFile - 1 : inFile);
    if (!found) return symbol;
    const inlined = found.inlined.map((call) => ({
      name: this.#nameOf(call.linkageName ?? call.name),
      ...sourceOf(call.place),
    }));
    return { ...symbol, ...sourceOf(found.place), ...(inlined.length > 0 ? { inlined } : {}) };
  }

  /** The file that is mapped at `address`, for addresses that no symbol covers and for build id stacks. */
  locate(pid: number, address: Int, program?: string): UserLocation | undefined {
    const at = Number(address);
    const mapping = Number.isSafeInteger(at) && at >= 0 ? this.#locate(pid, at, program) : undefined;
    if (!mapping || !isFileMapping(mapping)) return undefined;
    const file = this.#file(pid, mapping);
    const buildId = file && readOrUndefined(() => file.buildId);
    return { module: mapping.path, fileOffset: at - mapping.start + mapping.fileOffset, buildId };
  }

  /** Takes in what happened to processes, in its order. Files are opened at once: they may be gone with the process. */
  apply(events: readonly ProcessEvent[]): void {
    for (const event of events) {
      this.#spaces.apply(event);
      if (event.kind === "map") this.#file(event.pid, event.mapping);
    }
  }

  /** Something that happened to processes was not seen. */
  doubt(): void {
    this.#spaces.doubt();
  }

  /** Reads the mappings of a process now and opens its files, so that it can be asked about when it has ended. */
  track(pid: number): void {
    const space = this.#spaces.of(pid);
    this.#spaces.refresh(pid, space);
    for (const mapping of space.mappings) this.#file(pid, mapping);
  }

  /** Reads the mappings of a process of which nothing is known yet. */
  discover(pid: number): void {
    if (!this.#spaces.has(pid)) this.#spaces.of(pid);
  }

  /** Drops what is known of a process: its pid may be another's now. */
  forget(pid: number): void {
    this.#spaces.forget(pid);
    this.#programs.delete(pid);
    this.#jit.forget(pid);
  }

  [Symbol.dispose](): void {
    this.#files[Symbol.dispose]();
  }

  #locate(pid: number, address: number, program?: string): Mapping | undefined {
    const space = this.#space(pid, program);
    const known = space.find(address);
    if (known || space.hasMissed(address)) return known;
    this.#spaces.refresh(pid, space);
    const found = space.find(address);
    if (!found) space.miss(address);
    return found;
  }

  #space(pid: number, program?: string): AddressSpace {
    switch (this.#cache) {
      case "per-pid":
        return this.#spaces.of(pid);
      case "per-program":
        return this.#programSpace(pid, program) ?? this.#spaces.of(pid);
      case "none": {
        const now = readMappings(`${this.#proc}/${pid}/maps`);
        if (now.length === 0) return this.#spaces.of(pid);
        const space = new AddressSpace();
        space.begin(now);
        return space;
      }
    }
  }

  /** `undefined` where the process' own is as good or better. */
  #programSpace(pid: number, program: string | undefined): AddressSpace | undefined {
    const key = this.#spaces.has(pid) ? undefined : this.#programOf(pid, program);
    if (key === undefined) return undefined;
    const known = this.#programSpaces.get(key);
    if (known) return known;
    if (this.#programSpaces.size >= MOST_PROGRAMS) this.#programSpaces.clear();
    const space = new AddressSpace();
    this.#programSpaces.set(key, space);
    return space;
  }

  #programOf(pid: number, program: string | undefined): string | undefined {
    const known = this.#programs.get(pid);
    if (known !== undefined) return known;
    const key = programKey(`${this.#proc}/${pid}/exe`) ?? (program && programKey(program));
    if (key === undefined || key === "") return undefined;
    if (this.#programs.size >= MOST_PROGRAMS) this.#programs.clear();
    this.#programs.set(pid, key);
    return key;
  }

  #inFile(file: ElfFile, mapping: Mapping, at: number): UserSymbol | undefined {
    const found = readOrUndefined(() => {
      const address = file.elf.addressOf(at - mapping.start + mapping.fileOffset);
      return address === undefined ? undefined : file.symbolAt(address);
    });
    return found && { name: this.#nameOf(found.symbol.name), offset: found.offset, module: mapping.path };
  }

  #inVdso(offset: number): UserSymbol | undefined {
    this.#vdso ??= { elf: readVdso() };
    const { elf } = this.#vdso;
    const found = elf && readOrUndefined(() => elf.symbols().findByAddress(elf.addressOf(offset) ?? offset));
    return found && { name: found.symbol.name, offset: found.offset, module: "[vdso]" };
  }

  #nameOf(symbol: string): string {
    return this.#demangle ? demangle(symbol) : symbol;
  }

  #file(pid: number, mapping: Mapping): ElfFile | undefined {
    return isFileMapping(mapping) ? this.#files.open(pid, mapping) : undefined;
  }
}

function sourceOf(place: SourcePlace | undefined): { readonly source?: string } {
  return place ? { source: `${place.path}:${place.line}` } : {};
}

/** Which program a path is, however it is called. */
function programKey(path: string): string | undefined {
  const stat = readOrUndefined(() => statSync(path));
  return stat && `program ${stat.dev}:${stat.ino}`;
}
