/** Samples of run queues, and what those that were taken together say. */

/** How many tasks a processor had at a time. */
export interface Sample {
  readonly ns: number;
  readonly cpu: number;
  readonly tasks: number;
}

/** Samples of all processors at about one time, in the order of time. */
export type Group = readonly Sample[];

/** Splits samples where the time jumps by more than `gapNs`; the last group may not be whole yet. */
export function groupsOf(samples: readonly Sample[], gapNs: number): readonly Group[] {
  const groups: Sample[][] = [];
  for (const sample of samples.toSorted((a, b) => a.ns - b.ns)) {
    const group = groups.at(-1);
    if (group !== undefined && sample.ns - group[0].ns <= gapNs) group.push(sample);
    else groups.push([sample]);
  }
  return groups;
}

/** How long it took to take a group. */
export function spanNs(group: Group): number {
  return (group.at(-1)?.ns ?? 0) - (group[0]?.ns ?? 0);
}

/** Shares of all processors' time. */
export interface Claims {
  /** Processors that ran something. */
  readonly busy: number;
  /** Processors that ran nothing although tasks waited elsewhere. */
  readonly unclaimed: number;
}

/** Of each group as many idle processors are unclaimed as there are tasks that wait. */
export function claims(groups: readonly Group[], processors: number): Claims {
  let busy = 0;
  let unclaimed = 0;
  for (const group of groups) {
    const running = group.filter(({ tasks }) => tasks > 0).length;
    const waiting = group.reduce((sum, { tasks }) => sum + Math.max(0, tasks - 1), 0);
    busy += running;
    unclaimed += Math.min(processors - running, waiting);
  }
  const total = groups.length * processors;
  return total === 0 ? { busy: 0, unclaimed: 0 } : { busy: busy / total, unclaimed: unclaimed / total };
}
