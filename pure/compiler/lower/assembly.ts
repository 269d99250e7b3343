import { BPF_F_MMAPABLE, BPF_F_RDONLY_PROG, type MapSpec } from "@beetrace/bytecode";
import { histBucketCount, lhistBucketCount, type MapLayout, sizeOf } from "@beetrace/output";
import { alignUp, invariant } from "@beetrace/std";
import type { CheckedScript, MapInfo } from "../check/model.ts";
import {
  type Action,
  type CompiledMap,
  EVENTS_MAP,
  GLOBALS_MAP,
  PACKETS_MAP,
  RUNTIME_MAP,
  type RuntimeSite,
} from "../compiled.ts";
import { layOutParams, PARAMS_MAP, type ParamSlot } from "../named-params.ts";
import { frameBytes, layoutOf, stackMapName, storageSize } from "../semantics/storage.ts";
import { INT64, isAggregate, type StackType, type Type } from "../semantics/types.ts";
import { UNWIND_MAP_SPECS } from "../unwind-maps.ts";

/** Bytes of one counter pair in the runtime map. */
export const RUNTIME_SITE_BYTES = 16;

/** How a map of the script stands in the kernel: what the lowering needs of it. */
export interface KernelMap {
  readonly name: string;
  readonly spec: MapSpec;
  readonly layout: MapLayout;
  readonly info: MapInfo;
  readonly key: Type | undefined;
  readonly value: Type;
  /** Scalar maps only. */
  readonly presentOffset?: number;
  readonly valueSize: number;
  /** Where the bucket index stands in the key of a keyed histogram. */
  readonly bucketOffset?: number;
}

/** What the programs of a script share: maps, actions, counters, tables. */
export class Assembly {
  readonly checker: CheckedScript;
  readonly actions: Action[] = [];
  /** Files that packets are written to. */
  readonly packetFiles: string[] = [];
  readonly sites: RuntimeSite[] = [];
  readonly #siteIndexes = new Map<string, number>();
  /** Named parameters that are not known yet. */
  readonly params: readonly ParamSlot[];
  readonly #maps = new Map<string, KernelMap>();
  readonly #working = new Set<KernelMap>();
  /** Bytes of the largest stack of each map. */
  readonly #stacks = new Map<string, number>();
  #unwinds = false;
  readonly #tables = new Map<string, MapSpec>();
  #scratchBytes = 0;
  readonly #pinned = new Map<string, MapSpec>();
  #usesGlobals = false;
  #usesExited = false;
  readonly #ringBytesMax: number;
  #snapshotBytes = 0;
  #largestEvent = 0;
  /** Full names of all probes of the script. */
  readonly probeNames: readonly string[];
  /** Constant texts that have a table of their own. */
  textCount = 0;

  constructor(checker: CheckedScript, probeNames: readonly string[], ringBytesMax: number) {
    this.checker = checker;
    this.probeNames = probeNames;
    this.#ringBytesMax = ringBytesMax;
    const later = [...checker.options.namedParams.values()].filter(({ value }) => value === undefined);
    this.params = layOutParams(later, checker.options.config.max_strlen);
    for (const info of checker.maps.values()) {
      if (info.value !== undefined) this.#maps.set(info.name, kernelMap(info, checker.options.config.max_map_keys));
    }
  }

  map(name: string): KernelMap {
    const map = this.#maps.get(name);
    invariant(map, `no map ${name}`);
    return map;
  }

  /** A program reads the map's values or deletes them. */
  markWorking(map: KernelMap): void {
    this.#working.add(map);
  }

  /** What is read only to be shown does not make the map one that serves to compute. */
  shownOnly(map: KernelMap, read: () => void): void {
    const isWorking = this.#working.has(map);
    read();
    if (!isWorking) this.#working.delete(map);
  }

  /** Bytes of the user's part of a histogram's key. */
  keyBytes(map: KernelMap): number {
    return map.key ? storageSize(map.key) : 0;
  }

  /** What has been added so far, to go back to when a program is lowered again. */
  mark(): { readonly actions: number; readonly sites: number } {
    return { actions: this.actions.length, sites: this.sites.length };
  }

  reset(mark: { readonly actions: number; readonly sites: number }): void {
    this.actions.length = mark.actions;
    for (const site of this.sites.splice(mark.sites)) this.#siteIndexes.delete(siteKey(site));
  }

  /** Whether a ring buffer can hold such an event. */
  fits(sizeBytes: number): boolean {
    this.#largestEvent = Math.max(this.#largestEvent, sizeBytes);
    return sizeBytes + RING_HEADER_BYTES < this.#ringBytesMax;
  }

