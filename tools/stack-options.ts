/** How many stacks a tool keeps, and how much of each. */
import { STACK_FRAMES_MAX } from "@beetrace/compiler";
import { type Given, type Plan, ToolError, type ToolOption } from "./tool.ts";

const STACKS_MAX = 16384;
/** The kernel's own limit, unless kernel.perf_event_max_stack says otherwise. */
const FRAMES_MAX = 127;

/** The options of tools that show stacks. */
export const STACK_SIZE_OPTIONS: readonly ToolOption[] = [
  { long: "stack-storage-size", argument: "N", kind: "int", help: `the most different stacks (default ${STACKS_MAX})` },
  {
    long: "perf-max-stack-depth",
    argument: "N",
    kind: "int",
    help: `the most frames of a stack (default ${FRAMES_MAX})`,
  },
];

/** The settings that they ask for. Throws {@link ToolError}. */
export function stackSettings(given: Given): NonNullable<Plan["config"]> {
  const depth = given.int("perf-max-stack-depth") ?? FRAMES_MAX;
  if (depth < 1 || depth > STACK_FRAMES_MAX)
    throw new ToolError(`--perf-max-stack-depth: a stack has 1 to ${STACK_FRAMES_MAX} frames`);
  return { max_stacks: given.int("stack-storage-size") ?? STACKS_MAX, max_stack_depth: depth };
}
