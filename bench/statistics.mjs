/** The middle value, or the mean of the middle two. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The mean of ratios. */
export function geometricMean(values) {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/**
 * Measures ours and the peer in turn, so that what else happens on the machine meets both, and swaps who goes first.
 * Gives `{ ours, peer }`, each a list of what `measure(name)` gave.
 */
export async function alternate(repetitions, measure) {
  const results = { ours: [], peer: [] };
  for (let round = 0; round < repetitions; round++) {
    for (const name of round % 2 === 0 ? ["ours", "peer"] : ["peer", "ours"]) results[name].push(await measure(name));
  }
  return results;
}

/** `{ ours, peer }` of the medians of a field. */
export function medians(results, pick) {
  return { ours: median(results.ours.map(pick)), peer: median(results.peer.map(pick)) };
}
