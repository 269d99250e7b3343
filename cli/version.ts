import manifest from "./package.json" with { type: "json" };
import type { CommandName } from "./process-name.ts";

/** The version of beetrace. */
export const BEETRACE_VERSION = manifest.version;

/** The version of bpftrace whose language and command line are followed. */
export const BPFTRACE_LEVEL = "0.26.0";

/** What `-V` prints: under the name bpftrace, scripts that ask for its version get one they can compare. */
export function versionLine(name: CommandName): string {
  return name === "bpftrace" ? `bpftrace v${BPFTRACE_LEVEL}` : `beetrace v${BEETRACE_VERSION}`;
}
