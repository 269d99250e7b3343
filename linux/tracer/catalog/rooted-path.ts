import { readlinkSync } from "node:fs";
import { join, normalize } from "node:path";

/** As MAXSYMLINKS of the kernel (include/linux/namei.h). */
const MOST_LINKS = 40;

/**
 * The path below `root` (a process' `/proc/PID/root`) that `path` leads to for that process. Needed since the kernel
 * resolves an absolute link that it meets there against our root, not the process'. The result starts with `root`.
 */
export function resolveInRoot(root: string, path: string): string {
  let pending = normalize(join("/", path)).split("/").filter(Boolean);
  let resolved: readonly string[] = [];
  let links = 0;
  while (pending.length > 0) {
    const [part, ...rest] = pending;
    if (part === "..") {
      resolved = resolved.slice(0, -1);
      pending = rest;
      continue;
    }
    const link = links < MOST_LINKS ? linkAt(`${root}/${[...resolved, part].join("/")}`) : undefined;
    if (link === undefined) {
      resolved = [...resolved, part];
      pending = rest;
      continue;
    }
    links++;
    if (link.startsWith("/")) resolved = [];
    pending = [...link.split("/").filter((piece) => piece !== "" && piece !== "."), ...rest];
  }
  return `${root}/${resolved.join("/")}`;
}

function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
