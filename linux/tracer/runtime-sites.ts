import { type CompiledScript, RUNTIME_MAP, type RuntimeSite } from "@beetrace/compiler";
import type { Collection, MappedValues } from "@beetrace/ebpf";
import { errnoText } from "@beetrace/std";
import type { Printer, RuntimeFailure } from "./printer.ts";

/** How much is said: nothing (`--no-warnings`), what matters, or also failed reads and look-ups (`-k`). */
export type WarningLevel = 0 | 1 | 2;

/** Bytes of a site in the runtime map: u64 count, i64 code of the last failure. */
const SITE_BYTES = 16;
const TWO_32 = 4294967296;
const E2BIG = 7;
const ENOENT = 2;
const EFAULT = 14;
/** `dw_ustack` gives it where it knows nothing of a process. */
const ENODATA = 61;
/** A site that goes on failing is told of again after so many checks: a second, at ten a second. */
const QUIET_CHECKS = 10;

const MAP_FULL =
  "Map full; can't update element. Try increasing max_map_keys config or manually setting the max entries " +
  "in a map declaration e.g. `let @a = hash(5000)`";
const STACKS_FULL = "No room for another stack. Try increasing max_stacks config";
const NO_UNWIND_DATA = "No DWARF unwind data available for this process. Use -p or --dwarf-pid to specify target PIDs.";
const DIVISION = "Divide or modulo by 0 detected. This can lead to unexpected results. 1 is being used as the result.";
const BOUNDS = "Array access out of bounds. This can lead to unexpected results.";

/** What was counted at a site, and when it was last told of. */
interface SiteState {
  seen: number;
  told: number;
  /** The number of the check from which on it may be told of again. */
  quietUntil: number;
}

/** Watches what goes wrong inside the running programs. They count in memory that is shared with this process. */
export class RuntimeSites implements Disposable {
  readonly #sites: readonly RuntimeSite[];
  readonly #printer: Printer;
  readonly #level: WarningLevel;
  readonly #values: MappedValues | undefined;
  readonly #words: Uint32Array;
  readonly #states: readonly SiteState[];
  #checks = 0;
  #lost = 0;

  constructor(compiled: CompiledScript, collection: Collection, printer: Printer, level: WarningLevel) {
    this.#sites = compiled.runtimeSites;
    this.#printer = printer;
    this.#level = level;
    this.#values = this.#sites.length === 0 ? undefined : collection.map(RUNTIME_MAP).mapValues();
    const bytes = this.#values?.bytes ?? new Uint8Array(0);
    this.#words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
    this.#states = this.#sites.map(() => ({ seen: 0, told: 0, quietUntil: 0 }));
  }

  /** The same of one program. */
  lostOf(program: number): number {
    return this.#sites.reduce(
      (sum, site, index) => (site.kind === "lost" && site.program === program ? sum + this.#count(index) : sum),
      0,
    );
  }

  /** Events that were dropped so far, because the ring buffer was full. */
  get lostEvents(): number {
    return this.#lost;
  }

  /**
   * To be called some ten times a second: tells of dropped events each time, of any other site at once and then once a
   * second, with how often it failed since. Costs no system call.
   */
  check(): void {
    this.#checks++;
    this.#look(false);
  }

  /** Tells of events that were not handled: nobody waited for them. */
  lose(events: number): void {
    if (events === 0) return;
    this.#lost += events;
    this.#printer.lost(events);
  }

  /** Tells of all that has not been told of, and the total of dropped events. */
  finish(): void {
    this.#look(true);
    if (this.#level > 0 && this.#lost > 0) {
      this.#printer.warning(`Total lost event count: ${this.#lost}; a larger ring buffer (perf_rb_pages) loses fewer`);
    }
  }

  #look(isLast: boolean): void {
    let lost = 0;
    for (let index = 0; index < this.#sites.length; index++) {
      const state = this.#states[index];
      const count = this.#count(index);
      if (this.#sites[index].kind === "lost") lost += count - state.seen;
      else if (count > state.told && (isLast || this.#checks >= state.quietUntil)) this.#tell(index, count);
      state.seen = count;
    }
    this.lose(lost);
  }

  #tell(index: number, count: number): void {
    const state = this.#states[index];
    const failure = failureAt(this.#sites[index], this.#code(index), count - state.told);
    state.told = count;
    state.quietUntil = this.#checks + QUIET_CHECKS;
    if (this.#matters(index)) this.#printer.failure(failure);
  }

  [Symbol.dispose](): void {
    this.#values?.[Symbol.dispose]();
  }

  /** That a kernel thread has no user stack is a matter of course. */
  #matters(index: number): boolean {
    if (this.#level !== 1) return this.#level === 2;
    return this.#sites[index].kind !== "stack" || this.#code(index) !== -EFAULT;
  }

  #count(index: number): number {
    const word = (index * SITE_BYTES) >>> 2;
    return this.#words[word] + this.#words[word + 1] * TWO_32;
  }

  /** Negated errnos fit into the low half. */
  #code(index: number): number {
    return this.#words[((index * SITE_BYTES) >>> 2) + 2] | 0;
  }
}

/** What it means that a site failed so many times, the last time with this code. */
export function failureAt(site: RuntimeSite, code: number, times = 1): RuntimeFailure {
  const { at, kind } = site;
  if (kind === "division") return { message: DIVISION, at, times };
  if (kind === "bounds") return { message: BOUNDS, at, times };
  const reason = errnoText(-code);
  if (kind === "stack") return { message: stackMeaning(code, `${site.helper}: ${reason}`), at, times, isStack: true };
  const helper = { name: site.helper ?? kind, code, reason };
  return { message: meaning(helper), at, times, helper };
}

function stackMeaning(code: number, otherwise: string): string {
  if (code === -ENODATA) return NO_UNWIND_DATA;
  if (code === -E2BIG) return STACKS_FULL;
  return `Error reading ${otherwise}.`;
}

function meaning({ name, code, reason }: { name: string; code: number; reason: string }): string {
  if (name === "map_update_elem" && code === -E2BIG) return MAP_FULL;
  if (name === "map_delete_elem" && code === -ENOENT) return "Can't delete map element because it does not exist.";
  if (name === "map_lookup_elem") return "Can't lookup map element because it does not exist.";
  return reason;
}
