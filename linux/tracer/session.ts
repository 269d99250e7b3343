import { setImmediate } from "node:timers/promises";
import {
  type CompiledProgram,
  type CompiledScript,
  EVENTS_MAP,
  GLOBALS_MAP,
  type NamedAttachment,
  PACKETS_MAP,
} from "@beetrace/compiler";
import { Collection, closeLinks, type Link, type OnSample, pinIterator, RingBuffer, runIterator } from "@beetrace/ebpf";
import { encodeUtf8 } from "@beetrace/output";
import { invariant, latin1 } from "@beetrace/std";
import { actionHandlers, nowText } from "./actions.ts";
import { type AttachedLink, type AttachOptions, attachPrograms, isRunByHand } from "./attach.ts";
import { AttachError } from "./attach-error.ts";
import type { ClockReading } from "./clocks.ts";
import { Costs } from "./costs.ts";
import { ScriptMaps } from "./maps.ts";
import { PacketFiles } from "./packet-files.ts";
import type { MapPrinter, Printer } from "./printer.ts";
import { LiveResolver } from "./resolver.ts";
import { RuntimeSites, type WarningLevel } from "./runtime-sites.ts";
import type { Unwinder } from "./unwind/unwinder.ts";

/** What a {@link Session} needs of the run around it. */
export interface SessionOptions {
  readonly printer: (resolver: LiveResolver) => Printer;
  /** What shows maps: the printer, or something before it. */
  readonly mapPrinter: (printer: Printer, resolver: LiveResolver) => MapPrinter;
  readonly clocks: () => ClockReading;
  readonly warnings: WarningLevel;
  /** Programs are loaded with the verifier's log, of `log_size` bytes. */
  readonly showsLog: boolean;
  /** Where debug files are looked for, before the usual places. */
  readonly debugDirectories?: readonly string[];
  /** How many entries maps have whose size depends on what is traced. */
  readonly mapEntries?: ReadonlyMap<string, number>;
  /** `exit()` was called: nothing that was sent after it is shown. */
  readonly onExit: () => void;
  /** A batch of events was handled. */
  readonly onBatch: () => void;
  /** Another process is going to write: what was printed must be out. */
  readonly flush: () => void;
}

/** What came of a test or benchmark. */
export interface TrialOutcome {
  readonly returnValue: number;
  readonly durationNs: number;
  /** What it said by `exit(N)`, else 0. */
  readonly exitCode: number;
}

/** The kernel gives an XDP program no less than an Ethernet header: ETH_HLEN of include/uapi/linux/if_ether.h. */
const PACKET = new Uint8Array(14);

/** As of `time()`. */
const INTERVAL_TIME = "%H:%M:%S\n";
/** How long events are still handled once somebody waits for the end. */
const URGENT_MS = 300;
const PIN_ROOT = "/sys/fs/bpf";

/** A compiled script in the kernel, and what user space does for it. */
export class Session implements Disposable {
  readonly compiled: CompiledScript;
  readonly printer: Printer;
  readonly maps: ScriptMaps;
  readonly resolver: LiveResolver;
  readonly sites: RuntimeSites;
  readonly #options: SessionOptions;
  readonly #collection: Collection;
  readonly #ring: RingBuffer | undefined;
  readonly #packets: PacketFiles | undefined;
  readonly #onSample: OnSample;
  readonly #links: AttachedLink[] = [];
  #hasExited = false;
  #exitCode = 0;

  private constructor(compiled: CompiledScript, collection: Collection, options: SessionOptions) {
    this.compiled = compiled;
    this.#collection = collection;
    this.#options = options;
    this.resolver = new LiveResolver({
      config: compiled.config,
      probeNames: compiled.probeNames,
      map: (name) => collection.map(name),
      clocks: options.clocks,
      debugDirectories: options.debugDirectories,
      onWarning: (text) => this.printer.warning(text),
    });
    this.printer = options.printer(this.resolver);
    this.maps = new ScriptMaps(compiled.maps, collection, options.mapPrinter(this.printer, this.resolver));
    this.sites = new RuntimeSites(compiled, collection, this.printer, options.warnings);
    this.#ring = compiled.actions.length === 0 ? undefined : new RingBuffer(collection.map(EVENTS_MAP));
    this.#packets = packetFiles(compiled, collection, options.clocks);
    this.#onSample = this.#dispatcher();
  }

