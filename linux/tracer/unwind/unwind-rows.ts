import { UNWIND_FILE, UNWIND_FILES_MAP, UNWIND_ROWS_MAP } from "@beetrace/compiler";
import type { BpfMap, Collection, MappedValues } from "@beetrace/ebpf";
import type { ElfFile } from "@beetrace/ebpf/symbols";
import { type Elf, ElfError, PF_X, PT_LOAD, UNWIND_ROW_BYTES, type UnwindTable, unwindTable } from "@beetrace/object";

/** Where the rows of a file are, as indexes of all rows. */
export interface FileRows {
  readonly first: number;
  readonly count: number;
  /** The file's lowest address, from which rows count. */
  readonly base: number;
}

const NO_ROWS: FileRows = { first: 0, count: 0, base: 0 };
/** Rows of libraries that are loaded while tracing: 4 MiB. */
const SPARE_ROWS = 1 << 18;

/**
 * The rows of all files, one file's behind the other's: first those that are known before the programs are loaded, then
 * of each file that comes.
 */
export class UnwindRows implements Disposable {
  readonly #onWarning: (text: string) => void;
  readonly #files = new Map<string, FileRows>();
  /** What has to be written once the maps are there. */
  readonly #waiting: { readonly rows: FileRows; readonly table: UnwindTable; readonly key?: Uint8Array; elf: Elf }[] =
    [];
  #used = 0;
  #capacity = 0;
  #values: MappedValues | undefined;
  #filesMap: BpfMap | undefined;

  constructor(onWarning: (text: string) => void) {
    this.#onWarning = onWarning;
  }

  /** How many rows the map must have room for. */
  get capacity(): number {
    return this.#used + SPARE_ROWS;
  }

  /** The programs are loaded: from now on rows go to their maps. */
  open(collection: Collection): void {
    const map = collection.map(UNWIND_ROWS_MAP);
    this.#capacity = map.maxEntries;
    this.#values = map.mapValues({ writable: true });
    this.#filesMap = collection.map(UNWIND_FILES_MAP);
    for (const each of this.#waiting.splice(0)) this.#write(each);
  }

  /** The rows of a file; none where it has none or is damaged. They are read at the first call. */
  ofFile({ source, elf, path }: ElfFile): FileRows {
    const { inode, sizeBytes } = source.identity;
    const key = new Uint8Array(new BigUint64Array([BigInt(inode), BigInt(sizeBytes)]).buffer);
    return this.#ofElf(`${inode} ${sizeBytes}`, elf, path, key);
  }

  /** The rows of an image that has no file. */
  ofImage(name: string, elf: Elf): FileRows {
    return this.#ofElf(name, elf, name);
  }

  #ofElf(name: string, elf: Elf, path: string, key?: Uint8Array): FileRows {
    const known = this.#files.get(name);
    if (known !== undefined) return known;
    const table = this.#read(elf, path);
    const rows = table === undefined ? NO_ROWS : { first: this.#used, count: table.count, base: table.base };
    this.#files.set(name, rows);
    if (table === undefined) return rows;
    this.#used += table.count;
    const entry = { rows, table, elf, ...(key === undefined ? {} : { key }) };
    if (this.#values === undefined) this.#waiting.push(entry);
    else this.#write(entry);
    return rows;
  }

  #read(elf: Elf, path: string): UnwindTable | undefined {
    try {
      const table = unwindTable(elf);
      const hasRoom = this.#values === undefined || this.#used + (table?.count ?? 0) <= this.#capacity;
      if (!hasRoom) this.#onWarning(`there is no room for the unwind table of ${path}: stacks end there`);
      return hasRoom ? table : undefined;
    } catch (error) {
      if (!(error instanceof ElfError)) throw error;
      this.#onWarning(`stacks end at functions of ${path}: ${error.message}`);
      return undefined;
    }
  }

  /** The rows first: a program finds them only by way of the file. */
  #write({ rows, table, key, elf }: { rows: FileRows; table: UnwindTable; key?: Uint8Array; elf: Elf }): void {
    this.#values?.bytes.set(table.bytes, rows.first * UNWIND_ROW_BYTES);
    const code = elf.segments.find(({ type, flags }) => type === PT_LOAD && (flags & PF_X) !== 0);
    if (key === undefined || code === undefined) return;
    const value = new DataView(new ArrayBuffer(UNWIND_FILE.bytes));
    value.setUint32(UNWIND_FILE.first, rows.first, true);
    value.setUint32(UNWIND_FILE.count, rows.count, true);
    value.setBigInt64(UNWIND_FILE.distance, BigInt(code.address - code.offset - rows.base), true);
    this.#filesMap?.update(key, new Uint8Array(value.buffer));
  }

  [Symbol.dispose](): void {
    this.#values?.[Symbol.dispose]();
    this.#values = undefined;
  }
}
