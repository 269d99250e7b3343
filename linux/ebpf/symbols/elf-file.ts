import { resolve } from "node:path";
import {
  buildId,
  type Elf,
  ElfError,
  type ElfSymbol,
  hasDebugInfo,
  type SymbolTable,
  windowSource,
  zipMember,
} from "@beetrace/object";
import { type DebugFile, openDebugFile } from "./debug-file.ts";
import { parseElfFile } from "./elf-source.ts";
import { FileSource } from "./file-source.ts";
import { OpenDebugInfo } from "./open-debug-info.ts";

/** A symbol and the distance from its start, in bytes. */
export interface SymbolAndOffset {
  readonly symbol: ElfSymbol;
  readonly offset: number;
}

/** How a file is opened. */
interface Opening {
  readonly root?: string;
  readonly debugDirectories?: readonly string[];
  readonly member?: string;
}

/** An open program or library, with the symbols of its separate debug file where it was stripped. */
export class ElfFile {
  readonly path: string;
  readonly elf: Elf;
  readonly source: FileSource;
  /** Where in the file on disk it starts: not at 0 when it is in an archive. */
  readonly startOffset: number;
  readonly #root: string;
  readonly #debugDirectories: readonly string[];
  #debug: { readonly file: DebugFile | undefined } | undefined;
  #debugInfo: OpenDebugInfo | undefined;
  #tables: readonly SymbolTable[] | undefined;
  #buildId: { readonly value: string | undefined } | undefined;

  private constructor(path: string, source: FileSource, { root = "", debugDirectories = [], member }: Opening) {
    this.path = path;
    this.#root = root;
    this.#debugDirectories = debugDirectories;
    this.source = source;
    const place = member === undefined ? undefined : zipMember(source, member);
    if (member !== undefined && place === undefined) throw new ElfError(`there is no ${member} in the archive`);
    this.startOffset = place?.offset ?? 0;
    this.elf = parseElfFile(place ? windowSource(source, place.offset, place.sizeBytes) : source);
  }

  /**
   * Opens `path`; its debug file is sought below `root` (a container's `/proc/PID/root`), and beside `shownPath`
   * when `path` is only a handle; in `debugDirectories` before that. Throws node's error, `NotAFileError` or `ElfError`.
   */
  static open(path: string, root = "", shownPath = path, debugDirectories: readonly string[] = []): ElfFile {
    return ElfFile.#over(path, shownPath, { root, debugDirectories });
  }

  /** Opens what the zip archive `path` holds uncompressed under the name `member`. Throws as {@link open} does. */
  static openMember(path: string, member: string): ElfFile {
    return ElfFile.#over(path, path, { member });
  }

  static #over(path: string, shownPath: string, opening: Opening): ElfFile {
    const source = FileSource.open(path);
    try {
      return new ElfFile(shownPath, source, opening);
    } catch (error) {
      source[Symbol.dispose]();
      throw error;
    }
  }

  get buildId(): string | undefined {
    this.#buildId ??= { value: buildId(this.elf) };
    return this.#buildId.value;
  }

  /**
   * The tables to look into, best first. They are read at the first call; a debug file is opened only for a file
   * without `.symtab`. Throws `ElfError`.
   */
  symbolTables(): readonly SymbolTable[] {
    if (this.#tables) return this.#tables;
    const own = this.elf.symbols();
    const debug = this.elf.section(".symtab") ? undefined : this.#debugFile();
    this.#tables = debug ? [debug.elf.symbols(), own] : [own];
    return this.#tables;
  }

  /**
   * The symbol at an address of the file's own address space. Of several names of a function the file's own goes before
   * those that only its debug file knows (`malloc` before `__libc_malloc`). Throws `ElfError`.
   */
  symbolAt(address: number): SymbolAndOffset | undefined {
    let best: SymbolAndOffset | undefined;
    for (const table of this.symbolTables()) {
      const found = table.findByAddress(address);
      if (found && (!best || found.offset === best.offset)) best = found;
    }
    return best;
  }

  /** Its debug information, in itself or in its debug file. Nothing of it is read before it is asked something. */
  get debugInfo(): OpenDebugInfo {
    if (this.#debugInfo) return this.#debugInfo;
    const path = resolve(this.path);
    const debug = hasDebugInfo(this.elf) ? undefined : this.#debugFile();
    const debugPath = debug?.source.path ?? "";
    const elfPath = debugPath.startsWith(this.#root) ? debugPath.slice(this.#root.length) : debugPath;
    this.#debugInfo = new OpenDebugInfo(debug?.elf ?? this.elf, debug ? elfPath : path, path, this.#root);
    return this.#debugInfo;
  }

  #debugFile(): DebugFile | undefined {
    this.#debug ??= { file: this.#openDebugFile() };
    return this.#debug.file;
  }

  /** The process whose root it was may have ended. Whether it is the right file, it says itself. */
  #openDebugFile(): DebugFile | undefined {
    const directories = this.#debugDirectories;
    const found = openDebugFile(this.elf, this.path, { root: this.#root, directories });
    return found || this.#root === "" ? found : openDebugFile(this.elf, this.path, { directories });
  }

  [Symbol.dispose](): void {
    this.source[Symbol.dispose]();
    this.#debug?.file?.source[Symbol.dispose]();
    this.#debugInfo?.[Symbol.dispose]();
  }
}
