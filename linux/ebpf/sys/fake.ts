/** A stand-in for the kernel, so that the logic around maps, rings and program loading is tested without root. */
import { invariant } from "@beetrace/std";
import { ENOENT, ENOTSUPP, SyscallError } from "./error.ts";
import type {
  BatchBuffers,
  BatchResult,
  MapCreateOptions,
  Mapping,
  Memory,
  ProgLoadOptions,
  ProgLoadResult,
  Sys,
} from "./sys.ts";

/** What the fake does where the test decides. */
export interface FakeOptions {
  /** Whether the batch commands exist. */
  readonly batches?: boolean;
  readonly progLoad?: (options: ProgLoadOptions) => ProgLoadResult;
  /** Memory behind a file descriptor. */
  readonly mmap?: (fd: number, offset: number, sizeBytes: number) => ArrayBuffer;
}

/** A fake kernel and what it saw. */
export interface FakeSys extends Sys {
  /** File descriptors that are open. */
  readonly open: ReadonlySet<number>;
  /** Names of the calls, in order. */
  readonly calls: readonly string[];
  /** Makes a polled file descriptor readable once, if it is being polled. */
  signal(fd: number): void;
  readonly mappings: ReadonlySet<Mapping>;
}

interface FakeMap {
  readonly options: MapCreateOptions;
  /** By key as Latin-1 text. */
  readonly entries: Map<string, Uint8Array>;
  /** The key that was asked for last, and those behind it. */
  walk: { at: string | undefined; rest: Iterator<string> };
}

const PAGE_BYTES = 4096;

/** Makes a fake kernel. */
export function fakeSys(options: FakeOptions = {}): FakeSys {
  const state = new FakeState(options);
  const logged = (name: string, call: unknown) => {
    invariant(typeof call === "function", `${name} is no call`);
    return (...args: unknown[]) => {
      state.calls.push(name);
      return call.apply(state, args);
    };
  };
  return new Proxy(state as unknown as FakeSys, {
    get(_target, name: string) {
      const value: unknown = Reflect.get(state, name, state);
      invariant(value !== undefined, `the fake kernel has no ${name}`);
      return typeof value === "function" ? logged(name, value) : value;
    },
  });
}

class FakeState {
  readonly open = new Set<number>();
  readonly calls: string[] = [];
  readonly mappings = new Set<Mapping>();
  readonly pageSizeBytes = PAGE_BYTES;
  readonly #options: FakeOptions;
  readonly #maps = new Map<number, FakeMap>();
  readonly #polled = new Map<number, { onReadable: () => void; active: boolean }>();
  #nextFd = 100;
  #nextAddress = 0x1000;

  constructor(options: FakeOptions) {
    this.#options = options;
  }

  allocate(sizeBytes: number): Memory {
    const address = this.#nextAddress;
    this.#nextAddress += sizeBytes + 16;
    return { bytes: new Uint8Array(sizeBytes), address };
  }

