import { closeSync, openSync, readFileSync } from "node:fs";
import type { Int } from "@beetrace/std";
import { type BootCache, openBootCache } from "./boot-cache.ts";
import { decodeKernelSymbols, encodeKernelSymbols } from "./kernel-symbol-file.ts";
import {
  findByAddress,
  findByName,
  isCodeAt,
  type KernelSymbolTable,
  moduleAt,
  nameAt,
  parseKallsyms,
} from "./kernel-symbol-table.ts";

/** A name for an address of the kernel. `offset` is in bytes from the symbol's start; no `module` is the kernel itself. */
export interface KernelSymbol {
  readonly name: string;
  readonly offset: number;
  readonly module?: string;
}

/** An entry of the kernel's symbol table. */
export interface KernelSymbolEntry {
  readonly name: string;
  readonly address: bigint;
  readonly isCode: boolean;
  /** None for the kernel itself; `bpf` for programs that the kernel has compiled. */
  readonly module?: string;
}

/** /proc/kallsyms cannot be read, or hides the addresses. */
export class KernelSymbolsError extends Error {
  override readonly name = "KernelSymbolsError";
  /** What the user can do about it. */
  readonly remedy: string;
  constructor(message: string, remedy: string, cause?: unknown) {
    super(message, { cause });
    this.remedy = remedy;
  }
}

/** Where the symbols of the kernel are read from, and where what was parsed stays. */
export interface KernelSymbolsOptions {
  /** Default `/proc/kallsyms`. */
  readonly path?: string;
  /** Default `/proc/modules`. */
  readonly modulesPath?: string;
  /** Where the parsed table is kept for the boot. */
  readonly cache?: BootCache;
}

const CACHE_KIND = "kallsyms";
/** No symbol spans more; an address further from its nearest symbol has no name. */
const FARTHEST_BYTES = 16n << 20n;
/** A function this far from the nearest symbol of a cached table came later: a BPF program. */
const NEAR_BYTES = 1n << 20n;
/** Where the kernel half of the address space starts, on every 64-bit architecture. */
const KERNEL_HALF = 1n << 63n;

/** Names and addresses of the kernel's symbols, from /proc/kallsyms. Needs CAP_SYSLOG for the addresses. */
export class KernelSymbols {
  #table: KernelSymbolTable;
  /** Reads a newer table, once, when the present one came from disk. */
  #refresh: (() => KernelSymbolTable) | undefined;

  private constructor(table: KernelSymbolTable, refresh?: () => KernelSymbolTable) {
    this.#table = table;
    this.#refresh = refresh;
  }

  /**
   * The symbols of the running kernel; from the cache when the same boot has the same modules (a few ms), else
   * parsed (60 ms). Throws {@link KernelSymbolsError}.
   */
  static load(options: KernelSymbolsOptions = {}): KernelSymbols {
    const { path = "/proc/kallsyms", cache = openBootCache() } = options;
    const key = moduleList(options.modulesPath ?? "/proc/modules");
    const kept = cache.read(CACHE_KIND, key);
    const table = kept && decodeKernelSymbols(kept);
    if (table) return new KernelSymbols(table, () => readTable(path));
    const fresh = readTable(path);
    cache.write(CACHE_KIND, key, encodeKernelSymbols(fresh));
    return new KernelSymbols(fresh);
  }

  /** The symbols of a text in the form of /proc/kallsyms. */
  static parse(text: Uint8Array): KernelSymbols {
    return new KernelSymbols(parseKallsyms(text));
  }

  get count(): number {
    return this.#table.addresses.length;
  }

  /** The address of a symbol, the lowest where several have the name. `module` `vmlinux` is the kernel itself. */
  addressOf(name: string, module?: string): bigint | undefined {
    return this.findAll(name).find((symbol) => module === undefined || (symbol.module ?? "vmlinux") === module)
      ?.address;
  }

  /** All symbols of that name, code or data, by ascending address. */
  findAll(name: string): readonly KernelSymbolEntry[] {
    return findByName(this.#table, name).map((index) => this.#symbolAt(index));
  }

  /** The symbol that holds `address`: code, or data where the kernel lists it (CONFIG_KALLSYMS_ALL). */
  lookup(address: Int): KernelSymbol | undefined {
    const wanted = BigInt.asUintN(64, BigInt(address));
    if (wanted < KERNEL_HALF) return undefined;
    let index = findByAddress(this.#table, wanted);
    if (this.#refresh && this.#distance(index, wanted) > NEAR_BYTES) {
      this.#table = this.#refresh();
      this.#refresh = undefined;
      index = findByAddress(this.#table, wanted);
    }
    const offset = this.#distance(index, wanted);
    if (offset > FARTHEST_BYTES) return undefined;
    return { name: nameAt(this.#table, index), offset: Number(offset), module: moduleAt(this.#table, index) };
  }

  /** Every function, by ascending address. */
  *functions(): Iterable<KernelSymbolEntry> {
    for (let index = 0; index < this.#table.addresses.length; index++) {
      if (isCodeAt(this.#table, index)) yield this.#symbolAt(index);
    }
  }

  /** The name of every function, by ascending address; a name may come more than once. */
  *functionNames(): Iterable<string> {
    for (let index = 0; index < this.#table.addresses.length; index++) {
      if (isCodeAt(this.#table, index)) yield nameAt(this.#table, index);
    }
  }

  #symbolAt(index: number): KernelSymbolEntry {
    const module = moduleAt(this.#table, index);
    const isCode = isCodeAt(this.#table, index);
    return { name: nameAt(this.#table, index), address: this.#table.addresses[index], isCode, module };
  }

  #distance(index: number, address: bigint): bigint {
    return index < 0 ? FARTHEST_BYTES + 1n : address - this.#table.addresses[index];
  }
}

/** Names, sizes and addresses of the loaded modules; empty for a kernel without modules. */
function moduleList(path: string): string {
  try {
    const lines = readFileSync(path, "latin1").split("\n");
    return lines
      .map((line) => line.split(" "))
      .map((word) => `${word[0]} ${word[1]} ${word[5]}`)
      .join("\n");
  } catch {
    return "";
  }
}

function readTable(path: string): KernelSymbolTable {
  const table = parseKallsyms(readKallsyms(path));
  const { addresses } = table;
  // The table ascends: a last address of zero means that all are.
  if (addresses.length === 0 || addresses[addresses.length - 1] === 0n) {
    throw new KernelSymbolsError(
      `${path} hides the kernel's addresses`,
      "run as root (CAP_SYSLOG), or allow it with: sysctl kernel.kptr_restrict=1",
    );
  }
  return table;
}

function readKallsyms(path: string): Uint8Array {
  try {
    // By descriptor: the file has no size, and reading it costs the kernel more than it costs us.
    const fd = openSync(path, "r");
    try {
      return readFileSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw new KernelSymbolsError(`cannot read ${path}`, "mount /proc, and use a kernel with CONFIG_KALLSYMS", error);
  }
}
