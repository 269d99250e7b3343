/** When tools with `-i` and `-d` show what they have counted. */
import type { Block } from "./blocks.ts";
import { readTime } from "./options.ts";
import type { Given, Moment, Positional, Screen } from "./tool.ts";

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

/** `tool 5 10`: every five seconds, ten times. */
export const INTERVAL_AND_OUTPUTS: readonly Positional[] = [
  { name: "interval", kind: "number", help: "seconds between two outputs" },
  { name: "outputs", kind: "int", help: "how many outputs" },
];

/** What {@link INTERVAL_AND_OUTPUTS} were given; without an interval so many seconds, or only at the end. */
export function intervalAndOutputs(given: Given, seconds?: number): Pick<Screen, "intervalMs" | "count"> {
  const interval = given.int("interval") ?? seconds;
  const count = given.int("outputs");
  return {
    ...(interval === undefined ? {} : { intervalMs: interval * 1000 }),
    ...(count === undefined ? {} : { count }),
  };
}

/** What stands above each output: an empty line, and the time where `--timestamp` asks for it. */
export function spaceAbove(given: Given, { time }: Moment): Block {
  return { kind: "lines", text: given.has("timestamp") ? `\n${time}\n` : "\n" };
}
