import { Budget } from "./budget.ts";
import { type Costs, costTable, share } from "./costs.ts";
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
  readonly #ends: boolean;
  readonly #reports: boolean;
  readonly #startMs = performance.now();
  /** Taken when the probes are attached and all of the code has run once. */
  #own: { readonly startMs: number; readonly usage: NodeJS.CpuUsage } | undefined;

  private constructor(session: Session, { reportsCosts = false, maxOverhead, onOverrun }: RunOptions) {
    this.#session = session;
    this.#costs = session.costs();
    this.#reports = reportsCosts;
    this.#budget = maxOverhead === undefined ? undefined : new Budget(maxOverhead);
    this.#ends = onOverrun === "end";
  }

  /** Nothing is counted for a run that does not ask: counting costs something itself. */
  static of(session: Session, options: RunOptions): Overhead | undefined {
    return options.reportsCosts || options.maxOverhead !== undefined ? new Overhead(session, options) : undefined;
  }

  /**
   * To be called some ten times a second. Gives whether the run may go on: should the limit be near, the dearest program
   * is detached, or all is to end.
   */
  check(): boolean {
    this.#own ??= { startMs: performance.now(), usage: process.cpuUsage() };
    if (this.#budget === undefined) return true;
    const over = this.#budget.check(this.#costs.read(), this.#elapsedNs());
    if (over === undefined) return true;
    const { printer } = this.#session;
    const allows = `--max-overhead allows ${share(this.#budget.limit)}`;
    if (this.#ends) printer.warning(`tracing ends: it took ${share(over.total)} of a CPU, and ${allows}`);
    else {
      this.#session.detachProgram(over.program);
      printer.warning(`${over.probe} is detached: it took ${share(over.share)} of a CPU, and ${allows} in all`);
    }
    return !this.#ends;
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
