/** When tools with `-i` and `-d` show what they have counted. */
import { readTime } from "./options.ts";
import type { Given, Screen } from "./tool.ts";

/**
 * Every `--interval`, and for no longer than `--duration`; what is counted when the time is over is the last interval.
 * Throws `ToolError`.
 */
export function pacing(given: Given): Pick<Screen, "intervalMs" | "count"> {
  const intervalMs = timeOf(given, "interval");
  if (intervalMs === undefined) return {};
  const durationMs = timeOf(given, "duration");
  return {
    intervalMs,
    ...(durationMs === undefined ? {} : { count: Math.max(1, Math.floor(durationMs / intervalMs)) }),
  };
}

function timeOf(given: Given, name: string): number | undefined {
  const text = given.text(name);
  return text === undefined ? undefined : readTime(text, `--${name}`);
}

/** The last line of tools that detach after it. */
export const DETACHING = { kind: "lines", text: "Detaching...\n" } as const;
