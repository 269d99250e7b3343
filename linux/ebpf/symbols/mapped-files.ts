import { ElfFile } from "./elf-file.ts";
import type { Mapping } from "./process-maps.ts";
import { readOrUndefined } from "./read-or-undefined.ts";

/** Each is an open file descriptor, and its symbols once they were asked for. */
const MOST_FILES = 256;

interface Opened {
  readonly file: ElfFile | undefined;
  /** By way of which process that was tried. */
  readonly pid: number;
}

/**
 * The programs and libraries that processes have mapped. One that was opened stays readable when its path is gone; of
 * many, the one that was not used for the longest is closed.
 */
export class MappedFiles implements Disposable {
  readonly #proc: string;
  readonly #lineage: (pid: number) => Iterable<number>;
  readonly #debugDirectories: readonly string[];
  readonly #opened = new Map<string, Opened>();

  /**
   * `lineage`: a process and those that it came from, by whose roots its files may be found when it has ended.
   * `debugDirectories`: where debug files are looked for first.
   */
  constructor(proc: string, lineage: (pid: number) => Iterable<number>, debugDirectories: readonly string[]) {
    this.#proc = proc;
    this.#lineage = lineage;
    this.#debugDirectories = debugDirectories;
  }

  /** The file of a mapping of `pid`; `undefined` where it cannot be opened or is no ELF file. */
  open(pid: number, mapping: Mapping): ElfFile | undefined {
    const key = `${mapping.device} ${mapping.inode} ${mapping.inodeGeneration ?? ""} ${mapping.path}`;
    const known = this.#opened.get(key);
    const opened = known?.file || known?.pid === pid ? known : { file: this.#open(pid, mapping), pid };
    this.#opened.delete(key);
    this.#opened.set(key, opened);
    if (this.#opened.size > MOST_FILES) this.#closeOldest();
    return opened.file;
  }

  [Symbol.dispose](): void {
    for (const { file } of this.#opened.values()) file?.[Symbol.dispose]();
    this.#opened.clear();
  }

  /**
   * By the mapping itself (also right for a deleted or replaced file); by its path, as the process or one that it came
   * from sees it; by its path as we see it.
   */
  #open(pid: number, mapping: Mapping): ElfFile | undefined {
    const { path } = mapping;
    const range = `${mapping.start.toString(16)}-${mapping.end.toString(16)}`;
    const mapped = this.#openElf(`${this.#proc}/${pid}/map_files/${range}`, `${this.#proc}/${pid}/root`, path);
    if (mapped) return mapped;
    for (const each of this.#lineage(pid)) {
      const root = `${this.#proc}/${each}/root`;
      const file = ifMapped(this.#openElf(root + path, root, path), mapping);
      if (file) return file;
    }
    return ifMapped(this.#openElf(path, "", path), mapping);
  }

  #openElf(path: string, root: string, shownPath: string): ElfFile | undefined {
    return readOrUndefined(() => ElfFile.open(path, root, shownPath, this.#debugDirectories));
  }

  #closeOldest(): void {
    for (const [key, { file }] of this.#opened) {
      file?.[Symbol.dispose]();
      this.#opened.delete(key);
      return;
    }
  }
}

/** Another file may have taken the place of the one that is mapped. */
function ifMapped(file: ElfFile | undefined, mapping: Mapping): ElfFile | undefined {
  if (!file || file.source.identity.inode === mapping.inode) return file;
  file[Symbol.dispose]();
  return undefined;
}
