import type { CompiledMap } from "@beetrace/compiler";
import type { BpfMap, Collection, MapEntries } from "@beetrace/ebpf";
import {
  type MapEntry,
  type MapPrintOptions,
  readEntries,
  type Value,
  type ValueType,
  zeroValue,
} from "@beetrace/output";
import { concatBytes, invariant } from "@beetrace/std";
import type { MapPrinter } from "./printer.ts";

/** The only key of a scalar map's array. */
const KEY_ZERO = new Uint8Array(4);
const PRESENT_BYTES = 8;

interface LiveMap {
  readonly compiled: CompiledMap;
  readonly kernel: BpfMap;
}

/** Entries one after the other. */
interface Snapshot {
  readonly keys: Uint8Array[];
  readonly values: Uint8Array[];
}

/** Prints at a time whose end has not come yet. */
const SNAPSHOTS_MAX = 64;

/** What is printed of a map. */
export interface PrintedMap {
  /** And is removed from it. */
  readonly take?: boolean;
  /** The token of entries that were sent, and whether they are all. */
  readonly snapshot?: number;
  readonly isWhole?: boolean;
}

/** The maps of a running script, by their names in it (`@x`). */
export class ScriptMaps {
  readonly #maps: ReadonlyMap<string, LiveMap>;
  readonly #printer: MapPrinter;

  constructor(maps: readonly CompiledMap[], collection: Collection, printer: MapPrinter) {
    const live = maps.map((compiled): LiveMap => ({ compiled, kernel: collection.map(compiled.map) }));
    this.#maps = new Map(live.map((map) => [map.compiled.layout.name, map]));
    this.#printer = printer;
  }

