/**
 * Spelling suggestions: the known names within a small Damerau-Levenshtein distance of what was written.
 * The distance is the restricted ("optimal string alignment") one; case differences count as half an edit.
 */
export function suggestionsFor(written: string, known: Iterable<string>, most = 3): string[] {
  const limit = Math.floor(written.length * 0.4) + 1;
  const scored: { name: string; distance: number }[] = [];
  for (const name of known) {
    if (Math.abs(name.length - written.length) > limit) continue;
    const distance = editDistance(written, name, limit);
    if (distance <= limit) scored.push({ name, distance });
  }
  scored.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return scored.slice(0, most).map((entry) => entry.name);
}

/** The best suggestion, if there is one near enough to be worth saying. */
export function suggestionFor(written: string, known: Iterable<string>): string | undefined {
  return suggestionsFor(written, known, 1)[0];
}

function editDistance(a: string, b: string, limit: number): number {
  if (a === b) return 0;
  if (a.toLowerCase() === b.toLowerCase()) return 0.5;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let value = Math.min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        value = Math.min(value, beforePrevious[j - 2] + 1);
      }
      current.push(value);
      least = Math.min(least, value);
    }
    if (least > limit) return limit + 1;
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length];
}
