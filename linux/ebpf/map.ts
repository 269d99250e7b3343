import { BPF_F_MMAPABLE, MAP_TYPES, type MapSpec, type MapType } from "@beetrace/bytecode";
import { invariant } from "@beetrace/std";
import { possibleCpuCount } from "./cpus.ts";
import { Handle } from "./handle.ts";
import { deleteEntries, readEntries, takeEntries, writeEntries } from "./map-batch.ts";
import { explained } from "./sys/error.ts";
import { kernel } from "./sys/kernel.ts";
import type { MapCreateOptions, Mapping, Memory, Sys } from "./sys/sys.ts";

/** Make the entry or replace it. */
export const BPF_ANY = 0;
/** Make the entry only if it is not there. */
export const BPF_NOEXIST = 1;
/** Replace the entry only if it is there. */
export const BPF_EXIST = 2;

/** Keys and values of a map's entries: flat, so that a decoder walks them without an object per entry. */
export interface MapEntries {
  readonly count: number;
  /** `count` keys of `keySize` bytes. */
  readonly keys: Uint8Array;
  /** `count` values of `valueStride` bytes. */
  readonly values: Uint8Array;
}

/** Shared memory of a map. Not to be touched after it, or its map, is disposed. */
export interface MappedValues extends Disposable {
  readonly bytes: Uint8Array;
}

/** Options of {@link BpfMap.create}. */
export interface MapOptions {
  readonly sys?: Sys;
  /** For maps of maps: a map whose shape the inner ones have. */
  readonly inner?: BpfMap;
}

const ARRAY_TYPES: ReadonlySet<MapType> = new Set(["BPF_MAP_TYPE_ARRAY", "BPF_MAP_TYPE_PERCPU_ARRAY"]);
const PER_CPU_TYPES: ReadonlySet<MapType> = new Set([
  "BPF_MAP_TYPE_PERCPU_HASH",
  "BPF_MAP_TYPE_PERCPU_ARRAY",
  "BPF_MAP_TYPE_LRU_PERCPU_HASH",
]);

/** A map in the kernel. */
export class BpfMap implements Disposable {
  readonly name: string;
  readonly type: MapType;
  readonly keySize: number;
  /** Size of one value in bytes, as the program sees it. */
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
  /** Values of one entry: the possible CPUs of a per-CPU map, otherwise 1. */
  readonly valuesPerEntry: number;
  /** Bytes of one entry's values in user space: per-CPU values start at multiples of 8. */
  readonly valueStride: number;
  readonly sys: Sys;
  readonly #handle: Handle;
  readonly #key: Memory;
  readonly #value: Memory;

  private constructor(sys: Sys, spec: MapSpec, fd: number) {
    this.sys = sys;
    this.name = spec.name;
    this.type = spec.type;
    this.keySize = spec.keySize;
    this.valueSize = spec.valueSize;
    this.maxEntries = spec.maxEntries;
    this.flags = spec.flags ?? 0;
    const perCpu = PER_CPU_TYPES.has(spec.type);
    this.valuesPerEntry = perCpu ? possibleCpuCount() : 1;
    this.valueStride = perCpu ? roundUp(spec.valueSize, 8) * this.valuesPerEntry : spec.valueSize;
    this.#handle = new Handle(sys, "map", spec.name, fd);
    this.#key = sys.allocate(this.keySize);
    this.#value = sys.allocate(this.valueStride);
  }

  /** Makes the map and fills in its contents. Throws `SyscallError`. */
  static create(spec: MapSpec, options: MapOptions = {}): BpfMap {
    const { sys = kernel, inner } = options;
    const sized = withDefaultSizes(spec);
    let map: BpfMap;
    try {
      map = new BpfMap(sys, sized, sys.mapCreate(createOptions(sized, inner)));
    } catch (error) {
      throw explained(error, `map ${spec.name}`);
    }
    try {
      map.#fill(sized);
      return map;
    } catch (error) {
      map[Symbol.dispose]();
      throw explained(error, `contents of map ${spec.name}`);
    }
  }

  /** The map pinned at a path of a BPF file system. `spec` says what it is expected to be. */
  static openPinned(path: string, spec: MapSpec, sys: Sys = kernel): BpfMap {
    return new BpfMap(sys, withDefaultSizes(spec), sys.objGet(path));
  }

  get fd(): number {
    return this.#handle.fd;
  }

  get isPerCpu(): boolean {
    return PER_CPU_TYPES.has(this.type);
  }

  get isArray(): boolean {
    return ARRAY_TYPES.has(this.type);
  }