  /** Room for a burst of {@link BURST_EVENTS}, a power of two. */
  get #ringBytes(): number {
    const { config } = this.checker.options;
    if (config.perf_rb_pages > 0) return this.#ringBytesMax;
    let bytes = RING_BYTES_MIN;
    const wanted = Math.max((this.#largestEvent + RING_HEADER_BYTES) * BURST_EVENTS, this.#snapshotBytes);
    while (bytes < this.#ringBytesMax && bytes < wanted) bytes *= 2;
    return bytes;
  }

  /** A program sends so many bytes at once: all entries of a map, of which user space reads the first meanwhile. */
  needSnapshot(bytes: number): void {
    this.#snapshotBytes = Math.max(this.#snapshotBytes, Math.min(bytes, SNAPSHOT_RING_BYTES_MAX));
  }

  action(action: Action): number {
    return this.actions.push(action) - 1;
  }

  /** The offset of a runtime site's counters. Copies of one place (by `unroll`) are one site. */
  site(site: RuntimeSite): number {
    const key = siteKey(site);
    let index = this.#siteIndexes.get(key);
    if (index === undefined) {
      index = this.sites.push(site) - 1;
      this.#siteIndexes.set(key, index);
    }
    return index * RUNTIME_SITE_BYTES;
  }

  stackMap(type: StackType): string {
    const name = stackMapName(type);
    this.#stacks.set(name, Math.max(this.#stacks.get(name) ?? 0, type.limit * frameBytes(type)));
    this.#unwinds ||= type.unwound === true;
    return name;
  }

  /** The index of a file that packets are written to. */
  packetFile(path: string): number {
    const known = this.packetFiles.indexOf(path);
    return known < 0 ? this.packetFiles.push(path) - 1 : known;
  }

  /** A hash that is pinned there. The same path is one map. */
  pinnedMap(path: string): string {
    const name = `pinned_${[...this.#pinned.keys(), path].indexOf(path)}`;
    this.#pinned.set(path, {
      name,
      type: "BPF_MAP_TYPE_HASH",
      keySize: 8,
      valueSize: 8,
      maxEntries: 1,
      pinnedAt: path,
    });
    return name;
  }

  globals(): string {
    this.#usesGlobals = true;
    return GLOBALS_MAP;
  }

  exited(): string {
    this.#usesExited = true;
    return EXITED_MAP;
  }

