import type { MapSpec } from "../spec.ts";
import { EEXIST, EFAULT } from "./errno.ts";
import { VmFault } from "./error.ts";
import { KeyedMap } from "./keyed-map.ts";
import type { Memory, Segment } from "./memory.ts";

/** A map in the interpreter. */
export type VmMap = KeyedMap | RingMap | PerfMap | StackTraceMap | OpaqueMap;

/** Makes an empty map, or one with the contents of its spec. */
export function createMap(spec: MapSpec, memory: Memory, cpus: number): VmMap {
  switch (spec.type) {
    case "BPF_MAP_TYPE_HASH":
    case "BPF_MAP_TYPE_PERCPU_HASH":
    case "BPF_MAP_TYPE_LRU_HASH":
    case "BPF_MAP_TYPE_LRU_PERCPU_HASH":
    case "BPF_MAP_TYPE_ARRAY":
    case "BPF_MAP_TYPE_PERCPU_ARRAY":
      return new KeyedMap(spec, memory, cpus);
    case "BPF_MAP_TYPE_RINGBUF":
      return new RingMap(spec, memory);
    case "BPF_MAP_TYPE_PERF_EVENT_ARRAY":
      return new PerfMap(spec);
    case "BPF_MAP_TYPE_STACK_TRACE":
      return new StackTraceMap(spec);
    default:
      return { kind: "opaque", spec };
  }
}

/** A map of a type that the interpreter knows only by name: every use of it is a fault. */
export interface OpaqueMap {
  readonly kind: "opaque";
  readonly spec: MapSpec;
}

const RING_HEADER_BYTES = 8;

/** Size that a sample takes in a ring: header and sample, rounded up to 8 bytes. */
function ringBytes(sizeBytes: number): number {
  return Math.ceil((sizeBytes + RING_HEADER_BYTES) / 8) * 8;
}

/** A ring buffer: collects the samples that were submitted until they are drained, and drops when it is full. */
export class RingMap {
  readonly kind = "ring";
  readonly spec: MapSpec;
  readonly #memory: Memory;
  readonly #reserved = new Map<bigint, Segment>();
  #samples: Uint8Array[] = [];
  #usedBytes = 0;
  #producedBytes = 0n;

  constructor(spec: MapSpec, memory: Memory) {
    this.spec = spec;
    this.#memory = memory;
  }

  /** Bytes that the samples not yet drained take, headers included. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Bytes that all samples ever took: the producer position. */
  get producedBytes(): bigint {
    return this.#producedBytes;
  }

  /** How many samples are reserved, and neither submitted nor discarded. */
  get reservedCount(): number {
    return this.#reserved.size;
  }

  /** Room for a sample, or undefined when the ring is full. Its content is not defined: it is filled with 0xa5. */
  reserve(sizeBytes: number): Segment | undefined {
    const total = ringBytes(sizeBytes);
    // The kernel never fills the last byte: __bpf_ringbuf_reserve in kernel/bpf/ringbuf.c.
    if (this.#usedBytes + total >= this.spec.maxEntries) return undefined;
    this.#usedBytes += total;
    this.#producedBytes += BigInt(total);
    const bytes = new Uint8Array(sizeBytes).fill(0xa5);
    const segment = this.#memory.allocate(`${this.spec.name} sample`, bytes, { owner: this });
    this.#reserved.set(segment.base, segment);
    return segment;
  }

  /** Ends a reservation: the sample is to be read, or thrown away. */
  commit(address: bigint, keep: boolean): void {
    const segment = this.#reserved.get(address);
    if (segment === undefined) throw new VmFault(`${this.#memory.describe(address)} is not a reserved sample`);
    this.#reserved.delete(address);
    this.#memory.free(segment);
    if (keep) this.#samples.push(segment.bytes);
  }

  /** Discards what is still reserved. */
  abandon(): void {
    for (const address of [...this.#reserved.keys()]) this.commit(address, false);
  }

  /** The samples since the last call, oldest first. */
  drain(): Uint8Array[] {
    const samples = this.#samples;
    this.#samples = [];
    this.#usedBytes = 0;
    return samples;
  }
}

/** A perf event array: collects the samples of all CPUs until they are drained. */
export class PerfMap {
  readonly kind = "perf";
  readonly spec: MapSpec;
  #samples: { readonly cpu: number; readonly bytes: Uint8Array }[] = [];

  constructor(spec: MapSpec) {
    this.spec = spec;
  }

  output(cpu: number, bytes: Uint8Array): void {
    this.#samples.push({ cpu, bytes: bytes.slice() });
  }

  /** The samples since the last call, oldest first. */
  drain(): readonly { readonly cpu: number; readonly bytes: Uint8Array }[] {
    const samples = this.#samples;
    this.#samples = [];
    return samples;
  }
}

/** A stack trace map: gives each distinct stack the next id. The kernel's ids are hashes; programs must not care. */
export class StackTraceMap {
  readonly kind = "stacks";
  readonly spec: MapSpec;
  readonly #ids = new Map<string, number>();
  readonly #stacks: (readonly bigint[])[] = [];

  constructor(spec: MapSpec) {
    this.spec = spec;
  }

  /** The id of a stack, or a negative errno: -EFAULT for an empty one, -EEXIST when the map is full. */
  idOf(stack: readonly bigint[]): number {
    if (stack.length === 0) return -EFAULT;
    const frames = stack.slice(0, this.spec.valueSize / 8);
    const text = frames.join();
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    if (this.#stacks.length >= this.spec.maxEntries) return -EEXIST;
    this.#ids.set(text, this.#stacks.length);
    return this.#stacks.push(frames) - 1;
  }

  /** The return addresses of a stack, innermost first. */
  stack(id: number): readonly bigint[] | undefined {
    return this.#stacks[id];
  }
}
