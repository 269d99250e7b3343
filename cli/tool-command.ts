import { completionScript, runTool, TOOLS, type Tool, ToolError, toolHelp, toolList } from "@beetrace/tools";
import { complain, useColor, writeOutput } from "./console.ts";
import { EXIT_USER } from "./failure.ts";
import { OPTIONS, type OptionSpec } from "./option-table.ts";
import { privilegeProblem } from "./privileges.ts";

/** The ready-made tool of this name. */
export function toolNamed(name: string): Tool | undefined {
  return TOOLS.find((tool) => tool.name === name);
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
    return await runTool(tool, argv, { environment: process.env, color: useColor() }, writeOutput);
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
export function completionCommand(shell: string): number {
  if (shell !== "bash" && shell !== "zsh" && shell !== "fish") {
    complain(`--completion: '${shell}' is none of bash, zsh, fish`);
    return EXIT_USER;
  }
  const options = (OPTIONS as readonly OptionSpec[]).flatMap(({ long }) => (long === undefined ? [] : [`--${long}`]));
  writeOutput(completionScript(shell, TOOLS, options));
  return 0;
}