  /** A constant table: an array map of one element. The same bytes give the same map. */
  table(name: string, bytes: Uint8Array): string {
    this.#tables.set(name, {
      name,
      type: "BPF_MAP_TYPE_ARRAY",
      keySize: 4,
      valueSize: alignUp(bytes.length, 8),
      maxEntries: 1,
      contents: [padded(bytes, alignUp(bytes.length, 8))],
    });
    return name;
  }

  /** A constant table of many elements. */
  tableOf(name: string, elements: readonly Uint8Array[], sizeBytes: number): string {
    this.#tables.set(name, {
      name,
      type: "BPF_MAP_TYPE_ARRAY",
      keySize: 4,
      valueSize: sizeBytes,
      maxEntries: elements.length,
      contents: elements.map((element) => padded(element, sizeBytes)),
    });
    return name;
  }

  /** Scratch memory that a program needs on each CPU. */
  needScratch(bytes: number): void {
    this.#scratchBytes = Math.max(this.#scratchBytes, bytes);
  }

  get compiledMaps(): CompiledMap[] {
    return [...this.#maps.values()].map((map) => ({
      layout: map.layout,
      map: map.name,
      valueSize: map.valueSize,
      ...(map.presentOffset === undefined ? {} : { presentOffset: map.presentOffset }),
      ...(this.#working.has(map) ? { working: true } : {}),
    }));
  }

  mapSpecs(): MapSpec[] {
    const specs: MapSpec[] = [...this.#maps.values()].map((map) => map.spec);
    const array = (name: string, valueSize: number, flags?: number): MapSpec => ({
      name,
      type: "BPF_MAP_TYPE_ARRAY",
      keySize: 4,
      valueSize,
      maxEntries: 1,
      ...(flags ? { flags } : {}),
    });
    if (this.actions.length > 0) {
      specs.push({
        name: EVENTS_MAP,
        type: "BPF_MAP_TYPE_RINGBUF",
        keySize: 0,
        valueSize: 0,
        maxEntries: this.#ringBytes,
      });
    }
    if (this.packetFiles.length > 0) {
      const sizes = { keySize: 4, valueSize: 4, maxEntries: this.checker.target.possibleCpus };
      specs.push({ name: PACKETS_MAP, type: "BPF_MAP_TYPE_PERF_EVENT_ARRAY", ...sizes });
    }
    if (this.sites.length > 0) specs.push(array(RUNTIME_MAP, this.sites.length * RUNTIME_SITE_BYTES, BPF_F_MMAPABLE));
    if (this.#usesExited) specs.push(array(EXITED_MAP, 8));
    if (this.#usesGlobals) specs.push(array(GLOBALS_MAP, 16));
    if (this.#scratchBytes > 0) {
      const { possibleCpus } = this.checker.target;
      // What is put into a map of stacks is as long as the largest of them.
      const bytes = this.#scratchBytes + Math.max(0, ...this.#stacks.values());
      specs.push({ ...array(SCRATCH_MAP, alignUp(bytes, 64)), maxEntries: possibleCpus });
    }
    const { max_stacks: maxEntries } = this.checker.options.config;
    for (const [name, valueSize] of this.#stacks)
      specs.push({ name, type: "BPF_MAP_TYPE_HASH", keySize: 8, valueSize, maxEntries });
    if (this.#unwinds) specs.push(...UNWIND_MAP_SPECS);
    if (this.params.length > 0) {
      const sizeBytes = this.params.reduce((size, slot) => size + slot.sizeBytes, 0);
      specs.push({ ...array(PARAMS_MAP, sizeBytes, BPF_F_RDONLY_PROG), frozen: true });
    }
    specs.push(...this.#tables.values(), ...this.#pinned.values());
    return specs;
  }
}

/** include/uapi/linux/bpf.h, BPF_RINGBUF_HDR_SZ. */
const RING_HEADER_BYTES = 8;
/** Events that come while user space is busy: 10 ms at three million a second. */
const BURST_EVENTS = 32768;
const RING_BYTES_MIN = 1 << 18;
/** Memory of the ring for entries of maps. */
const SNAPSHOT_RING_BYTES_MAX = 1 << 22;

/** The map of memory for what the stack has no room for: an array with an element for each possible CPU. */
export const SCRATCH_MAP = "scratch";
/** The map whose only word is 1 once a program that could fire again called `exit()`. */
const EXITED_MAP = "exited";

function padded(bytes: Uint8Array, sizeBytes: number): Uint8Array {
  const whole = new Uint8Array(sizeBytes);
  whole.set(bytes.subarray(0, sizeBytes));
  return whole;
}

/** `@x` as `AT_x`: the kernel takes letters, digits, `_` and `.` in map names. */
function kernelName(name: string): string {
  return `AT_${name.slice(1)}`;
}

/** How many buckets a histogram has, or intervals a time series; 0 for any other value. */
export function bucketCount(value: Type): number {
  switch (value.kind) {
    case "hist":
      return histBucketCount(value.bits);
    case "lhist":
      return lhistBucketCount(value.min, value.max, value.step);
    default:
      return value.kind === "tseries" ? value.count : 0;
  }
}

function kernelMap(info: MapInfo, maxKeys: number): KernelMap {
  const value = info.value!;
  const layout = layoutOf(value);
  const buckets = bucketCount(value);
  const name = kernelName(info.name);
  const declared = info.declared?.type;
  const perCpu = isAggregate(value) || declared === "percpuhash" || declared === "percpulruhash";
  // The intervals of a time series can be too many for one element of an array.
  if (!info.keyed && value.kind !== "tseries" && (declared === undefined || isAggregate(value))) {
    const valueSize = alignUp(buckets > 0 ? buckets * 8 : sizeOf(layout), 8);
    return {
      name,
      info,
      key: undefined,
      value,
      layout: { name: info.name, value: layout, perCpu, ...(buckets > 0 ? { buckets: "value" } : {}) },
      presentOffset: valueSize,
      valueSize,
      spec: {
        name,
        type: perCpu ? "BPF_MAP_TYPE_PERCPU_ARRAY" : "BPF_MAP_TYPE_ARRAY",
        keySize: 4,
        valueSize: valueSize + 8,
        maxEntries: 1,
      },
    };
  }
  const key = info.keyed ? info.key! : buckets > 0 ? undefined : INT64;
  const keySize = key ? storageSize(key) : 0;
  const bucketOffset = buckets > 0 ? alignUp(keySize, 8) : undefined;
  const valueSize = sizeOf(layout);
  const lru = declared === "lruhash" || declared === "percpulruhash";
  return {
    name,
    info,
    key,
    value,
    layout: {
      name: info.name,
      ...(info.keyed && key ? { key: layoutOf(key) } : {}),
      value: layout,
      perCpu,
      ...(buckets > 0 ? { buckets: "key" } : {}),
    },
    valueSize,
    ...(bucketOffset === undefined ? {} : { bucketOffset }),
    spec: {
      name,
      type: lru
        ? perCpu
          ? "BPF_MAP_TYPE_LRU_PERCPU_HASH"
          : "BPF_MAP_TYPE_LRU_HASH"
        : perCpu
          ? "BPF_MAP_TYPE_PERCPU_HASH"
          : "BPF_MAP_TYPE_HASH",
      keySize: bucketOffset === undefined ? keySize : bucketOffset + 8,
      valueSize,
      maxEntries: info.declared?.maxEntries ?? (key ? maxKeys : buckets),
    },
  };
}

function siteKey({ program, kind, helper, at }: RuntimeSite): string {
  return `${program} ${kind} ${helper} ${at?.start} ${at?.end}`;
}
