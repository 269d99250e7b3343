import {
  type CompiledScript,
  UNWIND_MAPPING,
  UNWIND_MAPPINGS_MAX,
  UNWIND_PROCESS,
  UNWIND_PROCESSES_MAP,
  UNWIND_ROWS_MAP,
} from "@beetrace/compiler";
import { type Collection, type ProcessEvent, ProcessEvents, SyscallError } from "@beetrace/ebpf";
import { ElfFile, isFileMapping, MappedFiles, type Mapping, ProcessSpaces, readVdso } from "@beetrace/ebpf/symbols";
import type { Elf } from "@beetrace/object";
import { linkedFiles } from "./linked-files.ts";
import { type FileRows, UnwindRows } from "./unwind-rows.ts";

/** Whose stacks are unwound. */
export interface UnwindTargets {
  /** Processes that run. */
  readonly pids: readonly number[];
  /** A process that is going to execute a program. */
  readonly child?: { readonly pid: number; readonly program: string };
  /** Where the child's libraries are looked for first: LD_LIBRARY_PATH. */
  readonly libraryPath?: string;
}

/** Whom an {@link Unwinder} tells. */
export interface UnwindListener {
  readonly onWarning: (text: string) => void;
  /** What goes wrong while processes are followed. */
  readonly onError: (error: unknown) => void;
}

/** How soon programs are told of what a process maps; until then they ask the kernel, where that is possible. */
const POLL_MS = 10;
const VDSO = "[vdso]";

/**
 * What programs unwind stacks by: the rows of the files of the traced processes and of those that they start, and where
 * the files are mapped, now and as that changes.
 */
export class Unwinder implements Disposable {
  readonly #targets: UnwindTargets;
  /** What there was to say before there was anybody to say it to. */
  readonly #unsaid: string[] = [];
  #warn = (text: string): void => void this.#unsaid.push(text);
  readonly #rows = new UnwindRows((text) => this.#warn(text));
  readonly #spaces = new ProcessSpaces();
  readonly #files = new MappedFiles("/proc", (pid) => this.#spaces.lineage(pid), []);
  readonly #pids: Set<number>;
  #collection: Collection | undefined;
  #events: ProcessEvents | undefined;
  #timer: NodeJS.Timeout | undefined;
  #vdso: { readonly elf: Elf | undefined } | undefined;

  private constructor(targets: UnwindTargets) {
    this.#targets = targets;
    this.#pids = new Set(targets.pids);
    if (targets.child !== undefined) this.#pids.add(targets.child.pid);
  }

  /** Reads the files that are known before anything is traced; `undefined` for a script that unwinds no stacks. */
  static of({ collection }: CompiledScript, targets: UnwindTargets): Unwinder | undefined {
    if (!collection.maps.some(({ name }) => name === UNWIND_ROWS_MAP)) return undefined;
    const unwinder = new Unwinder(targets);
    unwinder.#readFiles();
    return unwinder;
  }

