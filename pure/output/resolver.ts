import type { Int } from "@beetrace/std";

/**
 * What output must ask of the machine it runs on. All text it returns is byte text (see byte-text.ts).
 * A run's resolver looks live things up; a test's is a plain object.
 */
export interface Resolver {
  /** What is appended to a cut string: the config key `str_trunc_trailer`. */
  readonly strTruncTrailer: string;
  /** The kernel symbol that covers `address`. */
  ksym(address: Int): CodeSymbol | undefined;
  /** The symbol that covers `address` in the process `pid`. */
  usym(address: Int, pid: number): CodeSymbol | undefined;
  /**
   * As {@link usym}, for a frame of a stack: also with the source code, where that is wanted. `isReturn` for frames
   * that called others: execution comes back at their address, so that the call stands before it.
   */
  userFrame(address: Int, pid: number, isReturn: boolean): CodeSymbol | undefined;
  /** The frames of a stack, innermost first; undefined when it is gone. */
  stack(map: string, id: Int): readonly bigint[] | undefined;
  /** The frames of a stack of mode build_id, innermost first. */
  buildIdStack(map: string, id: Int): readonly BuildIdFrame[] | undefined;
  username(uid: Int): string | undefined;
  /** `hierarchy:path` of each hierarchy that matches the pattern, joined with commas. */
  cgroupPath(id: Int, pattern: string): string;
  probeName(id: Int): string;
  /** `ns` of a kernel clock as nanoseconds since the Unix epoch; undefined when the clock has no fixed distance. */
  unixNs(clock: Clock, ns: Int): bigint | undefined;
  /** The local time zone's rule at that moment. */
  zoneAt(unixNs: bigint): Zone;
}

/**
 * CLOCK_BOOTTIME, CLOCK_MONOTONIC and CLOCK_TAI of the kernel. `sw_tai` is boot time to which the program already
 * added the distance to the Unix epoch that was taken at the start, so it needs no further conversion.
 */
export type Clock = "boot" | "monotonic" | "tai" | "sw_tai";

/** The rule of a time zone at one moment: it changes with daylight saving time. */
export interface Zone {
  /** East of Greenwich is positive. */
  readonly utcOffsetSeconds: number;
  /** Its abbreviation, such as CET. */
  readonly zoneName: string;
}

/** A name for a code address. */
export interface CodeSymbol {
  readonly name: string;
  /** Bytes from the symbol's start. */
  readonly offset: Int;
  /** The file that holds it; shown in stacks of mode perf. */
  readonly module?: string;
  /** `file:line`; given only when the config key `show_debug_info` is set. */
  readonly source?: string;
  /** Functions that were inlined there, innermost first. */
  readonly inlined?: readonly InlinedFunction[];
}

/** A function whose code the compiler put into another; `source` is `file:line`. */
export interface InlinedFunction {
  readonly name: string;
  readonly source?: string;
}

/** `struct bpf_stack_build_id` of include/uapi/linux/bpf.h: the build id with a file offset, or only an address. */
export type BuildIdFrame =
  | { readonly kind: "build-id"; readonly buildId: Uint8Array; readonly offset: Int }
  | { readonly kind: "address"; readonly address: Int };

/**
 * A resolver that knows nothing: addresses stay numbers, all clocks count from the Unix epoch, the zone is UTC.
 * For places without a machine, such as a browser page, and for tests; `known` replaces what is known after all.
 */
export function bareResolver(known: Partial<Resolver> = {}): Resolver {
  return {
    strTruncTrailer: "..",
    ksym: () => undefined,
    usym: () => undefined,
    userFrame(address, pid) {
      return this.usym(address, pid);
    },
    stack: () => undefined,
    buildIdStack: () => undefined,
    username: () => undefined,
    cgroupPath: () => "",
    probeName: (id) => String(id),
    unixNs: (_clock, ns) => BigInt(ns),
    zoneAt: () => ({ utcOffsetSeconds: 0, zoneName: "UTC" }),
    ...known,
  };
}
