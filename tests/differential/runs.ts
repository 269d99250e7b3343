/** How many times as many runs as usual: `DIFFERENTIAL_RUNS=100 npx vitest run … tests/differential`. */
const factor = Number(process.env.DIFFERENTIAL_RUNS ?? "1");

/** The number of runs of a property whose usual number is `usual`, and the time that they may take. */
export function runs(usual: number): { readonly numRuns: number; readonly seed: number } {
  return { numRuns: Math.max(1, Math.round(usual * factor)), seed: Number(process.env.DIFFERENTIAL_SEED ?? "1") };
}

/** A test's limit on time. */
export const TIMEOUT = { timeout: 60_000 * Math.max(1, factor) };