  /** Makes the maps and loads the programs. Throws as `Collection.load` does. */
  static load(compiled: CompiledScript, options: SessionOptions): Session {
    const logSizeBytes = options.showsLog ? compiled.config.log_size : undefined;
    const collection = Collection.load(compiled.collection, { logSizeBytes, entries: options.mapEntries });
    try {
      writeGlobals(collection, options.clocks);
      return new Session(compiled, collection, options);
    } catch (error) {
      collection[Symbol.dispose]();
      throw error;
    }
  }

  /** What `exit(N)` said, else 0. */
  get exitCode(): number {
    return this.#exitCode;
  }

  /** Whether events can still come without anything being done here. */
  get isLive(): boolean {
    return this.compiled.programs.some((program) => !isRunByHand(program) && !isIterator(program));
  }

  /** Whether it waits for a signal of the user. */
  get hasSignalProbes(): boolean {
    return this.compiled.programs.some(({ provider }) => provider === "self");
  }

  /** Runs the `begin`, `end` or `self` probes, in their order. */
  runByHand(provider: "begin" | "end" | "self"): void {
    for (const compiled of this.compiled.programs) {
      if (compiled.provider !== provider) continue;
      const program = this.#collection.program(compiled.program);
      for (const _ of compiled.attachments) program.testRun();
    }
  }

  /**
   * Runs a test or benchmark `repeat` times and handles what it sent. `exit()` ends no more than that.
   * The duration is the mean of its runs.
   */
  tryOut({ program, attachments }: CompiledProgram, repeat: number): TrialOutcome {
    invariant(attachments.length === 1, "a trial has a program of its own");
    this.#hasExited = false;
    const { returnValue, durationNs } = this.#collection.program(program).testRun({ data: PACKET, repeat });
    this.drain();
    const exitCode = this.#exitCode;
    this.#exitCode = 0;
    return { returnValue, durationNs, exitCode };
  }

