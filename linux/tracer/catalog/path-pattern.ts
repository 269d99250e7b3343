import { existsSync, readdirSync } from "node:fs";
import { hasWildcard, matcher } from "./wildcard.ts";

/**
 * The absolute paths below `root` that match a pattern whose parts may hold `*`, sorted within each directory.
 * As in a shell, a wildcard does not cross `/` and does not match hidden names unless it is written with their dot.
 */
export function expandPath(pattern: string, root = ""): readonly string[] {
  let found: readonly string[] = [""];
  for (const part of pattern.split("/").filter(Boolean)) {
    found = hasWildcard(part)
      ? found.flatMap((path) => entriesMatching(root, path, part))
      : found.map((path) => `${path}/${part}`);
  }
  return found.filter((path) => existsSync(root + path));
}

function entriesMatching(root: string, directory: string, pattern: string): readonly string[] {
  const isName = matcher(pattern);
  const showsHidden = pattern.startsWith(".");
  const names = namesIn(`${root}${directory}/`).filter(
    (name) => isName(name) && (showsHidden || !name.startsWith(".")),
  );
  return names.sort().map((name) => `${directory}/${name}`);
}

/** Names in a directory; none where it cannot be read. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
