import { type CompiledScript, RUNTIME_MAP, type RuntimeSite } from "@beetrace/compiler";
import type { Collection, MappedValues } from "@beetrace/ebpf";
import { errorText } from "./error-text.ts";
import type { Printer, RuntimeFailure } from "./printer.ts";

/** How much is said: nothing (`--no-warnings`), what matters, or also failed reads and look-ups (`-k`). */
export type WarningLevel = 0 | 1 | 2;

/** Bytes of a site in the runtime map: u64 count, i64 code of the last failure. */
const SITE_BYTES = 16;
const TWO_32 = 4294967296;
const E2BIG = 7;

const MAP_FULL =
  "Map full; can't update element. Try increasing max_map_keys config or manually setting the max entries " +
  "in a map declaration e.g. `let @a = hash(5000)`";
const DIVISION = "Division or modulo by 0: the result is 1";
const BOUNDS = "Array access out of bounds: the result is 0";

/** Failures that are a matter of course for most scripts. */
const QUIET_HELPERS = /^(probe_read|map_lookup|copy_from_user)/;

/** Watches what goes wrong inside the running programs. They count in memory that is shared with this process. */
export class RuntimeSites implements Disposable {
  readonly #sites: readonly RuntimeSite[];
  readonly #printer: Printer;
  readonly #level: WarningLevel;
  readonly #values: MappedValues | undefined;
  readonly #words: Uint32Array;
  /** What was counted at each site when it was last looked at. */
  readonly #seen: number[];
  #lost = 0;

  constructor(compiled: CompiledScript, collection: Collection, printer: Printer, level: WarningLevel) {
    this.#sites = compiled.runtimeSites;
    this.#printer = printer;
    this.#level = level;
    this.#values = this.#sites.length === 0 ? undefined : collection.map(RUNTIME_MAP).mapValues();
    const bytes = this.#values?.bytes ?? new Uint8Array(0);
    this.#words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
    this.#seen = this.#sites.map(() => 0);
  }

  /** Events that were dropped so far, because the ring buffer was full. */
  get lostEvents(): number {
    return this.#lost;
  }

  /** Says what is new: dropped events each time, other failures once a site. Costs no system call. */
  check(): void {
    let lost = 0;
    for (let index = 0; index < this.#sites.length; index++) {
      const count = this.#count(index);
      const before = this.#seen[index];
      if (count === before) continue;
      this.#seen[index] = count;
      const site = this.#sites[index];
      if (site.kind === "lost") lost += count - before;
      else if (before === 0 && this.#matters(site)) this.#printer.failure(failureAt(site, this.#code(index)));
    }
    if (lost === 0) return;
    this.#lost += lost;
    this.#printer.lost(lost);
  }

  /** The totals of a run. */
  finish(): void {
    this.check();
    if (this.#level === 0) return;
    if (this.#lost > 0) {
      this.#printer.warning(`Lost ${this.#lost} events; try a larger buffer: perf_rb_pages config`);
    }
    this.#sites.forEach((site, index) => {
      if (site.kind === "lost" || this.#seen[index] < 2 || !this.#matters(site)) return;
      const { message } = failureAt(site, this.#code(index));
      this.#printer.warning(`${this.#seen[index]} times: ${message}`);
    });
  }

  [Symbol.dispose](): void {
    this.#values?.[Symbol.dispose]();
  }

  #matters(site: RuntimeSite): boolean {
    if (this.#level === 0) return false;
    return this.#level === 2 || !QUIET_HELPERS.test(site.helper ?? "");
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

/** What a failure means. */
export function failureAt(site: RuntimeSite, code: number): RuntimeFailure {
  const { at } = site;
  if (site.kind === "division") return { message: DIVISION, at };
  if (site.kind === "bounds") return { message: BOUNDS, at };
  const reason = errorText(-code);
  return { message: meaning(site, code, reason), at, helper: { name: site.helper ?? site.kind, code, reason } };
}

function meaning(site: RuntimeSite, code: number, reason: string): string {
  if (site.kind === "map-full" || (site.kind === "map-update" && code === -E2BIG)) return MAP_FULL;
  if (site.kind === "map-delete") return "Can't delete map element because it does not exist.";
  if (site.helper?.startsWith("map_lookup")) return "Can't lookup map element because it does not exist.";
  return reason;
}
