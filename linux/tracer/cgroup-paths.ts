import { type Dirent, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { matcher } from "./catalog/wildcard.ts";

/** A mounted cgroup hierarchy. */
export interface CgroupHierarchy {
  /** `unified` for cgroup v2, else the name of the mount's directory (`cpu,cpuacct`). */
  readonly name: string;
  readonly mount: string;
}

/** The cgroup hierarchies in a text in the form of /proc/mounts, version 2 first. */
export function parseCgroupMounts(text: string): readonly CgroupHierarchy[] {
  const found: CgroupHierarchy[] = [];
  for (const line of text.split("\n")) {
    const [, mount, type] = line.split(" ");
    if (type === "cgroup2") found.unshift({ name: "unified", mount });
    else if (type === "cgroup") found.push({ name: basename(mount), mount });
  }
  return found;
}

/** Paths of cgroups by their id, which is the inode number of their directory. */
export class CgroupPaths {
  readonly #hierarchies: readonly CgroupHierarchy[];
  /** By mount and id; what was not found is looked for again: cgroups come and go. */
  readonly #known = new Map<string, string>();

  constructor(mounts = readMounts()) {
    this.#hierarchies = parseCgroupMounts(mounts);
  }

  /** `hierarchy:path` in each hierarchy whose name matches the pattern (empty: any), joined with commas. */
  paths(id: bigint, pattern: string): string {
    const matches = pattern === "" ? () => true : matcher(pattern);
    return this.#hierarchies
      .filter(({ name }) => matches(name))
      .flatMap((hierarchy) => {
        const path = this.#find(hierarchy.mount, id);
        return path === undefined ? [] : [`${hierarchy.name}:${path}`];
      })
      .join(",");
  }

  #find(mount: string, id: bigint): string | undefined {
    const key = `${mount} ${id}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#walk(mount);
    return this.#known.get(key);
  }

  /** Remembers every directory below a mount. */
  #walk(mount: string): void {
    const waiting = ["/"];
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      const stat = statSync(join(mount, path), { bigint: true, throwIfNoEntry: false });
      if (stat === undefined) continue;
      this.#known.set(`${mount} ${stat.ino}`, path);
      for (const entry of entriesOf(join(mount, path))) {
        if (entry.isDirectory()) waiting.push(join(path, entry.name));
      }
    }
  }
}

function entriesOf(directory: string): readonly Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return []; // removed meanwhile
  }
}

function readMounts(): string {
  try {
    return readFileSync("/proc/mounts", "utf8");
  } catch {
    return "";
  }
}
