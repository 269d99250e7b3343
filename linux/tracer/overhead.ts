import { Budget } from "./budget.ts";
import { type Costs, costTable } from "./costs.ts";
import type { RunOptions } from "./run-options.ts";
import type { Session } from "./session.ts";

const NS_PER_MS = 1e6;
const US_PER_MS = 1e3;
/** Of a shorter run nothing is said. */
const SHORT_MS = 1000;

/** What a run asks of the programs' time: a report at the end, a limit while it goes on. */
export class Overhead implements Disposable {
  readonly #session: Session;
  readonly #costs: Costs;
  readonly #budget: Budget | undefined;
  readonly #reports: boolean;
  readonly #startMs = performance.now();
  /** Taken when the probes are attached and all of the code has run once. */
  #own: { readonly startMs: number; readonly usage: NodeJS.CpuUsage } | undefined;

  private constructor(session: Session, { reportsCosts = false, maxOverhead }: RunOptions) {
    this.#session = session;
    this.#costs = session.costs();
    this.#reports = reportsCosts;
    this.#budget = maxOverhead === undefined ? undefined : new Budget(maxOverhead);
  }

  /** Nothing is counted for a run that does not ask: counting costs something itself. */
  static of(session: Session, options: RunOptions): Overhead | undefined {
    return options.reportsCosts || options.maxOverhead !== undefined ? new Overhead(session, options) : undefined;
  }

  /** To be called some ten times a second. Detaches the dearest program, should the limit be near. */
  check(): void {
    this.#own ??= { startMs: performance.now(), usage: process.cpuUsage() };
    const over = this.#budget?.check(this.#costs.read(), this.#elapsedNs());
    if (over === undefined) return;
    this.#session.detachProgram(over.program);
    this.#session.printer.warning(over.message);
  }

  /** A table of all programs; empty where none is wanted. */
  report(): string {
    if (!this.#reports) return "";
    const rows = this.#costs.read().map((cost, index) => ({ ...cost, dropped: this.#session.sites.lostOf(index) }));
    return `\n${costTable(rows, this.#elapsedNs(), this.#ownShare())}`;
  }

  [Symbol.dispose](): void {
    this.#costs[Symbol.dispose]();
  }

  /** The share of a processor that it takes to read and print. A short run is all beginning and end. */
  #ownShare(): number | undefined {
    if (this.#own === undefined) return undefined;
    const { startMs, usage } = this.#own;
    const tookMs = performance.now() - startMs;
    const { user, system } = process.cpuUsage(usage);
    return tookMs < SHORT_MS ? undefined : (user + system) / US_PER_MS / tookMs;
  }

  #elapsedNs(): number {
    return (performance.now() - this.#startMs) * NS_PER_MS;
  }
}
