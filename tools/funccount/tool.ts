import type { Block } from "../blocks.ts";
import { entryProbes, readPlace, shortName } from "../function-pattern.ts";
import { DETACHING, pacing } from "../pacing.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type Machine, type MapEntries, type Plan, type Tool, ToolError } from "../tool.ts";

/** `beetrace funccount` */
export const tool: Tool = {
  name: "funccount",
  summary: "how often functions, tracepoints and static probes are passed",
  group: "kernel",
  options: [
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    { long: "interval", letter: "i", argument: "TIME", help: "show what was counted so often" },
    { long: "duration", letter: "d", argument: "TIME", help: "end after this time" },
    { long: "timestamp", letter: "T", help: "the time above each output" },
    { long: "regexp", letter: "r", help: "the pattern is a regular expression" },
    { long: "debug", letter: "D", help: "print the script first" },
    { long: "cpu", letter: "c", argument: "CPU", kind: "int", help: "on this processor only" },
  ],
  positionals: [{ name: "pattern", kind: "text", help: "func, lib:func, t:category:event or u:lib:probe, with *" }],
  examples: [
    ["beetrace funccount 'vfs_*'", "functions of the kernel"],
    ["beetrace funccount -i 1 't:sched:*'", "tracepoints, each second"],
    ["beetrace funccount -p 1234 'c:str*'", "functions of libc, in a process"],
    ["beetrace funccount -r '^tcp_(send|recv).*'", "by regular expression"],
  ],
  hooks: "kprobe, uprobe, tracepoint or usdt, as the pattern says",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const pattern = given.text("pattern");
  if (pattern === undefined) throw new ToolError("funccount needs a pattern", "beetrace funccount 'vfs_*'");
  const { probe, filter } = entryProbes(readPlace(pattern, machine), machine, given.has("regexp"));
  const script = TOOL_SCRIPTS["funccount/funccount.bt"].replace("PROBES", () => probe);
  return {
    script,
    params: { cpu: given.int("cpu") ?? -1 },
    ...(filter === undefined ? {} : { probeFilter: filter }),
    ...(given.has("pid") ? { pid: given.int("pid") ?? 0 } : {}),
    intro: (probes) =>
      `${given.has("debug") ? script : ""}Tracing ${probes} functions for "${pattern}"... Hit Ctrl-C to end.`,
    screen: {
      maps: ["@counts"],
      ...pacing(given),
      blocks: (maps, { time, isLast }) => [
        { kind: "lines", text: given.has("timestamp") ? `\n${time}\n` : "\n" },
        table(maps("@counts")),
        ...(isLast ? [DETACHING] : []),
      ],
    },
  };
}

/** The most at the end, those of one count by their names. */
function table({ entries }: MapEntries): Block {
  const rows = entries
    .map(({ key, value }) => ({ func: shortName(String(key)), count: Number(value) }))
    .sort((a, b) => a.count - b.count || (a.func < b.func ? -1 : 1));
  return {
    kind: "table",
    columns: [
      { title: "FUNC", field: "func", width: -36 },
      { title: "COUNT", field: "count", width: 8 },
    ],
    rows,
  };
}
