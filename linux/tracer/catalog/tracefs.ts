import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CatalogError } from "@beetrace/compiler/target";
import { parseTracepointFormat, type TracepointFormat } from "@beetrace/compiler/tracepoint-format";
import { hasWildcard, matcher } from "./wildcard.ts";

/** Where tracefs is by convention; the second is inside debugfs and for older set-ups. */
const PLACES = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];

/** A tracepoint as it is written after `tracepoint:`. */
export interface TracepointName {
  readonly category: string;
  readonly name: string;
}

/** The kernel's tracing file system: which tracepoints there are and what their records look like. */
export class Tracefs {
  readonly root: string;
  #events: readonly TracepointName[] | undefined;
  readonly #formats = new Map<string, TracepointFormat | undefined>();

  constructor(root: string) {
    this.root = root;
  }

  /** Finds the mounted tracefs; as root, mounts it where there is none. Throws {@link CatalogError}. */
  static find(): Tracefs {
    const mounted = mountedRoot();
    if (mounted !== undefined) return new Tracefs(mounted);
    mountTracefs();
    const now = mountedRoot();
    if (now !== undefined) return new Tracefs(now);
    if (isForbidden(PLACES[0])) {
      throw new CatalogError(
        `${PLACES[0]} cannot be read by this user`,
        `run as root or with CAP_DAC_READ_SEARCH, or as root: mount -o remount,mode=755 ${PLACES[0]}`,
      );
    }
    throw new CatalogError(`tracefs is not mounted at ${PLACES[0]}`, `as root: mount -t tracefs nodev ${PLACES[0]}`);
  }

  /** Every tracepoint, sorted by category and name. Throws {@link CatalogError}. */
  events(): readonly TracepointName[] {
    this.#events ??= parseAvailableEvents(this.#read("available_events"));
    return this.#events;
  }

  /** The categories, sorted. Throws {@link CatalogError}. */
  categories(): readonly string[] {
    return [...new Set(this.events().map((event) => event.category))];
  }

  /** The tracepoints that match both patterns, sorted. Without wildcards only one directory is looked at. */
  matching(category: string, name: string): readonly TracepointName[] {
    if (!hasWildcard(category) && !hasWildcard(name)) return this.has(category, name) ? [{ category, name }] : [];
    if (!hasWildcard(category)) return this.#matchingIn(category, name);
    const isCategory = matcher(category);
    const isName = matcher(name);
    return this.events().filter((event) => isCategory(event.category) && isName(event.name));
  }

  has(category: string, name: string): boolean {
    return isPathPart(category) && isPathPart(name) && existsSync(join(this.root, "events", category, name, "format"));
  }

  /** What the tracepoint's record looks like; `undefined` when there is no such tracepoint, or its format is not understood. */
  format(category: string, name: string): TracepointFormat | undefined {
    const key = `${category}/${name}`;
    if (!this.#formats.has(key)) {
      const known = this.has(category, name);
      this.#formats.set(key, known ? parseTracepointFormat(this.#read(`events/${key}/format`), category) : undefined);
    }
    return this.#formats.get(key);
  }

  #matchingIn(category: string, name: string): readonly TracepointName[] {
    const directory = join(this.root, "events", category);
    if (!isPathPart(category) || !existsSync(directory)) return [];
    const isName = matcher(name);
    const names = readdirSync(directory).filter((each) => isName(each) && this.has(category, each));
    return names.sort().map((each) => ({ category, name: each }));
  }

  #read(path: string): string {
    try {
      return readFileSync(join(this.root, path), "utf8");
    } catch (cause) {
      throw new CatalogError(`cannot read ${join(this.root, path)}`, "run as root", { cause });
    }
  }
}

/** Parses `available_events`: `category:name` lines. */
export function parseAvailableEvents(text: string): readonly TracepointName[] {
  const events: TracepointName[] = [];
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) events.push({ category: line.slice(0, colon), name: line.slice(colon + 1).trim() });
  }
  return events.sort((a, b) => compare(a.category, b.category) || compare(a.name, b.name));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A name that cannot lead out of its directory. */
function isPathPart(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !name.includes("/") && !name.includes("\0");
}

function isForbidden(directory: string): boolean {
  try {
    readdirSync(directory);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EACCES";
  }
}

function mountedRoot(): string | undefined {
  try {
    return PLACES.find((place) => existsSync(join(place, "events")));
  } catch {
    return undefined;
  }
}

function mountTracefs(): void {
  if (process.geteuid?.() !== 0) return;
  spawnSync("mount", ["-t", "tracefs", "nodev", PLACES[0]], { stdio: "ignore" });
}