  #newFd(): number {
    const fd = this.#nextFd++;
    this.open.add(fd);
    return fd;
  }

  mapCreate(options: MapCreateOptions): number {
    const fd = this.#newFd();
    const entries = new Map<string, Uint8Array>();
    this.#maps.set(fd, { options, entries, walk: { at: undefined, rest: entries.keys() } });
    return fd;
  }

  #map(fd: number): FakeMap {
    const map = this.#maps.get(fd);
    invariant(map !== undefined && this.open.has(fd), `${fd} is no open map`);
    return map;
  }

  mapLookupElem(fd: number, key: Memory, value: Memory): boolean {
    const found = this.#map(fd).entries.get(text(key.bytes));
    if (found !== undefined) value.bytes.set(found);
    return found !== undefined;
  }

  mapUpdateElem(fd: number, key: Memory, value: Memory): void {
    this.#map(fd).entries.set(text(key.bytes), value.bytes.slice());
  }

  mapDeleteElem(fd: number, key: Memory): boolean {
    return this.#map(fd).entries.delete(text(key.bytes));
  }

  mapGetNextKey(fd: number, key: Memory | undefined, nextKey: Memory): boolean {
    const map = this.#map(fd);
    // From the first one where the key is unknown.
    const asked = key && text(key.bytes);
    const from = asked !== undefined && map.entries.has(asked) ? asked : undefined;
    if (from === undefined || from !== map.walk.at) {
      map.walk.rest = map.entries.keys();
      while (from !== undefined && map.walk.rest.next().value !== from);
    }
    map.walk.at = map.walk.rest.next().value;
    if (map.walk.at !== undefined) nextKey.bytes.set(Buffer.from(map.walk.at, "latin1"));
    return map.walk.at !== undefined;
  }

  mapLookupBatch(fd: number, buffers: BatchBuffers, count: number, first: boolean): BatchResult {
    if (this.#options.batches === false) return { count, errno: ENOTSUPP };
    const { entries, options } = this.#map(fd);
    const position = new DataView(buffers.position.bytes.buffer);
    const start = first ? 0 : position.getUint32(0, true);
    const wanted = [...entries].slice(start, start + count);
    wanted.forEach(([key, value], index) => {
      buffers.keys.bytes.set(Buffer.from(key, "latin1"), index * options.keySize);
      buffers.values?.bytes.set(value, index * value.length);
    });
    position.setUint32(0, start + wanted.length, true);
    return { count: wanted.length, errno: start + wanted.length === entries.size ? ENOENT : 0 };
  }

  mapLookupAndDeleteBatch(fd: number, buffers: BatchBuffers, count: number): BatchResult {
    const result = this.mapLookupBatch(fd, buffers, count, true);
    if (result.errno === ENOTSUPP) return result;
    const { entries } = this.#map(fd);
    for (const key of [...entries.keys()].slice(0, result.count)) entries.delete(key);
    return result;
  }

  mapUpdateBatch(fd: number, keys: Memory, values: Memory, count: number): BatchResult {
    if (this.#options.batches === false) return { count, errno: ENOTSUPP };
    const { entries, options } = this.#map(fd);
    const stride = values.bytes.length / (keys.bytes.length / options.keySize);
    for (let index = 0; index < count; index++) {
      const key = keys.bytes.subarray(index * options.keySize, (index + 1) * options.keySize);
      entries.set(text(key), values.bytes.slice(index * stride, (index + 1) * stride));
    }
    return { count, errno: 0 };
  }

  /** As the kernel's: stops at the first key that is not there. */
  mapDeleteBatch(fd: number, keys: Memory, count: number): BatchResult {
    if (this.#options.batches === false) return { count, errno: ENOTSUPP };
    const { entries, options } = this.#map(fd);
    for (let index = 0; index < count; index++) {
      const key = text(keys.bytes.subarray(index * options.keySize, (index + 1) * options.keySize));
      if (!entries.delete(key)) return { count: index, errno: ENOENT };
    }
    return { count, errno: 0 };
  }

  mapFreeze(fd: number): void {
    this.#map(fd);
  }

  progLoad(options: ProgLoadOptions): ProgLoadResult {
    return this.#options.progLoad?.(options) ?? { fd: this.#newFd(), errno: 0 };
  }

  btfLoad(): number {
    return this.#newFd();
  }

  mmap(fd: number, offset: number, sizeBytes: number): Mapping {
    const buffer = this.#options.mmap?.(fd, offset, sizeBytes) ?? new ArrayBuffer(sizeBytes);
    const mapping = { buffer, address: 0, sizeBytes };
    this.mappings.add(mapping);
    return mapping;
  }

  mmapFile(fd: number, sizeBytes: number): Mapping {
    return this.mmap(fd, 0, sizeBytes);
  }

  munmap(mapping: Mapping): void {
    invariant(this.mappings.delete(mapping), "unmapped twice");
  }

  poll(fd: number, onReadable: () => void) {
    const polled = { onReadable, active: true };
    this.#polled.set(fd, polled);
    return {
      start: () => {
        polled.active = true;
      },
      stop: () => {
        polled.active = false;
      },
      close: () => {
        this.#polled.delete(fd);
      },
    };
  }

  signal(fd: number): void {
    const polled = this.#polled.get(fd);
    if (polled?.active) polled.onReadable();
  }

  close(fd: number): void {
    if (!this.open.delete(fd)) throw new SyscallError("close", undefined, 9);
  }

  async closeConcurrently(fds: readonly number[]): Promise<void> {
    for (const fd of fds) this.close(fd);
  }
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