  /** Attaches all other probes; gives how many probes the script has now, with those that are run by hand. */
  attach(options: AttachOptions): number {
    const byHand = this.compiled.programs.filter(isRunByHand);
    const count = byHand.reduce((sum, { attachments }) => sum + attachments.length, 0);
    return count + attachPrograms(this.compiled, this.#collection, options, this.#links);
  }

  /** Runs an iterator once, or pins it where the script says so. A script that has one has nothing else. */
  runIterator(): void {
    const link = this.#links.find((each) => each.link.kind === "iterator")?.link;
    const probe = this.compiled.programs.find(isIterator)?.attachments[0];
    if (link === undefined || probe === undefined) return;
    const path = pinPath(probe);
    if (path === undefined) {
      const written = runIterator(link);
      if (written.length > 0) this.printer.printf(latin1(written));
    } else {
      pin(link, path, probe);
      this.printer.printf(`Program pinned to ${encodeUtf8(path)}\n`);
    }
    this.drain();
  }

  /** Fills the maps that stacks are unwound by, and keeps doing so; what that throws then goes to `onError`. */
  unwindBy(unwinder: Unwinder, onError: (error: unknown) => void): void {
    unwinder.start(this.#collection, { onError, onWarning: (text) => this.printer.warning(text) });
  }

  /** Handles events as they come, until {@link detach}. What that throws goes to `onError`. */
  listen(onError: (error: unknown) => void): void {
    const onSample = this.#onSample;
    const guarded: OnSample = (memory, at, sizeBytes) => {
      try {
        return onSample(memory, at, sizeBytes);
      } catch (error) {
        onError(error);
        return true;
      }
    };
    this.#ring?.start(guarded, () => this.endBatch());
    this.#packets?.start(onError, () => this.#tellLostPackets());
  }

  /** Ends all attachments, many at a time. */
  async detach(): Promise<void> {
    this.#ring?.stop();
    this.#packets?.stop();
    await closeLinks(this.#links.splice(0).map(({ link }) => link));
  }

  /** Ends the attachments of one program; others go on. */
  detachProgram(program: string): void {
    const gone = this.#links.filter((each) => each.program === program);
    for (const each of gone) {
      this.#links.splice(this.#links.indexOf(each), 1);
      each.link[Symbol.dispose]();
    }
  }

  /** Has the kernel take the programs' time from now on. */
  costs(): Costs {
    return new Costs(this.compiled, this.#collection);
  }

  /** Handles what is in the ring. */
  drain(): void {
    while (this.#ring !== undefined && this.#ring.consume(this.#onSample) > 0);
    this.#packets?.drain();
    this.#tellLostPackets();
    this.endBatch();
  }

  #tellLostPackets(): void {
    this.sites.lose(this.#packets?.takeLost() ?? 0);
  }

  /** Prints the time and then the maps that are results, and clears them. */
  printInterval(): void {
    this.printer.text("time", nowText(INTERVAL_TIME, this.resolver));
    this.maps.printInterval();
    this.endBatch();
  }

  /** Prints maps: some are cleared, others go on. */
  takeMaps(names: readonly string[], reads: readonly string[] = []): void {
    this.maps.printAndClear(names);
    this.maps.printNamed(reads);
    this.endBatch();
  }

  /**
   * The same after {@link detach}, when nothing more comes: once `isUrgent`, for {@link URGENT_MS} only. What is not
   * handled then counts as lost.
   */
  async drainUntil(isUrgent: () => boolean): Promise<void> {
    const ring = this.#ring;
    let until = Number.POSITIVE_INFINITY;
    while (ring !== undefined && performance.now() < until && ring.consume(this.#onSample) > 0) {
      if (isUrgent()) until = Math.min(until, performance.now() + URGENT_MS);
      await setImmediate();
    }
    let dropped = 0;
    for (let count = 1; ring !== undefined && count > 0; dropped += count) count = ring.consume(() => {});
    this.sites.lose(dropped);
    this.endBatch();
  }

  /** What was printed goes out. */
  endBatch(): void {
    this.#options.onBatch();
  }

  /** Runs the `end` probes, whose output is shown even after `exit()`. */
  end(): void {
    this.#hasExited = false;
    this.runByHand("end");
    this.drain();
  }

  /** To be called after {@link detach}. */
  [Symbol.dispose](): void {
    this.#ring?.[Symbol.dispose]();
    this.#packets?.[Symbol.dispose]();
    this.sites[Symbol.dispose]();
    this.resolver[Symbol.dispose]();
    for (const { link } of this.#links) link[Symbol.dispose]();
    this.#collection[Symbol.dispose]();
  }

  #dispatcher(): OnSample {
    const handlers = actionHandlers(this.compiled.actions, {
      printer: this.printer,
      maps: this.maps,
      resolver: this.resolver,
      warns: this.#options.warnings > 0,
      catBytesMax: this.compiled.config.max_cat_bytes,
      flush: this.#options.flush,
      onExit: (code) => {
        this.#exitCode = code;
        // An iterator goes on to its end, as the file that it is.
        this.#hasExited = !this.compiled.programs.some(isIterator);
        this.#options.onExit();
      },
    });
    return (memory, at) => {
      return this.#hasExited ? undefined : handlers[memory.u32[at >>> 2]](memory, at);
    };
  }
}

function packetFiles(
  { packetFiles: paths }: CompiledScript,
  collection: Collection,
  clocks: () => ClockReading,
): PacketFiles | undefined {
  return paths.length === 0 ? undefined : new PacketFiles(collection.map(PACKETS_MAP), paths, clocks);
}

function isIterator({ provider }: CompiledProgram): boolean {
  return provider === "iter";
}

/** Relative to the BPF file system. */
function pinPath({ attachment }: NamedAttachment): string | undefined {
  const path = attachment.kind === "iter" ? attachment.pin : undefined;
  return path === undefined || path.startsWith("/") ? path : `${PIN_ROOT}/${path}`;
}

function pin(link: Link, path: string, probe: NamedAttachment): void {
  try {
    pinIterator(link, path);
  } catch (cause) {
    throw new AttachError(probe, cause);
  }
}

/** u64 at 0: now by the boot clock; u64 at 8: what has to be added to that clock to get TAI. */
function writeGlobals(collection: Collection, clocks: () => ClockReading): void {
  const globals = collection.maps.get(GLOBALS_MAP);
  if (globals === undefined) return;
  const { bootNs, unixNs, taiOffsetNs } = clocks();
  const words = new BigUint64Array(globals.valueSize >>> 3);
  words.set([bootNs, unixNs + taiOffsetNs - bootNs]);
  globals.update(new Uint8Array(4), new Uint8Array(words.buffer));
}
