import { Budget } from "./budget.ts";
import { type Costs, costTable } from "./costs.ts";
import type { RunOptions } from "./run-options.ts";
import type { Session } from "./session.ts";

const NS_PER_MS = 1e6;

/** What a run asks of the programs' time: a report at the end, a limit while it goes on. */
export class Overhead implements Disposable {
  readonly #session: Session;
  readonly #costs: Costs;
  readonly #budget: Budget | undefined;
  readonly #reports: boolean;
  readonly #startMs = performance.now();

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

  /** Detaches the dearest program, should the limit be near. */
  check(): void {
    const over = this.#budget?.check(this.#costs.read(), this.#elapsedNs());
    if (over === undefined) return;
    this.#session.detachProgram(over.program);
    this.#session.printer.warning(over.message);
  }

  /** A table of all programs; empty where none is wanted. */
  report(): string {
    if (!this.#reports) return "";
    const rows = this.#costs.read().map((cost, index) => ({ ...cost, dropped: this.#session.sites.lostOf(index) }));
    return `\n${costTable(rows, this.#elapsedNs())}`;
  }

  [Symbol.dispose](): void {
    this.#costs[Symbol.dispose]();
  }

  #elapsedNs(): number {
    return (performance.now() - this.#startMs) * NS_PER_MS;
  }
}
