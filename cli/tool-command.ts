import { suggestionFor } from "@beetrace/std";
import { completionScript, runTool, SHELLS, TOOLS, type Tool, ToolError, toolHelp, toolList } from "@beetrace/tools";
import { complain, useColor, writeOutput } from "./console.ts";
import { EXIT_USER } from "./failure.ts";
import { traced } from "./has-traced.ts";
import { OPTIONS } from "./option-table.ts";
import { privilegeProblem } from "./privileges.ts";
import { printLines } from "./standard-output.ts";

/** The ready-made tool of this name. */
export function toolNamed(name: string): Tool | undefined {
  return TOOLS.find((tool) => tool.name === name);
}

/** `beetrace opensnop`: says what it may have meant. */
export function noSuchTool(name: string): number {
  const near = suggestionFor(
    name,
    TOOLS.map((tool) => tool.name),
  );
  const list = "beetrace --list-tools lists the tools";
  complain(`there is no tool and no file '${name}'`, near === undefined ? list : `did you mean ${near}? ${list}`);
  return EXIT_USER;
}

/** `beetrace opensnoop …`; gives the exit status. */
export async function toolCommand(tool: Tool, argv: readonly string[]): Promise<number> {
  if (argv.includes("--help") || (argv.includes("-h") && !tool.options.some(({ letter }) => letter === "h"))) {
    writeOutput(toolHelp(tool));
    return 0;
  }
  try {
    const problem = argv.includes("--ebpf") ? undefined : privilegeProblem("beetrace");
    if (problem !== undefined) throw new ToolError(problem.message, problem.hint);
    return traced(await runTool(tool, argv, { environment: process.env, color: useColor() }, writeOutput));
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    complain(error.message, error.hint);
    return EXIT_USER;
  }
}

/** `beetrace --list-tools` */
export function listTools(): number {
  writeOutput(toolList(TOOLS));
  return 0;
}

/** `beetrace --completion bash`: a script for a shell to source. */
export function completionCommand(name: string): number {
  const shell = SHELLS.find((each) => each === name);
  if (shell === undefined) {
    complain(`--completion: '${name}' is none of ${SHELLS.join(", ")}`);
    return EXIT_USER;
  }
  printLines([completionScript(shell, TOOLS, OPTIONS).trimEnd()]);
  return 0;
}
