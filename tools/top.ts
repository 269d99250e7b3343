/** What tools that refresh a table have together: options, arguments, the screen, the order of rows. */
import type { Block } from "./blocks.ts";
import type { Column, Row } from "./columns.ts";
import { loadLine } from "./load.ts";
import { DETACHING } from "./pacing.ts";
import { type Given, type Moment, type Positional, type Screen, ToolError, type ToolOption } from "./tool.ts";

/** Rows that are printed where there is no screen to fill. */
const ROWS = 20;

/** `-C` and `-r`, as all of them have. */
export const TOP_OPTIONS: readonly ToolOption[] = [
  { long: "noclear", letter: "C", help: "do not clear the screen" },
  {
    long: "maxrows",
    letter: "r",
    also: ["rows"],
    argument: "ROWS",
    kind: "int",
    help: "so many rows at most; default 20, or what fits",
  },
];

/** `[interval] [count]` */
export const INTERVAL_AND_COUNT: readonly Positional[] = [
  { name: "interval", kind: "number", help: "seconds between two outputs; default 1" },
  { name: "count", kind: "int", help: "how many outputs" },
];

/** A table that is made anew at each interval. */
export interface Top {
  /** The script's maps. */
  readonly maps: readonly string[];
  readonly columns: readonly Column[];
  /** The rows, the most important first. */
  readonly rows: (maps: Parameters<Screen["blocks"]>[0], moment: Moment) => readonly Row[];
  /** Ends with a line that says so. */
  readonly isDetaching?: boolean;
}

/** The interval that is asked for, in milliseconds. */
export function intervalMs(given: Given, defaultSeconds = 1): number {
  const seconds = given.int("interval") ?? defaultSeconds;
  if (seconds <= 0) throw new ToolError("the interval has to be more than 0");
  return seconds * 1000;
}

/** The screen of such a table: the load, a blank line's distance, as many rows as are asked for. */
export function topScreen(given: Given, { maps, columns, rows, isDetaching = false }: Top): Screen {
  return {
    maps,
    intervalMs: intervalMs(given),
    ...(given.has("count") ? { count: given.int("count") ?? 0 } : {}),
    clears: !given.has("noclear"),
    blocks: (entries, moment): readonly Block[] => [
      { kind: "lines", text: `${loadLine(moment.time)}\n` },
      { kind: "table", columns, rows: rows(entries, moment), most: given.int("maxrows"), usual: ROWS },
      { kind: "lines", text: "\n" },
      ...(isDetaching && moment.isLast ? [DETACHING] : []),
    ],
  };
}

/** What is printed first. */
export function topIntro(given: Given): string {
  return `Tracing... Output every ${intervalMs(given) / 1000} secs. Hit Ctrl-C to end\n`;
}
