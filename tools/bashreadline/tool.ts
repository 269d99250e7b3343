import { TOOL_SCRIPTS } from "../scripts.ts";
import { clockColumn } from "../times.ts";
import { type Given, type Machine, type Plan, type Tool, ToolError } from "../tool.ts";

/** `beetrace bashreadline` */
export const tool: Tool = {
  name: "bashreadline",
  summary: "lines that are entered in any bash",
  group: "programs",
  options: [
    {
      long: "shared",
      letter: "s",
      argument: "LIBRARY",
      help: "the readline library that bash uses, where it has none of its own",
    },
  ],
  examples: [
    ["beetrace bashreadline", "what is typed in all shells"],
    ["beetrace bashreadline --uid alice", "by one user"],
  ],
  hooks: "uretprobe /bin/bash:readline; with -s that of the library",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const file = given.text("shared") ?? "/bin/bash";
  // readline() calls it last where it is exported, and hands its result on.
  const name = ["readline_internal_teardown", "readline"].find((each) => machine.userFunctions(file, each).length > 0);
  if (name === undefined)
    throw new ToolError(`${file} has no function readline`, "with -s name the library that your bash uses");
  return {
    script: TOOL_SCRIPTS["bashreadline/bashreadline.bt"].replaceAll("BINARY", file).replaceAll("FUNCTION", name),
    columns: [
      clockColumn(-9),
      { title: "PID", field: "pid", width: -7 },
      { title: "COMMAND", field: "command", width: 0 },
    ],
  };
}
