import type { Block } from "../blocks.ts";
import { entryProbes, readPlace } from "../function-pattern.ts";
import { DETACHING, pacing } from "../pacing.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { STACK_FILE_OPTIONS, stackFiles } from "../stack-files.ts";
import { STACK_SIZE_OPTIONS, stackSettings } from "../stack-options.ts";
import { stacksParam, TASK_STACK_OPTIONS, type TaskStackView, taskStackBlocks, taskStacks } from "../task-stacks.ts";
import { type Given, type Machine, type Plan, type Tool, ToolError } from "../tool.ts";

const KEYS_MAX = 40960;

/** `beetrace stackcount` */
export const tool: Tool = {
  name: "stackcount",
  summary: "the stacks that lead to functions, tracepoints and static probes, counted",
  group: "kernel",
  options: [
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    { long: "cpu", letter: "c", argument: "CPU", kind: "int", help: "on this processor only" },
    { long: "interval", letter: "i", argument: "TIME", help: "show what was counted so often" },
    { long: "duration", letter: "D", argument: "TIME", help: "end after this time" },
    { long: "timestamp", letter: "T", help: "the time above each output" },
    { long: "regexp", letter: "r", help: "the pattern is a regular expression" },
    { long: "offset", letter: "s", help: "offsets into functions" },
    { long: "perpid", letter: "P", help: "each process by itself, with -K too" },
    ...TASK_STACK_OPTIONS,
    { long: "verbose", letter: "v", help: "addresses in front of frames; at the end what each probe cost" },
    { long: "debug", help: "print the script first" },
    ...STACK_SIZE_OPTIONS,
    ...STACK_FILE_OPTIONS,
  ],
  positionals: [{ name: "pattern", kind: "text", help: "func, lib:func, t:category:event or u:lib:probe, with *" }],
  examples: [
    ["beetrace stackcount submit_bio", "who submits block I/O"],
    ["beetrace stackcount -K t:sched:sched_switch", "stacks of the kernel only, all processes together"],
    ["beetrace stackcount -p 1234 c:malloc", "who calls malloc, in a process"],
    ["beetrace stackcount -Ti 5 'tcp_send*'", "each five seconds, with the time"],
    ["beetrace stackcount --flame out.svg -D 10 c:write", "as a flame graph"],
  ],
  hooks: "kprobe, uprobe, tracepoint or usdt, as the pattern says",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const pattern = given.text("pattern");
  if (pattern === undefined) throw new ToolError("stackcount needs a pattern", "beetrace stackcount submit_bio");
  const { probe, filter } = entryProbes(readPlace(pattern, machine), machine, given.has("regexp"));
  const script = TOOL_SCRIPTS["stackcount/stackcount.bt"].replace("PROBES", () => probe);
  const files = stackFiles(given);
  const isFolded = given.has("folded");
  const view = viewOf(given);
  const debug = given.has("debug") ? script : "";
  return {
    script,
    params: { cpu: given.int("cpu") ?? -1, stacks: stacksParam(given), tasks: given.has("perpid") },
    config: { max_map_keys: KEYS_MAX, ...stackSettings(given) },
    ...(filter === undefined ? {} : { probeFilter: filter }),
    ...(given.has("pid") ? { pid: given.int("pid") ?? 0 } : {}),
    ...(isFolded || files !== undefined
      ? {}
      : { intro: (probes) => `${debug}Tracing ${probes} functions for "${pattern}"... Hit Ctrl-C to end.` }),
    screen: {
      maps: ["@counts"],
      ...pacing(given),
      blocks: (maps, { time, isLast, elapsedMs }) => [
        ...timeAbove(given, time),
        ...taskStackBlocks(taskStacks(maps("@counts")), given, files, view, elapsedMs),
        ...(isLast && !isFolded && files === undefined ? [DETACHING] : []),
      ],
    },
  };
}

/** Stacks that are not folded begin with the end of a line. */
function timeAbove(given: Given, time: string): readonly Block[] {
  if (!given.has("timestamp")) return [];
  return [{ kind: "lines", text: given.has("folded") ? `${time}\n` : `\n${time}` }];
}

function viewOf(given: Given): TaskStackView {
  const addressed = (address: string) => `${address.slice(2).padEnd(16)} `;
  return {
    field: "count",
    frames: { offset: given.has("offset") },
    line: (text, address) => `  ${given.has("verbose") && address ? addressed(address) : ""}${text}\n`,
    delimiter: "    --\n",
    foot: ({ comm, pid, value }) =>
      `${comm === "" || given.has("pid") ? "" : `    ${comm} [${pid}]\n`}    ${value}\n\n`,
    profile: {
      title: "stackcount",
      unit: "events",
      pictured: 0,
      measures: [{ type: "events", unit: "count" }],
      values: (count) => [count],
    },
  };
}
