import {
  buildId,
  type Elf,
  ElfError,
  type ElfSymbol,
  type SymbolTable,
  windowSource,
  zipMember,
} from "@beetrace/object";
import { type DebugFile, openDebugFile } from "./debug-file.ts";
import { parseElfFile } from "./elf-source.ts";
import { FileSource } from "./file-source.ts";

/** A symbol and the distance from its start, in bytes. */
export interface SymbolAndOffset {
  readonly symbol: ElfSymbol;
  readonly offset: number;
}

/** An open program or library, with the symbols of its separate debug file where it was stripped. */
export class ElfFile {
  readonly path: string;
  readonly elf: Elf;
  readonly source: FileSource;
  /** Where in the file on disk it starts: not at 0 when it is in an archive. */
  readonly startOffset: number;
  readonly #root: string;
  #debug: DebugFile | undefined;
  #tables: readonly SymbolTable[] | undefined;
  #buildId: { readonly value: string | undefined } | undefined;

  private constructor(path: string, root: string, source: FileSource, member?: string) {
    this.path = path;
    this.#root = root;
    this.source = source;
    const place = member === undefined ? undefined : zipMember(source, member);
    if (member !== undefined && place === undefined) throw new ElfError(`there is no ${member} in the archive`);
    this.startOffset = place?.offset ?? 0;
    this.elf = parseElfFile(place ? windowSource(source, place.offset, place.sizeBytes) : source);
  }

  /**
   * Opens `path`; its debug file is sought below `root` (a container's `/proc/PID/root`), and beside `shownPath`
   * when `path` is only a handle. Throws node's error, `NotAFileError` or `ElfError`.
   */
  static open(path: string, root = "", shownPath: string = path): ElfFile {
    return ElfFile.#over(FileSource.open(path), (source) => new ElfFile(shownPath, root, source));
  }

  /** Opens what the zip archive `path` holds uncompressed under the name `member`. Throws as {@link open} does. */
  static openMember(path: string, member: string): ElfFile {
    return ElfFile.#over(FileSource.open(path), (source) => new ElfFile(path, "", source, member));
  }

  static #over(source: FileSource, make: (source: FileSource) => ElfFile): ElfFile {
    try {
      return make(source);
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
    if (!this.elf.section(".symtab")) this.#debug = this.#openDebugFile();
    this.#tables = this.#debug ? [this.#debug.elf.symbols(), own] : [own];
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

  /** The process whose root it was may have ended. Whether it is the right file, it says itself. */
  #openDebugFile(): DebugFile | undefined {
    const found = openDebugFile(this.elf, this.path, this.#root);
    return found || this.#root === "" ? found : openDebugFile(this.elf, this.path);
  }

  [Symbol.dispose](): void {
    this.source[Symbol.dispose]();
    this.#debug?.source[Symbol.dispose]();
  }
}
