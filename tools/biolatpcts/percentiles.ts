/** Percentiles of what is counted by steps. */

/** How often a time was counted, in seconds. */
export interface CountedTime {
  readonly seconds: number;
  readonly count: number;
}

const MICROSECONDS = 1e6;

/** The time in the middle of a step of biolatpcts.bt, in seconds. */
export function middleOfStep(step: number): number {
  const [first, width] = step < 100 ? [0, 10] : step < 200 ? [100, 1000] : [200, 100_000];
  return ((step - first) * width + width / 2) / MICROSECONDS;
}

/**
 * For each of these percentages the least time that so many of all are not above (nearest rank), and 0 where nothing was
 * counted. `times` begin with the shortest.
 */
export function percentiles(times: readonly CountedTime[], percentages: readonly number[]): readonly number[] {
  let total = 0;
  const upTo = times.map(({ seconds, count }) => {
    total += count;
    return { seconds, count: total };
  });
  return percentages.map((percentage) => upTo.find(({ count }) => count * 100 >= total * percentage)?.seconds ?? 0);
}

/** As the table has it: `135us`, `1.5ms`, `10ms`, `1.2s`; `-` for nothing. */
export function timeText(seconds: number): string {
  if (seconds > 1) return `${seconds.toFixed(1)}s`;
  if (seconds > 0.01) return `${(seconds * 1000).toFixed(0)}ms`;
  if (seconds > 0.001) return `${(seconds * 1000).toFixed(1)}ms`;
  return seconds > 0 ? `${(seconds * MICROSECONDS).toFixed(0)}us` : "-";
}
