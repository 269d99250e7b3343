import { dcacheHooks } from "../dcache.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { sinceStartColumn } from "../times.ts";
import type { Tool } from "../tool.ts";

/** `beetrace dcsnoop` */
export const tool: Tool = {
  name: "dcsnoop",
  summary: "names of files that the cache of names does not have",
  group: "files",
  options: [{ long: "all", letter: "a", help: "all that are looked up" }],
  examples: [
    ["beetrace dcsnoop", "those that are not there"],
    ["beetrace dcsnoop -a --name nginx", "all that tasks of this name look up"],
  ],
  hooks: "fentry and fexit, else kprobe and kretprobe d_lookup; with -a lookup_fast as well",
  plan: (given, machine) => ({
    script: dcacheHooks(
      machine,
      "dcsnoop",
      TOOL_SCRIPTS["dcsnoop/dcsnoop.bt"] + (given.has("all") ? TOOL_SCRIPTS["dcsnoop/all.bt"] : ""),
    ),
    columns: [
      sinceStartColumn(-11, 6),
      { title: "PID", field: "pid", width: -7 },
      { title: "COMM", field: "comm", width: -16 },
      { title: "T", field: "type", width: 1 },
      { title: "FILE", field: "file", width: 0 },
    ],
  }),
};
