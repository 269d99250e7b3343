import type { UsdtSite, UserFunction, UserSymbol } from "@beetrace/compiler/target";
import { CatalogError } from "@beetrace/compiler/target";
import { ElfFile } from "@beetrace/ebpf/symbols";
import {
  type DebugInfo,
  demangle,
  ElfError,
  type ElfSymbol,
  isGoProgram,
  isInstructionBoundary,
  type UsdtProbe,
  usdtProbes,
} from "@beetrace/object";
import { archivePath, memberName } from "./archive-path.ts";
import { withoutParameters } from "./demangled-name.ts";
import { hasWildcard, matcher } from "./wildcard.ts";

/** How a pattern for functions is compared. */
export interface FunctionSearch {
  /** `cpp` compares demangled names, with parameters only when the pattern has some. */
  readonly language?: "cpp";
}

/** Of an arm64 instruction. */
const FIXED_INSTRUCTION_BYTES = 4;
/** Of an x86-64 instruction (Intel SDM, volume 2, section 2.3.11). */
const LONGEST_INSTRUCTION_BYTES = 15;

/** Functions and USDT probes of programs and libraries. Files stay open until it is disposed of. */
export class UserBinaries {
  readonly #files = new Map<string, ElfFile>();
  readonly #usdt = new Map<string, readonly UsdtProbe[]>();
  readonly #debugDirectories: readonly string[];

  /** `debugDirectories`: where debug files are looked for before the usual places. */
  constructor(debugDirectories: readonly string[] = []) {
    this.#debugDirectories = debugDirectories;
  }

  /** The open file. Throws {@link CatalogError} where it cannot be opened or is damaged. */
  open(path: string): ElfFile {
    const known = this.#files.get(path);
    if (known) return known;
    const archive = archivePath(path);
    const file = reading(path, () =>
      archive === undefined
        ? ElfFile.open(path, "", path, this.#debugDirectories)
        : ElfFile.openMember(archive, memberName(path)),
    );
    this.#files.set(path, file);
    return file;
  }

  /**
   * The functions whose name matches, sorted by name; each name at each address once. The resolver of an IFUNC counts as
   * a function of that name: a probe there sees the one call that chooses an implementation.
   * Throws {@link CatalogError}.
   */
  functions(path: string, pattern: string, search: FunctionSearch = {}): readonly UserFunction[] {
    const file = this.open(path);
    return reading(path, () => {
      const exact = search.language === undefined && !hasWildcard(pattern);
      const tables = file.symbolTables();
      const symbols = exact
        ? tables.flatMap((table) => table.findAll(pattern))
        : matchingSymbols(tables, pattern, search);
      return functionsOf(file, path, symbols);
    });
  }

  /** The function that holds an address of the file; without a symbol for it, a nameless one of no size right there. */
  functionAt(path: string, address: number): UserFunction | undefined {
    const file = this.open(path);
    return reading(path, () => {
      const symbol = file.symbolAt(address)?.symbol;
      const named = symbol && isFunction(symbol) ? functionsOf(file, path, [symbol])[0] : undefined;
      if (named) return named;
      const fileOffset = file.elf.fileOffset(address);
      return fileOffset === undefined
        ? undefined
        : { ...placeIn(file, path, fileOffset), name: "", address, sizeBytes: 0 };
    });
  }

  /** What the file's debug information says, which may be in a file of its own. Throws {@link CatalogError}. */
  debugInfo(path: string): DebugInfo | undefined {
    const file = this.open(path);
    return reading(path, () => file.debugInfo.info);
  }

  /** Whether an instruction starts `offset` bytes into a function. Throws {@link CatalogError}. */
  startsInstruction({ path, fileOffset: start, sizeBytes }: UserFunction, offset: number): boolean {
    const { elf, startOffset } = this.open(path);
    const fileOffset = start - startOffset;
    if (elf.machine !== "x86_64") return offset % FIXED_INSTRUCTION_BYTES === 0;
    const end = Math.min(offset + LONGEST_INSTRUCTION_BYTES, sizeBytes === 0 ? Number.MAX_SAFE_INTEGER : sizeBytes);
    return reading(path, () => isInstructionBoundary(elf.read(fileOffset, Math.max(end, offset + 1)), offset));
  }

  /** The places of the USDT probes that match, in the order of the file. Throws {@link CatalogError}. */
  usdtSites(path: string, provider = "*", name = "*"): readonly UsdtSite[] {
    const isProvider = matcher(provider);
    const isName = matcher(name);
    const file = this.open(path);
    return this.#probes(path).flatMap((probe) => {
      const { fileOffset, semaphoreFileOffset } = probe;
      if (fileOffset === undefined || !isProvider(probe.provider) || !isName(probe.name)) return [];
      const counter =
        semaphoreFileOffset === undefined ? {} : { semaphoreFileOffset: semaphoreFileOffset + file.startOffset };
      return [{ ...probe, ...placeIn(file, path, fileOffset), ...counter }];
    });
  }

  /** A function or variable of that name. Throws {@link CatalogError}. */
  symbol(path: string, name: string): UserSymbol | undefined {
    const file = this.open(path);
    const found = reading(path, () => {
      const all = file.symbolTables().flatMap((table) => table.findAll(name));
      return all.find((symbol) => symbol.type !== "TLS");
    });
    const positionIndependent = file.elf.type === "DYN";
    return found && { address: found.address, sizeBytes: found.sizeBytes, positionIndependent };
  }

  /** Whether the Go compiler made it. Throws {@link CatalogError}. */
  isGo(path: string): boolean {
    return isGoProgram(this.open(path).elf);
  }

  [Symbol.dispose](): void {
    for (const file of this.#files.values()) file[Symbol.dispose]();
    this.#files.clear();
    this.#usdt.clear();
  }

  #probes(path: string): readonly UsdtProbe[] {
    const known = this.#usdt.get(path);
    if (known) return known;
    const file = this.open(path);
    const probes = reading(path, () => usdtProbes(file.elf));
    this.#usdt.set(path, probes);
    return probes;
  }
}

