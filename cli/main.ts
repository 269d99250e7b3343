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
  let invocation: Invocation;
  try {
    invocation = readInvocation(parseArguments(argv));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    complain(error.message, error.hint);
    writeError(`${synopsis(name)}    ${name} --help shows all options\n`);
    return 1;
  }
  try {
    return await dispatch(invocation, name);
  } catch (error) {
    const { explainFailure } = await import("./failure.ts");
    return explainFailure(error);
  }
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
    case "list":
      return (await import("./list-command.ts")).listCommand(invocation);
    case "format":
      return (await import("./format-command.ts")).formatCommand(invocation);
    case "run":
      return (await import("./run-command.ts")).runCommand(invocation, name);
  }
}
