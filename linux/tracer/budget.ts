import type { ProgramCost } from "./costs.ts";

/** How long the share of a processor is averaged over. */
const WINDOW_NS = 1e9;

/** A look at what the programs had cost by then. */
interface Reading {
  readonly atNs: number;
  readonly costs: readonly ProgramCost[];
}

/** That the limit is near. Shares are of one processor, in the last interval. */
export interface Overrun {
  /** The program that took most, and the name of its probe. */
  readonly program: string;
  readonly probe: string;
  readonly share: number;
  /** Of all programs. */
  readonly total: number;
}

/**
 * Holds programs to a share of one processor. Over any second they may take no more than `limit` of it; when the rate of
 * the last interval, kept up for one more, would pass that, the program that took most has to go.
 */
export class Budget {
  /** A share: 0.01 is one per cent of a processor. */
  readonly limit: number;
  readonly #gone = new Set<string>();
  #readings: Reading[] = [];

  constructor(limit: number) {
    this.limit = limit;
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
    if (used + next <= this.limit * WINDOW_NS) return undefined;
    return this.#dearest(last, costs, next, atNs - last.atNs || 1);
  }

  #dearest(last: Reading, costs: readonly ProgramCost[], tookNs: number, intervalNs: number): Overrun | undefined {
    let most: ProgramCost | undefined;
    let mostNs = 0;
    costs.forEach((cost, index) => {
      const ownNs = cost.timeNs - last.costs[index].timeNs;
      if (this.#gone.has(cost.program) || ownNs <= mostNs) return;
      most = cost;
      mostNs = ownNs;
    });
    if (most === undefined) return undefined;
    this.#gone.add(most.program);
    // What is left starts with a clean slate: what went is not held against it.
    this.#readings = [];
    const { program, probe } = most;
    return { program, probe, share: mostNs / intervalNs, total: tookNs / intervalNs };
  }
}

function timeBetween(from: readonly ProgramCost[], to: readonly ProgramCost[]): number {
  return to.reduce((sum, cost, index) => sum + cost.timeNs - from[index].timeNs, 0);
}