  #fill(spec: MapSpec): void {
    const key = new Uint32Array(1);
    spec.contents?.forEach((value, index) => {
      key[0] = index;
      this.update(new Uint8Array(key.buffer), value);
    });
    if (spec.frozen) this.sys.mapFreeze(this.fd);
  }

  /** The entry's value (a copy; of all CPUs for a per-CPU map), or `undefined`. */
  lookup(key: Uint8Array): Uint8Array | undefined {
    return this.lookupShared(key)?.slice();
  }

  /** As `lookup`, in memory that the next call on this map overwrites: allocates nothing. */
  lookupShared(key: Uint8Array): Uint8Array | undefined {
    this.#setKey(key);
    return this.sys.mapLookupElem(this.fd, this.#key, this.#value) ? this.#value.bytes : undefined;
  }

  /** Sets an entry. A value of `valueSize` bytes given to a per-CPU map is set on every CPU. */
  update(key: Uint8Array, value: Uint8Array, flags: number = BPF_ANY): void {
    this.#setKey(key);
    this.#setValue(value);
    this.sys.mapUpdateElem(this.fd, this.#key, this.#value, flags);
  }

  /** Whether the entry was there. */
  delete(key: Uint8Array): boolean {
    this.#setKey(key);
    return this.sys.mapDeleteElem(this.fd, this.#key);
  }

  /** Takes an entry out of a hash map (Linux 5.14), or, without a key, the next one of a queue or stack (4.20). */
  take(key: Uint8Array = new Uint8Array(0)): Uint8Array | undefined {
    this.#setKey(key);
    return this.sys.mapLookupAndDeleteElem(this.fd, this.#key, this.#value) ? this.#value.bytes.slice() : undefined;
  }

  #setKey(key: Uint8Array): void {
    invariant(key.length === this.keySize, `key of ${key.length} bytes for map ${this.name} (${this.keySize})`);
    this.#key.bytes.set(key);
  }

  #setValue(value: Uint8Array): void {
    const { bytes } = this.#value;
    if (value.length === this.valueStride) {
      bytes.set(value);
      return;
    }
    invariant(
      value.length === this.valueSize,
      `value of ${value.length} bytes for map ${this.name} (${this.valueSize})`,
    );
    const stride = this.valueStride / this.valuesPerEntry;
    bytes.fill(0);
    for (let cpu = 0; cpu < this.valuesPerEntry; cpu++) bytes.set(value, cpu * stride);
  }

  /** All entries. While programs write, an entry made or deleted meanwhile may or may not be there. */
  readAll(): MapEntries {
    return readEntries(this);
  }

  /** All entries, removed from the map; updates between reading and removing are lost only before Linux 5.6. */
  takeAll(): MapEntries {
    return takeEntries(this);
  }

  /** The entries one by one: key and value are views of memory of their own. */
  *entries(): Generator<readonly [key: Uint8Array, value: Uint8Array]> {
    const { count, keys, values } = this.readAll();
    const { keySize, valueStride } = this;
    for (let index = 0; index < count; index++) {
      yield [
        keys.subarray(index * keySize, (index + 1) * keySize),
        values.subarray(index * valueStride, (index + 1) * valueStride),
      ];
    }
  }

  /** Removes every entry; an array's are set to zero, for they cannot be removed. */
  clear(): void {
    if (this.isArray) this.zero();
    else deleteEntries(this, this.readAll());
  }

  /** Sets every value to zero and keeps the keys. */
  zero(): void {
    const entries = this.readAll();
    writeEntries(this, { ...entries, values: new Uint8Array(entries.values.length) });
  }

  /**
   * The values of an array map made with `BPF_F_MMAPABLE`, as shared memory: reading needs no system call.
   * Values start at multiples of 8. Requires Linux 5.5.
   */
  mapValues(options: { readonly writable?: boolean } = {}): MappedValues {
    invariant((this.flags & BPF_F_MMAPABLE) !== 0, `map ${this.name} was not made with BPF_F_MMAPABLE`);
    const usedBytes = roundUp(this.valueSize, 8) * this.maxEntries;
    const sizeBytes = roundUp(usedBytes, this.sys.pageSizeBytes);
    let mapping: Mapping | undefined = this.sys.mmap(this.fd, 0, sizeBytes, options.writable ?? false);
    return {
      bytes: new Uint8Array(mapping.buffer, 0, usedBytes),
      [Symbol.dispose]: () => {
        if (mapping !== undefined) this.sys.munmap(mapping);
        mapping = undefined;
      },
    };
  }

  /** Keeps the map alive at a path of a BPF file system. */
  pin(path: string): void {
    this.sys.objPin(this.fd, path);
  }

  [Symbol.dispose](): void {
    this.#handle[Symbol.dispose]();
  }
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/** A perf event array holds an event of each CPU unless the spec says otherwise. */
function withDefaultSizes(spec: MapSpec): MapSpec {
  if (spec.type !== "BPF_MAP_TYPE_PERF_EVENT_ARRAY") return spec;
  return {
    ...spec,
    keySize: 4,
    valueSize: 4,
    maxEntries: spec.maxEntries === 0 ? possibleCpuCount() : spec.maxEntries,
  };
}

function createOptions(spec: MapSpec, inner: BpfMap | undefined): MapCreateOptions {
  return {
    name: spec.name,
    type: MAP_TYPES[spec.type],
    keySize: spec.keySize,
    valueSize: spec.valueSize,
    maxEntries: spec.maxEntries,
    flags: spec.flags ?? 0,
    innerMapFd: inner?.fd,
  };
}