  /** How many entries the maps have whose size depends on the processes. */
  get mapEntries(): ReadonlyMap<string, number> {
    return new Map([[UNWIND_ROWS_MAP, this.#rows.capacity]]);
  }

  /** The programs are loaded: fills their maps, and keeps doing so. */
  start(collection: Collection, { onWarning, onError }: UnwindListener): void {
    this.#warn = onWarning;
    for (const text of this.#unsaid.splice(0)) onWarning(text);
    this.#collection = collection;
    this.#rows.open(collection);
    this.#events = this.#openEvents(onError);
    // What the child has mapped is gone when it begins.
    for (const pid of this.#targets.pids) this.#publish(pid);
    this.#timer = setInterval(() => this.#events?.drain(), POLL_MS);
    this.#timer.unref();
  }

  #openEvents(onError: (error: unknown) => void): ProcessEvents | undefined {
    const onEvents = (events: readonly ProcessEvent[]) => this.#apply(events);
    try {
      return new ProcessEvents({ onEvents, onLost: () => this.#readAgain(), onError });
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      this.#warn(`libraries that are loaded from now on are not unwound: ${error.message}`);
      return undefined;
    }
  }

  #readFiles(): void {
    const { pids, child, libraryPath } = this.#targets;
    for (const pid of pids) for (const mapping of this.#spaces.of(pid).mappings) this.#rowsOf(pid, mapping);
    for (const path of child ? linkedFiles(child.program, libraryPath) : []) {
      try {
        using file = ElfFile.open(path);
        this.#rows.ofFile(file);
      } catch {
        // It is said when it is mapped and cannot be read.
      }
    }
  }

  /** Processes that a traced one starts are traced as well. */
  #apply(events: readonly ProcessEvent[]): void {
    const changed = new Set<number>();
    for (const event of events) {
      if (event.kind === "fork" && this.#pids.has(event.parent)) this.#pids.add(event.pid);
      if (!this.#pids.has(event.pid)) continue;
      this.#spaces.apply(event);
      changed.add(event.pid);
      if (event.kind === "exit") this.#pids.delete(event.pid);
    }
    for (const pid of changed) this.#publish(pid);
  }

  #readAgain(): void {
    this.#spaces.doubt();
    for (const pid of this.#pids) this.#publish(pid);
  }

  /** Writes where the files of a process are mapped. */
  #publish(pid: number): void {
    const map = this.#collection?.map(UNWIND_PROCESSES_MAP);
    const key = new Uint8Array(new Uint32Array([pid]).buffer);
    if (!this.#pids.has(pid)) {
      map?.delete(key);
      return;
    }
    const value = new DataView(new ArrayBuffer(UNWIND_PROCESS.bytes));
    const mappings = this.#spaces.of(pid).mappings.slice(0, UNWIND_MAPPINGS_MAX);
    value.setUint32(UNWIND_PROCESS.count, mappings.length, true);
    mappings.forEach((mapping, index) => {
      this.#writeMapping(value, UNWIND_PROCESS.mappings + index * UNWIND_MAPPING.bytes, pid, mapping);
    });
    try {
      map?.update(key, new Uint8Array(value.buffer));
    } catch (error) {
      // Of more processes than there is room for, mappings are asked of the kernel.
      if (!(error instanceof SyscallError)) throw error;
    }
  }

  #writeMapping(value: DataView, at: number, pid: number, mapping: Mapping): void {
    const { first, count, address } = this.#rowsOf(pid, mapping);
    value.setBigUint64(at + UNWIND_MAPPING.start, BigInt(mapping.start), true);
    value.setBigUint64(at + UNWIND_MAPPING.end, BigInt(mapping.end), true);
    value.setBigInt64(at + UNWIND_MAPPING.bias, BigInt(mapping.start - address), true);
    value.setUint32(at + UNWIND_MAPPING.first, first, true);
    value.setUint32(at + UNWIND_MAPPING.count, count, true);
  }

  /** The rows of a mapping's file, and the address, as they count it, of the mapping's first byte. */
  #rowsOf(pid: number, mapping: Mapping): FileRows & { readonly address: number } {
    const { elf, rows } = this.#imageOf(pid, mapping) ?? {};
    if (elf === undefined || rows === undefined) return { first: 0, count: 0, base: 0, address: 0 };
    return { ...rows, address: (elf.addressOf(mapping.fileOffset) ?? mapping.fileOffset) - rows.base };
  }

  #imageOf(pid: number, mapping: Mapping): { readonly elf: Elf; readonly rows: FileRows } | undefined {
    if (mapping.path === VDSO) {
      this.#vdso ??= { elf: readVdso() };
      const { elf } = this.#vdso;
      return elf && { elf, rows: this.#rows.ofImage(VDSO, elf) };
    }
    const file = isFileMapping(mapping) ? this.#files.open(pid, mapping) : undefined;
    return file && { elf: file.elf, rows: this.#rows.ofFile(file) };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#events?.[Symbol.dispose]();
    this.#files[Symbol.dispose]();
    this.#rows[Symbol.dispose]();
  }
}
