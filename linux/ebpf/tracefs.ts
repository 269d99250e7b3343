import { existsSync, readFileSync } from "node:fs";
import { UnsupportedError } from "./unsupported-error.ts";

const MOUNTS = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];

let root: string | undefined;

/** Where tracefs is mounted. Throws `UnsupportedError` when it is not. */
export function tracefsRoot(): string {
  root ??= MOUNTS.find((mount) => existsSync(`${mount}/events`));
  if (root === undefined) {
    throw new UnsupportedError("a readable tracefs: as root, mount -t tracefs nodev /sys/kernel/tracing");
  }
  return root;
}

/** The kernel's number of a tracepoint, or `undefined` if there is none of that name. */
export function tracepointId(category: string, name: string): number | undefined {
  try {
    return Number(readFileSync(`${tracefsRoot()}/events/${category}/${name}/id`, "latin1"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
