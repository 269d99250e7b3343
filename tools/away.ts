/** What tools have together that time how long tasks are away from their processor; their scripts import `away.bt`. */
import type { ProfileMeasure } from "@beetrace/output";
import { STACK_SIZE_OPTIONS, stackSettings } from "./stack-options.ts";
import { checkExclusive } from "./task-stacks.ts";
import { type Given, type Plan, ToolError, type ToolOption } from "./tool.ts";

/** Threads that are away at a time, and different keys of what is counted. */
const KEYS_MAX = 40960;

/** Which tasks, and which of their absences. */
export const AWAY_OPTIONS: readonly ToolOption[] = [
  { long: "pid", letter: "p", argument: "PIDS", kind: "ints", help: "these processes only, commas between them" },
  { long: "tid", letter: "t", argument: "TIDS", kind: "ints", help: "these threads only, commas between them" },
  { long: "user-threads-only", letter: "u", also: ["useronly"], help: "no threads of the kernel" },
  { long: "kernel-threads-only", letter: "k", help: "threads of the kernel only" },
  { long: "min-block-time", letter: "m", argument: "US", kind: "int", help: "of at least so many microseconds" },
  { long: "max-block-time", letter: "M", argument: "US", kind: "int", help: "of at most so many microseconds" },
  {
    long: "state",
    argument: "MASK",
    kind: "int",
    help: "in one of these states (1 interruptible, 2 uninterruptible); 0: who could have gone on",
  },
  ...STACK_SIZE_OPTIONS,
];

/** The parameters of `away.bt` and the sizes of the maps. Throws {@link ToolError}. */
export function awayPlan(given: Given): Required<Pick<Plan, "params" | "config">> {
  checkExclusive(given, "pid", "tid", "user-threads-only", "kernel-threads-only");
  const [least, most] = [given.int("min-block-time"), given.int("max-block-time")];
  if (least !== undefined && most !== undefined && least > most)
    throw new ToolError("--min-block-time is greater than --max-block-time");
  return {
    params: {
      threads: given.has("user-threads-only") ? "user" : given.has("kernel-threads-only") ? "kernel" : "all",
      state: given.int("state") ?? -1,
      min_us: least ?? 1,
      max_us: most ?? -1,
    },
    config: { max_map_keys: KEYS_MAX, ...stackSettings(given) },
  };
}

/** Whose time it is, as headings have it. */
export function awayThreadsText(given: Given): string {
  if (given.has("pid")) return `PID ${given.ints("pid").join(", ")}`;
  if (given.has("tid")) return `TID ${given.ints("tid").join(", ")}`;
  if (given.has("user-threads-only")) return "user threads";
  return given.has("kernel-threads-only") ? "kernel threads" : "all threads";
}

/** What files of such a tool hold: microseconds of `type`. */
export function awayProfile(type: string): {
  readonly unit: string;
  readonly pictured: number;
  readonly measures: readonly ProfileMeasure[];
} {
  return { unit: "microseconds", pictured: 0, measures: [{ type, unit: "microseconds" }] };
}
