import { latin1 } from "@beetrace/std";
import { BPF_F_RDONLY_PROG, type MapSpec } from "../spec.ts";
import { E2BIG, EEXIST, EINVAL, ENOENT } from "./errno.ts";
import type { Memory, Segment } from "./memory.ts";

/** Update only what is not there, or only what is. Source: include/uapi/linux/bpf.h. */
const BPF_NOEXIST = 1;
const BPF_EXIST = 2;

interface Entry {
  readonly key: Uint8Array;
  /** One per CPU for per-CPU maps, else one. */
  readonly values: readonly Segment[];
}

/**
 * A hash or array map, per-CPU or not, with or without eviction (LRU). Values are segments of their own, so that
 * an access beyond a value's end is seen. The elements of an array are made when they are first looked at.
 */
export class KeyedMap {
  readonly kind = "keyed";
  readonly spec: MapSpec;
  readonly #memory: Memory;
  readonly #cpus: number;
  readonly #isArray: boolean;
  readonly #isLru: boolean;
  /** By key as Latin-1 text; in a LRU map, the least recently used comes first. */
  readonly #entries = new Map<string, Entry>();

  constructor(spec: MapSpec, memory: Memory, cpus: number) {
    this.spec = spec;
    this.#memory = memory;
    this.#isArray = spec.type === "BPF_MAP_TYPE_ARRAY" || spec.type === "BPF_MAP_TYPE_PERCPU_ARRAY";
    this.#isLru = spec.type === "BPF_MAP_TYPE_LRU_HASH" || spec.type === "BPF_MAP_TYPE_LRU_PERCPU_HASH";
    this.#cpus = spec.type.includes("PERCPU") ? cpus : 1;
    spec.contents?.forEach((bytes, index) => {
      const segment = this.lookup(indexKey(index), 0);
      if (segment !== undefined) segment.bytes.set(bytes.subarray(0, spec.valueSize));
    });
  }

  get isArray(): boolean {
    return this.#isArray;
  }

  /** The value that a program on `cpu` sees. */
  lookup(key: Uint8Array, cpu: number): Segment | undefined {
    const text = latin1(key);
    const known = this.#entries.get(text);
    if (known === undefined)
      return this.#isArray && this.#inArray(key) ? this.#add(key, text).values[cpu % this.#cpus] : undefined;
    if (this.#isLru) {
      this.#entries.delete(text);
      this.#entries.set(text, known);
    }
    return known.values[cpu % this.#cpus];
  }

  /** The value of one CPU in a per-CPU map; undefined for a CPU that there is not. */
  lookupOn(key: Uint8Array, cpu: number): Segment | undefined {
    return cpu < this.#cpus ? this.lookup(key, cpu) : undefined;
  }

  /** Writes the value of `cpu`; the values of other CPUs of a new entry are zero. Returns 0 or a negative errno. */
  update(key: Uint8Array, value: Uint8Array, flags: bigint, cpu: number): number {
    if (flags > BigInt(BPF_EXIST)) return -EINVAL;
    if (this.#isArray && !this.#inArray(key)) return -E2BIG;
    const known = this.lookup(key, cpu);
    if (known !== undefined && flags === BigInt(BPF_NOEXIST)) return -EEXIST;
    if (known === undefined && flags === BigInt(BPF_EXIST)) return -ENOENT;
    if (known === undefined && this.#entries.size >= this.spec.maxEntries && !this.#evict()) return -E2BIG;
    const segment = known ?? this.#add(key, latin1(key)).values[cpu % this.#cpus];
    segment.bytes.set(value);
    return 0;
  }

  /** Returns 0 or a negative errno. */
  delete(key: Uint8Array): number {
    if (this.#isArray) return -EINVAL;
    const text = latin1(key);
    const entry = this.#entries.get(text);
    if (entry === undefined) return -ENOENT;
    this.#drop(text, entry);
    return 0;
  }

  /** The keys there are now: of an array, all indexes. */
  keys(): Uint8Array[] {
    if (this.#isArray) return Array.from({ length: this.spec.maxEntries }, (_, index) => indexKey(index));
    return Array.from(this.#entries.values(), (entry) => entry.key);
  }

  /** A value as BPF_MAP_LOOKUP_ELEM gives it: of a per-CPU map, all CPUs' values, each padded to 8 bytes. A copy. */
  get(key: Uint8Array): Uint8Array | undefined {
    if (this.lookup(key, 0) === undefined) return undefined;
    const values = this.#entries.get(latin1(key))?.values ?? [];
    if (!this.#isPerCpu) return values[0].bytes.slice();
    const stride = Math.ceil(this.spec.valueSize / 8) * 8;
    const all = new Uint8Array(stride * values.length);
    values.forEach((value, cpu) => {
      all.set(value.bytes, cpu * stride);
    });
    return all;
  }

  /** Sets a value as BPF_MAP_UPDATE_ELEM does, in the form that {@link get} gives. Returns 0 or a negative errno. */
  set(key: Uint8Array, value: Uint8Array): number {
    const { valueSize } = this.spec;
    if (!this.#isPerCpu) return this.update(key, value.subarray(0, valueSize), 0n, 0);
    const stride = Math.ceil(valueSize / 8) * 8;
    for (let cpu = 0; cpu < this.#cpus; cpu++) {
      const error = this.update(key, value.subarray(cpu * stride, cpu * stride + valueSize), 0n, cpu);
      if (error !== 0) return error;
    }
    return 0;
  }

  /** All keys and values, as {@link get} gives them. */
  *entries(): Generator<readonly [key: Uint8Array, value: Uint8Array]> {
    for (const key of this.keys()) {
      const value = this.get(key);
      if (value !== undefined) yield [key, value];
    }
  }

  get #isPerCpu(): boolean {
    return this.spec.type.includes("PERCPU");
  }

  #inArray(key: Uint8Array): boolean {
    return new DataView(key.buffer, key.byteOffset, key.byteLength).getUint32(0, true) < this.spec.maxEntries;
  }

  #add(key: Uint8Array, text: string): Entry {
    const { name, valueSize, flags = 0 } = this.spec;
    const writable = (flags & BPF_F_RDONLY_PROG) === 0;
    const values = Array.from({ length: this.#cpus }, () =>
      this.#memory.allocate(`${name} value`, new Uint8Array(valueSize), { writable }),
    );
    const entry = { key: key.slice(), values };
    this.#entries.set(text, entry);
    return entry;
  }

  #evict(): boolean {
    if (!this.#isLru) return false;
    for (const [text, entry] of this.#entries) {
      this.#drop(text, entry);
      return true;
    }
    return false;
  }

  #drop(text: string, entry: Entry): void {
    this.#entries.delete(text);
    for (const value of entry.values) this.#memory.retire(value);
  }
}

/** The key of an array's element. */
export function indexKey(index: number): Uint8Array {
  const key = new Uint8Array(4);
  new DataView(key.buffer).setUint32(0, index, true);
  return key;
}
