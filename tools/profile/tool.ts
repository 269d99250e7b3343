import { TOOL_SCRIPTS } from "../scripts.ts";
import { STACK_FILE_OPTIONS, stackFiles } from "../stack-files.ts";
import { STACK_SIZE_OPTIONS, stackSettings } from "../stack-options.ts";
import {
  checkExclusive,
  durationText,
  stacksParam,
  stacksText,
  TASK_STACK_OPTIONS,
  type TaskStackView,
  taskStackBlocks,
  taskStacks,
} from "../task-stacks.ts";
import type { Given, Plan, Tool } from "../tool.ts";

const DEFAULT_HZ = 49;
const KEYS_MAX = 40960;

/** `beetrace profile` */
export const tool: Tool = {
  name: "profile",
  summary: "where processors spend their time: stacks, sampled",
  group: "scheduler",
  options: [
    { long: "pid", letter: "p", argument: "PIDS", kind: "ints", help: "these processes only, commas between them" },
    { long: "tid", letter: "L", argument: "TIDS", kind: "ints", help: "these threads only, commas between them" },
    {
      long: "frequency",
      letter: "F",
      argument: "HZ",
      kind: "int",
      help: "samples a second, each processor (default 49)",
    },
    {
      long: "count",
      letter: "c",
      argument: "NS",
      kind: "int",
      help: "a sample for so many nanoseconds of processor time",
    },
    ...TASK_STACK_OPTIONS,
    { long: "annotations", letter: "a", help: "_[k] behind frames of the kernel, where they are folded" },
    { long: "include-idle", letter: "I", help: "idle processors too" },
    { long: "cpu", letter: "C", argument: "CPU", kind: "int", help: "this processor only" },
    { long: "address", letter: "A", help: "addresses in front of frames" },
    { long: "hash-storage-size", argument: "N", kind: "int", help: `the most different keys (default ${KEYS_MAX})` },
    ...STACK_SIZE_OPTIONS,
    ...STACK_FILE_OPTIONS,
  ],
  positionals: [{ name: "seconds", kind: "number", help: "end after so many seconds" }],
  examples: [
    ["beetrace profile", "all threads, until Ctrl-C"],
    ["beetrace profile -F 99 -p 181 10", "one process, 99 samples a second, for ten seconds"],
    ["beetrace profile --flame out.svg 30", "as a flame graph"],
    ["beetrace profile -a -f 30 > out.folded", "folded, for other tools"],
  ],
  hooks: "perf event cpu-clock, on each processor",
  plan,
};

function plan(given: Given): Plan {
  checkExclusive(given, "pid", "tid");
  const { probe, text, periodNs } = samplingOf(given);
  const files = stackFiles(given);
  const seconds = given.int("seconds");
  const view = viewOf(given, periodNs);
  const intro = `Sampling at ${text} of ${threadsText(given)} by ${stacksText(given)} stack${cpuText(given)}${durationText(seconds)}`;
  return {
    script: TOOL_SCRIPTS["profile/profile.bt"].replace("profile:hz:49", probe),
    params: { stacks: stacksParam(given), idle: given.has("include-idle"), cpu: given.int("cpu") ?? -1 },
    config: {
      max_map_keys: given.int("hash-storage-size") ?? KEYS_MAX,
      ...stackSettings(given),
    },
    ...(given.has("folded") || files !== undefined ? {} : { intro }),
    ...(seconds === undefined ? {} : { durationMs: seconds * 1000 }),
    screen: {
      maps: ["@counts"],
      blocks: (maps, { elapsedMs }) => taskStackBlocks(taskStacks(maps("@counts")), given, files, view, elapsedMs),
    },
  };
}

/** How often a sample is taken. A sample for each so many events: the clock's events are nanoseconds. */
function samplingOf(given: Given) {
  checkExclusive(given, "frequency", "count");
  const events = given.int("count");
  if (events !== undefined)
    return { probe: `software:cpu-clock:${events}`, text: `every ${events} events`, periodNs: events };
  const hz = given.int("frequency") ?? DEFAULT_HZ;
  return { probe: `profile:hz:${hz}`, text: `${hz} Hertz`, periodNs: Math.round(1e9 / hz) };
}

function threadsText(given: Given): string {
  if (given.has("pid")) return `PID [${given.ints("pid").join(", ")}]`;
  return given.has("tid") ? `TID [${given.ints("tid").join(", ")}]` : "all threads";
}

function cpuText(given: Given): string {
  return given.has("cpu") ? ` on CPU#${given.int("cpu")}` : "";
}

function viewOf(given: Given, periodNs: number): TaskStackView {
  const addressed = (address: string) => `0x${address.slice(2).padStart(16, "0")} `;
  return {
    field: "count",
    frames: { offset: true, module: true },
    line: (text, address) => `    ${given.has("address") && address ? addressed(address) : ""}${text}\n`,
    delimiter: "    --\n",
    foot: ({ comm, pid, value }) => `    ${"-".padEnd(16)} ${comm} (${pid})\n        ${value}\n\n`,
    profile: {
      title: "profile",
      unit: "samples",
      pictured: 0,
      measures: [
        { type: "samples", unit: "count" },
        { type: "cpu", unit: "nanoseconds" },
      ],
      period: { type: "cpu", unit: "nanoseconds", value: periodNs },
      values: (count) => [count, count * periodNs],
    },
  };
}
