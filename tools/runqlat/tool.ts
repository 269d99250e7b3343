import type { JsonBucket, JsonValue } from "@beetrace/output";
import type { Block } from "../blocks.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import type { Given, Plan, Tool } from "../tool.ts";

/** `beetrace runqlat` */
export const tool: Tool = {
  name: "runqlat",
  summary: "how long tasks wait for a processor",
  group: "scheduler",
  options: [
    { long: "timestamp", letter: "T", help: "the time above each histogram" },
    { long: "milliseconds", letter: "m", help: "in milliseconds" },
    { long: "pids", letter: "P", help: "a histogram for each process" },
    { long: "pidnss", help: "a histogram for each pid namespace" },
    { long: "tids", letter: "L", help: "a histogram for each thread" },
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
  ],
  positionals: [
    { name: "interval", kind: "number", help: "seconds between two outputs" },
    { name: "count", kind: "int", help: "how many outputs" },
  ],
  examples: [
    ["beetrace runqlat", "until Ctrl-C"],
    ["beetrace runqlat -m 1 10", "ten times a second's, in milliseconds"],
    ["beetrace runqlat -P 5", "each process by itself"],
  ],
  hooks: "raw tracepoints sched_wakeup, sched_wakeup_new, sched_switch",
  plan,
};

function plan(given: Given): Plan {
  const section = given.has("pids") ? "pid" : given.has("tids") ? "tid" : given.has("pidnss") ? "pidns" : "";
  const unit = given.has("milliseconds") ? "msecs" : "usecs";
  const interval = given.int("interval");
  return {
    script: TOOL_SCRIPTS["runqlat/runqlat.bt"],
    params: { divisor: unit === "msecs" ? 1_000_000 : 1000, section, only: given.int("pid") ?? 0 },
    intro: "Tracing run queue latency... Hit Ctrl-C to end.",
    screen: {
      maps: ["@wait"],
      timestamps: given.has("timestamp"),
      ...(interval === undefined ? {} : { intervalMs: interval * 1000 }),
      ...(given.has("count") ? { count: given.int("count") ?? 0 } : {}),
      blocks: (maps) => [
        { kind: "lines", text: "\n" },
        ...maps("@wait").entries.map((entry) => histogram(entry, section, unit)),
      ],
    },
  };
}

function histogram({ key, value }: { key: JsonValue; value: JsonValue }, section: string, unit: string): Block {
  const buckets = value as unknown as readonly JsonBucket[];
  return { kind: "histogram", unit, buckets, ...(section === "" ? {} : { section: `${section} = ${key}` }) };
}
