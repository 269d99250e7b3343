import { closeSync, openSync } from "node:fs";
import { type RunOptions, run } from "@beetrace/tracer";
import { complain, isTerminal, useColor, warn } from "./console.ts";
import { stageHooks } from "./debug-stages.ts";
import { EXIT_USER } from "./failure.ts";
import type { RunInvocation } from "./invocation.ts";
import { privilegeProblem } from "./privileges.ts";
import type { CommandName } from "./process-name.ts";
import { fileError, readScript, type ScriptSource } from "./script-source.ts";

/** Runs a script, and gives its exit status. */
export async function runCommand(invocation: RunInvocation, name: CommandName): Promise<number> {
  const source = readScript(invocation.script);
  const problem = privilegeProblem(name);
  if (problem !== undefined) {
    complain(problem.message, problem.hint);
    return EXIT_USER;
  }
  noteUnreadHeaders(invocation);
  if (invocation.compileOnly) {
    const { compileCommand } = await import("./compile-command.ts");
    return compileCommand(invocation, source);
  }
  const { output } = invocation;
  if (output === undefined) return run(runOptions(invocation, source, 1));
  const fd = openOutput(output);
  try {
    return await run(runOptions(invocation, source, fd));
  } finally {
    closeSync(fd);
  }
}

function noteUnreadHeaders({ includeDirs, includeFiles }: RunInvocation): void {
  for (const path of [...includeDirs, ...includeFiles]) {
    warn(`${path} is not read: types come from the kernel's BTF, or stand in the script`);
  }
}

function openOutput(path: string): number {
  try {
    return openSync(path, "w");
  } catch (cause) {
    throw fileError("open", path, cause);
  }
}

function runOptions(invocation: RunInvocation, source: ScriptSource, outFd: number): RunOptions {
  const { stages, emitAsm, liveRefreshMs, ...same } = invocation;
  return {
    ...same,
    ...stageHooks(source, { stages, emitAsm, params: invocation.params }),
    source: source.text,
    sourceName: source.name,
    environment: process.env,
    outFd,
    verbose: invocation.verbose || stages.has("verifier"),
    color: useColor(),
    ...(liveRefreshMs === undefined
      ? {}
      : {
          live: { refreshMs: liveRefreshMs, isTerminal: isTerminal(1), color: process.env.BPFTRACE_COLOR !== "never" },
        }),
  };
}
