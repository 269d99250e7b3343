import { readFileSync } from "node:fs";
import type { JsonValue } from "@beetrace/output";
import { extensionBlocks, histograms } from "../histograms.ts";
import { INTERVAL_AND_OUTPUTS, intervalAndOutputs, spaceAbove } from "../pacing.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { checkExclusive } from "../task-stacks.ts";
import type { Given, Plan, Tool } from "../tool.ts";

/** Tasks that are away at a time. */
const TASKS_MAX = 65536;

/** `beetrace cpudist` */
export const tool: Tool = {
  name: "cpudist",
  summary: "how long tasks run before they leave their processor, or stay away",
  group: "scheduler",
  options: [
    { long: "offcpu", letter: "O", help: "the time away from a processor" },
    { long: "timestamp", letter: "T", help: "the time above each output" },
    { long: "milliseconds", letter: "m", help: "in milliseconds" },
    { long: "pids", letter: "P", help: "a histogram for each process" },
    { long: "tids", letter: "L", help: "a histogram for each thread" },
    { long: "pid", letter: "p", argument: "PID", kind: "ints", help: "this process only" },
    { long: "include-idle", letter: "I", help: "idle processors too" },
    { long: "extension", letter: "e", help: "average, total and count too" },
    { long: "json", letter: "j", help: "one JSON object a line" },
  ],
  positionals: INTERVAL_AND_OUTPUTS,
  examples: [
    ["beetrace cpudist", "how long tasks run, until Ctrl-C"],
    ["beetrace cpudist -O -p 185", "how long a process is away"],
    ["beetrace cpudist -mT 1 10", "ten times a second's, in milliseconds"],
    ["beetrace cpudist -P", "each process by itself"],
  ],
  hooks: "raw tracepoint sched_switch",
  hasHistograms: true,
  plan,
};

function plan(given: Given): Plan {
  checkExclusive(given, "pids", "tids");
  const section = given.has("pids") ? "pid" : given.has("tids") ? "tid" : "";
  const unit = given.has("milliseconds") ? "msecs" : "usecs";
  const offcpu = given.has("offcpu");
  return {
    script: TOOL_SCRIPTS["cpudist/cpudist.bt"],
    params: {
      offcpu,
      section,
      divisor: unit === "msecs" ? 1_000_000 : 1000,
      idle: given.has("include-idle"),
      extension: given.has("extension"),
    },
    config: { max_map_keys: TASKS_MAX },
    intro: `Tracing ${offcpu ? "off" : "on"}-CPU time... Hit Ctrl-C to end.`,
    screen: {
      maps: ["@time", "@extension"],
      ...intervalAndOutputs(given),
      blocks: (maps, moment) => [
        spaceAbove(given, moment),
        ...histograms(maps("@time"), unit, (key) => (section === "" ? undefined : `${section} = ${withName(key)}`)),
        ...extensionBlocks(maps("@extension"), unit),
      ],
    },
  };
}

/** As BCC has it: with the name where the process still is, which ends with a line of its own. */
function withName(id: JsonValue): string {
  try {
    return `${id} ${readFileSync(`/proc/${id}/comm`, "utf8")}`;
  } catch {
    return String(id);
  }
}
