import { entryProbes, type Place, readPlace } from "../function-pattern.ts";
import { histograms } from "../histograms.ts";
import { DETACHING, pacing, spaceAbove } from "../pacing.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type Machine, type Plan, type Tool, ToolError } from "../tool.ts";
import { timeUnit } from "../units.ts";

/** `beetrace funcinterval` */
export const tool: Tool = {
  name: "funcinterval",
  summary: "time between the calls of a function, or the passes of a tracepoint, as a histogram",
  group: "kernel",
  options: [
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    { long: "interval", letter: "i", argument: "TIME", help: "show what was counted so often" },
    { long: "duration", letter: "d", argument: "TIME", help: "end after this time" },
    { long: "timestamp", letter: "T", help: "the time above each output" },
    { long: "microseconds", letter: "u", help: "in microseconds" },
    { long: "milliseconds", letter: "m", help: "in milliseconds" },
    { long: "verbose", letter: "v", help: "print the script first, and at the end what each probe cost" },
  ],
  positionals: [{ name: "pattern", kind: "text", help: "func, lib:func, t:category:event or u:program:probe" }],
  examples: [
    ["beetrace funcinterval -m do_nanosleep", "a function of the kernel, in milliseconds"],
    ["beetrace funcinterval -p 181 -i 3 c:malloc", "of libc, in a process, each three seconds"],
    ["beetrace funcinterval t:block:block_rq_issue", "a tracepoint"],
  ],
  hooks: "kprobe, uprobe, tracepoint or usdt, as the pattern says",
  hasHistograms: true,
  plan,
};

const KINDS: Readonly<Record<Place["kind"], string>> = {
  kernel: "kprobe function",
  user: "uprobe function",
  tracepoint: "tracepoint",
  usdt: "usdt probe",
};

function plan(given: Given, machine: Machine): Plan {
  const pattern = given.text("pattern");
  if (pattern === undefined) throw new ToolError("funcinterval needs a pattern", "beetrace funcinterval vfs_read");
  const place = readPlace(pattern, machine);
  const { probe, filter } = entryProbes(place, machine);
  const script = TOOL_SCRIPTS["funcinterval/funcinterval.bt"].replace("PROBE", () => probe);
  const [unit, divisor] = timeUnit(given);
  const what = place.kind === "tracepoint" ? `${place.category}:${place.pattern}` : place.pattern;
  const verbose = given.has("verbose") ? script : "";
  return {
    script,
    params: { divisor },
    ...(filter === undefined ? {} : { probeFilter: filter }),
    ...(given.has("pid") ? { pid: given.int("pid") ?? 0 } : {}),
    intro: `${verbose}Tracing ${KINDS[place.kind]} for "${what}"... Hit Ctrl-C to end.`,
    screen: {
      maps: ["@intervals"],
      ...pacing(given),
      blocks: (maps, moment) => [
        spaceAbove(given, moment),
        ...histograms(maps("@intervals"), unit, () => undefined),
        ...(moment.isLast ? [DETACHING] : []),
      ],
    },
  };
}
