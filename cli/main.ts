import { existsSync } from "node:fs";
import { complain, writeError, writeOutput } from "./console.ts";
import { helpText, synopsis } from "./help.ts";
import { type Invocation, readInvocation } from "./invocation.ts";
import { parseArguments } from "./parse-arguments.ts";
import type { CommandName } from "./process-name.ts";
import { UsageError } from "./usage-error.ts";
import { versionLine } from "./version.ts";

/**
 * The command: does what the arguments ask for and gives the exit status. What a command needs is loaded when it is
 * asked for: most of the start of a script's run is loading code.
 */
export async function main(argv: readonly string[], name: CommandName): Promise<number> {
  if (argv.length === 0) {
    writeError(helpText(name));
    return 1;
  }
  try {
    return await perform(argv, name);
  } catch (error) {
    if (error instanceof UsageError) return explainUsage(error, name);
    const { explainFailure } = await import("./failure.ts");
    return explainFailure(error);
  }
}

function explainUsage(error: UsageError, name: CommandName): number {
  complain(error.message, error.hint);
  writeError(`${synopsis(name)}    ${name} --help shows all options\n`);
  return 1;
}

/** A first word that is a command of ours is no script: bpftrace's name has none of them. A script goes by `./flame`. */
async function perform(argv: readonly string[], name: CommandName): Promise<number> {
  if (argv[0] === "flame" && name === "beetrace")
    return (await import("./flame-command.ts")).flameCommand(argv.slice(1));
  if (name === "beetrace" && mayBeTool(argv[0])) {
    const { toolNamed, toolCommand, noSuchTool } = await import("./tool-command.ts");
    const tool = toolNamed(argv[0]);
    if (tool !== undefined) return toolCommand(tool, argv.slice(1));
    if (!existsSync(argv[0])) return noSuchTool(argv[0]);
  }
  return dispatch(readInvocation(parseArguments(argv)), name);
}

/** Neither an option nor a path: tools are loaded for such a word only. */
function mayBeTool(word: string): boolean {
  return /^[a-z][a-z0-9_-]*$/.test(word);
}

async function dispatch(invocation: Invocation, name: CommandName): Promise<number> {
  switch (invocation.kind) {
    case "help":
      writeOutput(helpText(name));
      return 0;
    case "version":
      writeOutput(`${versionLine(name)}\n`);
      return 0;
    case "info":
      return (await import("./info-command.ts")).infoCommand(name);
    case "list-tools":
      return (await import("./tool-command.ts")).listTools();
    case "completion":
      return (await import("./tool-command.ts")).completionCommand(invocation.shell);
    case "list":
      return (await import("./list-command.ts")).listCommand(invocation);
    case "format":
      return (await import("./format-command.ts")).formatCommand(invocation);
    case "run":
      return (await import("./run-command.ts")).runCommand(invocation, name);
  }
}
