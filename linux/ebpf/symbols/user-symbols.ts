import { readFileSync, statSync } from "node:fs";
import { demangle, type Elf, ElfError } from "@beetrace/object";
import type { Int } from "@beetrace/std";
import { AddressSpace } from "./address-space.ts";
import { ElfFile } from "./elf-file.ts";
import { NotAFileError } from "./file-source.ts";
import { JitSymbols } from "./jit-symbols.ts";
import { isFileMapping, type Mapping, parseMaps } from "./process-maps.ts";
import { readVdso } from "./vdso.ts";

/** A name for an address of a process. `offset` is in bytes from the symbol's start. */
export interface UserSymbol {
  readonly name: string;
  readonly offset: number;
  /** Path of the program or library, `[vdso]`, or `[jit]`. */
  readonly module: string;
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
 */
export type UserSymbolCache = "per-pid" | "per-program" | "none";

export interface UserSymbolsOptions {
  readonly cache?: UserSymbolCache;
  /** Default true. */
  readonly demangle?: boolean;
  /** Default `/proc`. */
  readonly proc?: string;
  /** Default `/tmp`: where perf-PID.map files are. */
  readonly tmp?: string;
}

/** Processes remembered; the one not asked for the longest goes first. */
const MOST_SPACES = 4096;

/** Names for addresses of processes, also after they ended when they were looked at or tracked before. */
export class UserSymbols {
  readonly #cache: UserSymbolCache;
  readonly #demangle: boolean;
  readonly #proc: string;
  readonly #jit: JitSymbols;
  readonly #spaces = new Map<string, AddressSpace>();
  readonly #programs = new Map<number, string>();
  readonly #files = new Map<string, ElfFile | undefined>();
  #vdso: { readonly elf: Elf | undefined } | undefined;

  constructor(options: UserSymbolsOptions = {}) {
    this.#cache = options.cache ?? "per-pid";
    this.#demangle = options.demangle ?? true;
    this.#proc = options.proc ?? "/proc";
    this.#jit = new JitSymbols(this.#proc, options.tmp);
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
    if (mapping && isFileMapping(mapping)) return this.#inFile(pid, mapping, at);
    const jitted = this.#jit.lookup(pid, at);
    return jitted && { ...jitted, module: "[jit]" };
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

  /** Reads the mappings of a process now and opens its files, so that it can be asked about when it has ended. */
  track(pid: number): void {
    if (this.#cache === "none") return;
    const space = this.#space(pid);
    this.#refresh(pid, space);
    for (const mapping of space.mappings) if (isFileMapping(mapping)) this.#file(pid, mapping);
  }

  /** Drops what is known of a process: its pid may be another's now. */
  forget(pid: number): void {
    this.#spaces.delete(`pid ${pid}`);
    this.#programs.delete(pid);
    this.#jit.forget(pid);
  }

  [Symbol.dispose](): void {
    for (const file of this.#files.values()) file?.[Symbol.dispose]();
    this.#files.clear();
    this.#spaces.clear();
  }

  #locate(pid: number, address: number, program?: string): Mapping | undefined {
    const space = this.#space(pid, program);
    const known = space.find(address);
    if (known || space.hasMissed(address)) return known;
    this.#refresh(pid, space);
    const found = space.find(address);
    if (!found) space.miss(address);
    return found;
  }

  #space(pid: number, program?: string): AddressSpace {
    if (this.#cache === "none") return new AddressSpace();
    const key = this.#cache === "per-program" ? this.#programOf(pid, program) : `pid ${pid}`;
    const space = this.#spaces.get(key) ?? new AddressSpace();
    this.#spaces.delete(key);
    this.#spaces.set(key, space);
    if (this.#spaces.size > MOST_SPACES) this.#spaces.delete(this.#spaces.keys().next().value!);
    return space;
  }

  #programOf(pid: number, program: string | undefined): string {
    const known = this.#programs.get(pid);
    if (known !== undefined) return known;
    const key = programKey(`${this.#proc}/${pid}/exe`) ?? (program && programKey(program));
    if (key === undefined || key === "") return `pid ${pid}`;
    if (this.#programs.size >= MOST_SPACES) this.#programs.clear();
    this.#programs.set(pid, key);
    return key;
  }

  #refresh(pid: number, space: AddressSpace): void {
    const text = readOrUndefined(() => readFileSync(`${this.#proc}/${pid}/maps`, "utf8"));
    // A process that is ending has no mappings any more: what it had stays true for its events.
    if (text) space.update(text, (maps) => parseMaps(maps).filter((mapping) => mapping.executable));
  }

  #inFile(pid: number, mapping: Mapping, at: number): UserSymbol | undefined {
    const file = this.#file(pid, mapping);
    if (!file) return undefined;
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
    const key = `${mapping.device} ${mapping.inode} ${mapping.path}`;
    if (this.#files.has(key)) return this.#files.get(key);
    const file = this.#openFile(pid, mapping);
    this.#files.set(key, file);
    return file;
  }

  /** By the mapping itself (also right for a deleted or replaced file), by the process' root, by our own root. */
  #openFile(pid: number, mapping: Mapping): ElfFile | undefined {
    const root = `${this.#proc}/${pid}/root`;
    const range = `${mapping.start.toString(16)}-${mapping.end.toString(16)}`;
    const candidates = [`${this.#proc}/${pid}/map_files/${range}`, root + mapping.path, mapping.path];
    for (const path of candidates) {
      const isOurs = path === mapping.path;
      const file = readOrUndefined(() => ElfFile.open(path, isOurs ? "" : root, mapping.path));
      if (!file) continue;
      if (!isOurs || file.source.identity.inode === mapping.inode) return file;
      file[Symbol.dispose]();
    }
    return undefined;
  }
}

/** Which program a path is, however it is called. */
function programKey(path: string): string | undefined {
  const stat = readOrUndefined(() => statSync(path));
  return stat && `program ${stat.dev}:${stat.ino}`;
}

/** Processes end and files are damaged while we look: then there is no name. Anything else is our bug and passes. */
function readOrUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ElfError || error instanceof NotAFileError || isSystemError(error)) return undefined;
    throw error;
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}
