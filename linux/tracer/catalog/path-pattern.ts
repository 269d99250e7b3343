import { existsSync, readdirSync } from "node:fs";
import { hasWildcard, matcher } from "./wildcard.ts";

/**
 * The paths that match a pattern whose parts may hold `*`, sorted within each directory, written as the pattern is: an
 * absolute one is looked up below `root`, a relative one in `directory`. As in a shell, a wildcard does not cross `/`
 * and does not match hidden names unless it is written with their dot.
 */
export function expandPath(pattern: string, root = "", directory = process.cwd()): readonly string[] {
  const isAbsolute = pattern.startsWith("/");
  const base = isAbsolute ? root : `${directory}/`;
  const [first, ...rest] = pattern.split("/").filter(Boolean);
  let found = entriesMatching(base, isAbsolute ? "/" : "", first ?? "");
  for (const part of rest) found = found.flatMap((path) => entriesMatching(base, `${path}/`, part));
  return found.filter((path) => existsSync(base + path));
}

/** `before` is empty or ends with a slash. */
function entriesMatching(base: string, before: string, pattern: string): readonly string[] {
  if (!hasWildcard(pattern)) return [before + pattern];
  const isName = matcher(pattern);
  const showsHidden = pattern.startsWith(".");
  const names = namesIn(base + before).filter((name) => isName(name) && (showsHidden || !name.startsWith(".")));
  return names.sort().map((name) => before + name);
}

/** Names in a directory; none where it cannot be read. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
