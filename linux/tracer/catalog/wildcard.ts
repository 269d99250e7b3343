/** Whether a pattern can match more than one name. Only `*` is special: any run of characters, also an empty one. */
export function hasWildcard(pattern: string): boolean {
  return pattern.includes("*");
}

/** A test for whole names against `pattern`, made once and cheap for 100,000 names. */
export function matcher(pattern: string): (name: string) => boolean {
  const [prefix, ...rest] = pattern.split("*");
  const suffix = rest.pop();
  if (suffix === undefined) return (name) => name === pattern;
  const middle = rest.filter((token) => token !== "");
  if (prefix === "" && suffix === "" && middle.length === 0) return () => true;
  const least = prefix.length + suffix.length;
  return (name) =>
    name.length >= least &&
    name.startsWith(prefix) &&
    name.endsWith(suffix) &&
    holdsInOrder(name, middle, prefix.length, name.length - suffix.length);
}

/** The leftmost place for each token leaves the most room for the next: no backtracking is needed. */
function holdsInOrder(name: string, tokens: readonly string[], from: number, to: number): boolean {
  let at = from;
  for (const token of tokens) {
    const found = name.indexOf(token, at);
    if (found < 0) return false;
    at = found + token.length;
  }
  return at <= to;
}