function* matchingSymbols(
  tables: readonly Iterable<ElfSymbol>[],
  pattern: string,
  search: FunctionSearch,
): Iterable<ElfSymbol> {
  const isMatch = matcher(pattern);
  const isWanted = search.language === "cpp" ? demangledMatcher(pattern, isMatch) : isMatch;
  for (const table of tables) for (const symbol of table) if (isFunction(symbol) && isWanted(symbol.name)) yield symbol;
}

function demangledMatcher(pattern: string, isMatch: (name: string) => boolean): (name: string) => boolean {
  const comparesParameters = pattern.includes("(");
  return (name) => {
    const demangled = demangle(name);
    return isMatch(comparesParameters ? demangled : withoutParameters(demangled));
  };
}

function isFunction(symbol: ElfSymbol): boolean {
  return symbol.type === "FUNC" || symbol.type === "IFUNC";
}

function functionsOf(file: ElfFile, path: string, symbols: Iterable<ElfSymbol>): readonly UserFunction[] {
  const found = new Map<string, UserFunction>();
  for (const symbol of symbols) {
    const { name, address, sizeBytes } = symbol;
    const fileOffset = isFunction(symbol) ? file.elf.fileOffset(address) : undefined;
    const key = `${name}\0${address}`;
    if (fileOffset === undefined || found.has(key)) continue;
    found.set(key, { ...placeIn(file, path, fileOffset), name, address, sizeBytes });
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.address - b.address));
}

/** Where the kernel finds it: in the archive, when the file is in one. */
function placeIn({ startOffset }: ElfFile, path: string, fileOffset: number) {
  const archive = archivePath(path);
  return { path, fileOffset: fileOffset + startOffset, ...(archive === undefined ? {} : { archive }) };
}

function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof ElfError) throw new CatalogError(`${path}: ${cause.message}`, undefined, { cause });
    if (cause instanceof Error && "syscall" in cause) throw new CatalogError(cause.message, undefined, { cause });
    throw cause;
  }
}
