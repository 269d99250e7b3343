import { BUILD_ID_FRAME_BYTES, type Config, stackFrames, stackId } from "@beetrace/compiler";
import type { BpfMap } from "@beetrace/ebpf";
import { KernelSymbols, KernelSymbolsError, type UserFrame, UserSymbols } from "@beetrace/ebpf/symbols";
import { type BuildIdFrame, type Clock, type CodeSymbol, encodeUtf8, type Resolver } from "@beetrace/output";
import type { Int } from "@beetrace/std";
import { buildIdFrames } from "./build-id-stack.ts";
import { CgroupPaths } from "./cgroup-paths.ts";
import type { ClockReading } from "./clocks.ts";
import { ProcessWatch } from "./process-watch.ts";
import { fromEvent } from "./stack-machinery.ts";
import { localZones } from "./time-zone.ts";
import { localUsers } from "./user-names.ts";

/** What a {@link LiveResolver} is made from. Everything is asked for only when something to be shown needs it. */
export interface ResolverOptions {
  readonly config: Readonly<Config>;
  readonly probeNames: readonly string[];
  /** A map of the collection, by name. */
  readonly map: (name: string) => BpfMap;
  readonly clocks: () => ClockReading;
  /** Where debug files are looked for first. */
  readonly debugDirectories?: readonly string[];
  /** Tells the user that kernel addresses will have no names, and why. */
  readonly onWarning: (text: string) => void;
}

const CACHE_MODES = { PER_PROGRAM: "per-program", PER_PID: "per-pid", NONE: "none" } as const;

/** Names of the running machine for what events and maps hold only numbers of. */
export class LiveResolver implements Resolver, Disposable {
  readonly strTruncTrailer: string;
  readonly zoneAt = localZones();
  readonly #options: ResolverOptions;
  /** By their ids, which a stack keeps. */
  readonly #stacks = new Map<bigint, readonly bigint[]>();
  #kernel: KernelSymbols | undefined | "unreadable";
  #user: UserSymbols | undefined;
  #watch: ProcessWatch | undefined;
  #users: ReadonlyMap<number, string> | undefined;
  #cgroups: CgroupPaths | undefined;

  constructor(options: ResolverOptions) {
    this.#options = options;
    this.strTruncTrailer = encodeUtf8(options.config.str_trunc_trailer);
  }

  ksym(address: Int): CodeSymbol | undefined {
    this.#kernel ??= this.#loadKernel();
    const symbol = this.#kernel === "unreadable" ? undefined : this.#kernel.lookup(address);
    return symbol && { ...symbol, name: encodeUtf8(symbol.name) };
  }

  usym(address: Int, pid: number): CodeSymbol | undefined {
    this.#watch?.catchUp();
    const symbol = this.#userSymbols().lookup(pid, address);
    return symbol && { ...symbol, name: encodeUtf8(symbol.name), module: encodeUtf8(symbol.module) };
  }

  userFrame(address: Int, pid: number, isReturn: boolean): CodeSymbol | undefined {
    const { show_debug_info, use_blazesym } = this.#options.config;
    if (!show_debug_info || !use_blazesym) return this.usym(address, pid);
    this.#watch?.catchUp();
    const frame = this.#userSymbols().frame(pid, address, isReturn);
    return frame && encodedFrame(frame);
  }

  stack(map: string, id: Int): readonly bigint[] | undefined {
    const key = BigInt(id);
    const known = this.#stacks.get(key);
    if (known !== undefined) return known;
    const words = this.#stackWords(map, id, 1);
    if (words === undefined) return undefined;
    const frames = fromEvent([...words], (address) => this.ksym(address)?.name);
    this.#stacks.set(key, frames);
    return frames;
  }

  buildIdStack(map: string, id: Int): readonly BuildIdFrame[] | undefined {
    const words = this.#stackWords(map, id, BUILD_ID_FRAME_BYTES / 8);
    return words && buildIdFrames(new Uint8Array(words.buffer, words.byteOffset, words.byteLength));
  }

  username(uid: Int): string | undefined {
    this.#users ??= localUsers();
    return this.#users.get(Number(uid));
  }

  cgroupPath(id: Int, pattern: string): string {
    this.#cgroups ??= new CgroupPaths();
    return encodeUtf8(this.#cgroups.paths(BigInt(id), pattern));
  }

  probeName(id: Int): string {
    return encodeUtf8(this.#options.probeNames[Number(id)] ?? "");
  }

  unixNs(clock: Clock, ns: Int): bigint | undefined {
    const { bootNs, unixNs, taiOffsetNs } = this.#options.clocks();
    switch (clock) {
      case "boot":
        return BigInt(ns) + unixNs - bootNs;
      case "tai":
      case "sw_tai":
        return BigInt(ns) - taiOffsetNs;
      case "monotonic":
        return undefined;
    }
  }

  /**
   * Follows from now on where processes map code, so that their addresses have names after they ended: of all, or of
   * `pid` (whose mappings are read at once) and of those that begin.
   */
  watchProcesses(pid: number | undefined, onError: (error: unknown) => void): void {
    const { onWarning } = this.#options;
    this.#watch ??= new ProcessWatch(this.#userSymbols(), { pid, onWarning, onError });
  }

  /** To be called from time to time, when processes are watched. */
  tick(): void {
    this.#watch?.tick();
  }

  [Symbol.dispose](): void {
    this.#watch?.[Symbol.dispose]();
    this.#user?.[Symbol.dispose]();
  }

  #userSymbols(): UserSymbols {
    const { cache_user_symbols, cpp_demangle } = this.#options.config;
    const { debugDirectories } = this.#options;
    this.#user ??= new UserSymbols({
      cache: CACHE_MODES[cache_user_symbols],
      demangle: cpp_demangle,
      ...(debugDirectories ? { debugDirectories } : {}),
    });
    return this.#user;
  }

  #loadKernel(): KernelSymbols | "unreadable" {
    try {
      return KernelSymbols.load();
    } catch (error) {
      if (!(error instanceof KernelSymbolsError)) throw error;
      this.#options.onWarning(`kernel addresses have no names: ${error.message}; ${error.remedy}`);
      return "unreadable";
    }
  }

  /**
   * The words of a stack's frames. They must make the id: where two programs took stacks on one CPU at a time, words may
   * be the other's.
   */
  #stackWords(map: string, id: Int, wordsOfFrame: number): BigUint64Array | undefined {
    const key = BigInt(id);
    if (key < 0n) return undefined;
    const value = this.#options.map(map).lookup(new Uint8Array(new BigInt64Array([key]).buffer));
    if (value === undefined) return undefined;
    const frames = stackFrames(key);
    const words = new BigUint64Array(value.buffer, value.byteOffset, frames * wordsOfFrame);
    return stackId(words, frames) === key ? words : undefined;
  }
}

function encodedFrame({ name, module, offset, source, inlined }: UserFrame): CodeSymbol {
  const encoded = (text: string | undefined) => (text === undefined ? {} : { source: encodeUtf8(text) });
  return {
    name: encodeUtf8(name),
    offset,
    module: encodeUtf8(module),
    ...encoded(source),
    ...(inlined ? { inlined: inlined.map((each) => ({ name: encodeUtf8(each.name), ...encoded(each.source) })) } : {}),
  };
}
