import { type ProgramCost, share } from "./costs.ts";

/** How long the share of a processor is averaged over. */
const WINDOW_NS = 1e9;

/** A look at what the programs had cost by then. */
interface Reading {
  readonly atNs: number;
  readonly costs: readonly ProgramCost[];
}

/** A program that is to go, and why. */
export interface Overrun {
  readonly program: string;
  readonly message: string;
}

/**
 * Holds programs to a share of one processor. Over any second they may take no more than `limit` of it; when the rate of
 * the last interval, kept up for one more, would pass that, the program that took most goes.
 */
export class Budget {
  readonly #limit: number;
  readonly #gone = new Set<string>();
  #readings: Reading[] = [];

  /** `limit` is a share: 0.01 is one per cent of a processor. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** To be called at short, even intervals. */
  check(costs: readonly ProgramCost[], atNs: number): Overrun | undefined {
    const last = this.#readings[this.#readings.length - 1];
    this.#readings.push({ atNs, costs });
    if (last === undefined) return undefined;
    while (this.#readings.length > 2 && atNs - this.#readings[1].atNs >= WINDOW_NS) this.#readings.shift();
    const [first] = this.#readings;
    const used = timeBetween(first.costs, costs);
    const next = timeBetween(last.costs, costs);
    if (used + next <= this.#limit * WINDOW_NS) return undefined;
    return this.#dearest(last, costs, atNs - last.atNs || 1);
  }

  #dearest(last: Reading, costs: readonly ProgramCost[], intervalNs: number): Overrun | undefined {
    let most: ProgramCost | undefined;
    let mostNs = 0;
    costs.forEach((cost, index) => {
      const tookNs = cost.timeNs - last.costs[index].timeNs;
      if (this.#gone.has(cost.program) || tookNs <= mostNs) return;
      most = cost;
      mostNs = tookNs;
    });
    if (most === undefined) return undefined;
    this.#gone.add(most.program);
    // What is left starts with a clean slate: what went is not held against it.
    this.#readings = [];
    const took = share(mostNs / intervalNs);
    return {
      program: most.program,
      message: `${most.probe} is detached: it took ${took} of a CPU, and --max-overhead allows ${share(this.#limit)} in all`,
    };
  }
}

function timeBetween(from: readonly ProgramCost[], to: readonly ProgramCost[]): number {
  return to.reduce((sum, cost, index) => sum + cost.timeNs - from[index].timeNs, 0);
}