  /** The names of the maps in the order of their bytes. */
  get names(): readonly string[] {
    return [...this.#maps.keys()].sort();
  }

  /** How a map was compiled. */
  compiled(name: string): CompiledMap {
    return this.#named(name).compiled;
  }

  /** The entries as they are now, values of CPUs merged. A scalar map that was never written has none. */
  entries(name: string): MapEntry[] {
    const map = this.#named(name);
    return decoded(map, map.kernel.readAll());
  }

  /**
   * The entries, removed from the map in one step (Linux 5.6; before it, and for a map without keys, what is counted
   * between reading and clearing is lost). A program that has just looked its entry up adds to what is gone: a count may
   * be lost on each CPU, as with `clear()`.
   */
  take(name: string): MapEntry[] {
    const map = this.#named(name);
    if (!map.kernel.isArray) return decoded(map, map.kernel.takeAll());
    const entries = this.entries(name);
    map.kernel.clear();
    return entries;
  }

  /** Entries that programs have sent, by the token of the `print()` that will show them. */
  readonly #snapshots = new Map<number, Snapshot>();

  /** An entry, as it stands in the kernel. */
  addEntry(token: number, key: Uint8Array, values: Uint8Array): void {
    const snapshot = this.#snapshots.get(token) ?? { keys: [], values: [] };
    // Those whose end was lost.
    if (snapshot.keys.length === 0 && this.#snapshots.size >= SNAPSHOTS_MAX) this.#snapshots.clear();
    snapshot.keys.push(key);
    snapshot.values.push(values);
    this.#snapshots.set(token, snapshot);
  }

  /** As `print(@x)` does: a scalar map that was never written shows the zero of its type. */
  print(name: string, options: MapPrintOptions, { take = false, ...sent }: PrintedMap = {}): void {
    const map = this.#named(name);
    const { layout } = map.compiled;
    const entries = this.#sent(map, sent, take) ?? (take ? this.take(name) : this.entries(name));
    const isAbsent = entries.length === 0 && layout.key === undefined;
    const shown = isAbsent ? [{ key: null, value: zeroValue(layout.value) }] : entries;
    this.#printer.map(layout, shown, options);
    if (take) this.#printer.cleared?.(name);
  }

  /**
   * The entries that were sent. Where some found no room the map is read instead; but what was taken out of it is shown, and
   * the rest stays for the next time.
   */
  #sent(map: LiveMap, { snapshot: token, isWhole }: PrintedMap, take: boolean): MapEntry[] | undefined {
    if (token === undefined) return undefined;
    const { keys, values } = this.#snapshots.get(token) ?? { keys: [], values: [] };
    this.#snapshots.delete(token);
    if (!isWhole && !take) return undefined;
    return decoded(map, { count: keys.length, keys: concatBytes(keys), values: concatBytes(values) });
  }

  /** A scalar map as it was: with this value, of this type where it is no count or sum. */
  printScalar(name: string, type: ValueType, value: Value, options: MapPrintOptions): void {
    const { layout } = this.#named(name).compiled;
    const isTotal = layout.value.kind === "count" || layout.value.kind === "sum";
    this.#printer.map(isTotal ? layout : { ...layout, value: type }, [{ key: null, value }], options);
  }

  /** Every map that has entries, in the byte order of their names. */
  printAll(): void {
    for (const name of this.names) {
      const entries = this.entries(name);
      if (entries.length > 0) this.#printer.map(this.#named(name).compiled.layout, entries, {});
    }
  }

  /** Prints and clears the maps that are results. Where all maps serve to compute, all are printed and none cleared. */
  printInterval(): void {
    const names = this.names;
    const results = names.filter((name) => !this.#named(name).compiled.working);
    for (const name of results.length > 0 ? results : names) {
      const entries = results.length > 0 ? this.take(name) : this.entries(name);
      if (entries.length > 0) this.#printer.map(this.#named(name).compiled.layout, entries, {});
    }
  }

  /** Prints and clears these; those that the script does not have are left out. */
  printAndClear(names: readonly string[]): void {
    for (const name of names) {
      const map = this.#maps.get(name);
      if (map !== undefined) this.#printer.map(map.compiled.layout, this.take(name), {});
    }
  }

  /** Prints these; those that the script does not have are left out. */
  printNamed(names: readonly string[]): void {
    for (const name of names) if (this.#maps.has(name)) this.print(name, {});
  }

  /** Removes all entries; `done`: a program has. */
  clear(name: string, done = false): void {
    if (!done) this.#named(name).kernel.clear();
    this.#printer.cleared?.(name);
  }

  /** Sets all values to zero; the entries stay. `done`: a program has. */
  zero(name: string, done = false): void {
    this.#printer.cleared?.(name);
    if (done) return;
    const { compiled, kernel } = this.#named(name);
    if (compiled.presentOffset === undefined) return kernel.zero();
    const { values } = kernel.readAll();
    const stride = values.length / kernel.valuesPerEntry;
    for (let at = 0; at < values.length; at += stride) values.fill(0, at, at + compiled.presentOffset);
    kernel.update(KEY_ZERO, values);
  }

  #named(name: string): LiveMap {
    const map = this.#maps.get(name);
    invariant(map !== undefined, `the script has no map ${name}`);
    return map;
  }
}

function decoded({ compiled, kernel }: LiveMap, { count, keys, values }: MapEntries): MapEntry[] {
  const cpus = kernel.valuesPerEntry;
  if (compiled.presentOffset === undefined) return readEntries(compiled.layout, { count, keys, values, cpus });
  if (!isPresent(compiled.presentOffset, values, cpus)) return [];
  return readEntries(compiled.layout, { count, keys, values: withoutPresent(compiled, values, cpus), cpus });
}

/** Written on one CPU is written. */
function isPresent(offset: number, values: Uint8Array, cpus: number): boolean {
  const stride = values.length / cpus;
  for (let at = offset; at < values.length; at += stride) {
    if (values.subarray(at, at + PRESENT_BYTES).some((byte) => byte !== 0)) return true;
  }
  return false;
}

/** The values of all CPUs as if there were no such word behind them: it would count as another bucket. */
function withoutPresent({ valueSize }: CompiledMap, values: Uint8Array, cpus: number): Uint8Array {
  const stride = values.length / cpus;
  const plain = new Uint8Array(valueSize * cpus);
  for (let cpu = 0; cpu < cpus; cpu++) {
    plain.set(values.subarray(cpu * stride, cpu * stride + valueSize), cpu * valueSize);
  }
  return plain;
}
