import { closeSync, openSync } from "node:fs";
import type { RunMode } from "@beetrace/compiler";
import { type RunOptions, run } from "@beetrace/tracer";
import { complain, isTerminal, useColor, warn } from "./console.ts";
import { stageHooks } from "./debug-stages.ts";
import { EXIT_USER } from "./failure.ts";
import { traced } from "./has-traced.ts";
import type { RunInvocation } from "./invocation.ts";
import { privilegeProblem } from "./privileges.ts";
import type { CommandName } from "./process-name.ts";
import { fileError, readScript, type ScriptSource } from "./script-source.ts";

/** Runs a script, and gives its exit status. */
export async function runCommand(invocation: RunInvocation, name: CommandName): Promise<number> {
  const source = readScript(invocation.script);
  if (invocation.namedParams.includes("--help")) {
    const { scriptHelp } = await import("./script-help.ts");
    return scriptHelp(source, invocation.params);
  }
  const problem = privilegeProblem(name);
  if (problem !== undefined) {
    complain(problem.message, problem.hint);
    return EXIT_USER;
  }
  noteIgnored(invocation);
  const { mode, aot } = invocation;
  if (aot !== undefined) return (await import("./aot-command.ts")).aotCommand(invocation, source, aot);
  if (mode === "codegen") return (await import("./compile-command.ts")).compileCommand(invocation, source);
  if (mode === "compiler-bench") return (await import("./compiler-bench.ts")).compilerBench(invocation, source);
  const { output } = invocation;
  if (output === undefined) return traced(await run(runOptions(invocation, source, mode, 1)));
  const fd = openOutput(output);
  try {
    return traced(await run(runOptions(invocation, source, mode, fd)));
  } finally {
    closeSync(fd);
  }
}

function noteIgnored({ emitLlvm }: RunInvocation): void {
  if (emitLlvm) warn("--emit-llvm writes nothing: there is no LLVM here", "-d ir prints what comes nearest");
}

function openOutput(path: string): number {
  try {
    return openSync(path, "w");
  } catch (cause) {
    throw fileError("open", path, cause);
  }
}

function runOptions(invocation: RunInvocation, source: ScriptSource, mode: RunMode, outFd: number): RunOptions {
  const { stages: asked, emitAsm, emitElf, liveRefreshMs, explain, aot: _, ...same } = invocation;
  const stages: typeof asked = explain ? new Set([...asked, "bytecode"]) : asked;
  return {
    ...same,
    mode,
    ...stageHooks(source, { stages, emitAsm, emitElf, params: invocation.params }),
    source: source.text,
    sourceName: source.name,
    environment: process.env,
    outFd,
    verbose: invocation.verbose || stages.has("verifier"),
    color: useColor(),
    reportsCosts: explain || invocation.verbose,
    ...(liveRefreshMs === undefined
      ? {}
      : {
          live: { refreshMs: liveRefreshMs, isTerminal: isTerminal(1), color: process.env.BPFTRACE_COLOR !== "never" },
        }),
  };
}
