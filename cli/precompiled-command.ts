import { closeSync, openSync, readFileSync } from "node:fs";
import { type Artefact, ArtefactError, decodeArtefact, paramHelp } from "@beetrace/compiler";
import { type ArtefactOptions, runArtefact } from "@beetrace/tracer";
import { complain, useColor, writeError, writeOutput } from "./console.ts";
import { EXIT_USER, explainFailure } from "./failure.ts";
import { optionLines } from "./help.ts";
import { type RunInvocation, readInvocation } from "./invocation.ts";
import { OPTIONS, type OptionKey, type OptionSpec, optionKey } from "./option-table.ts";
import { parseArguments } from "./parse-arguments.ts";
import { privilegeProblem } from "./privileges.ts";
import { fileError } from "./script-source.ts";
import { UsageError } from "./usage-error.ts";
import { BEETRACE_VERSION } from "./version.ts";

/** All else was said when the script was compiled. */
const TAKEN: ReadonlySet<OptionKey> = new Set(["debug", "format", "help", "version", "output", "quiet", "verbose"]);

/** Runs the file that `--aot` wrote; gives the exit status. */
export async function precompiledCommand(path: string, argv: readonly string[]): Promise<number> {
  try {
    const { options, operands } = parseArguments(argv);
    const refused = options.find(({ key }) => !TAKEN.has(key));
    if (refused !== undefined) throw new UsageError(`${refused.written} had its say when the script was compiled`);
    const positional = operands.find((word) => !word.startsWith("--"));
    if (positional !== undefined)
      throw new UsageError(`positional parameters are compiled in: ${positional} is too late`);
    const invocation = readInvocation({ options, operands: ["-", ...operands] });
    if (invocation.kind === "help") return showHelp(path);
    if (invocation.kind === "version") return show(`beetrace v${BEETRACE_VERSION}\n`);
    if (invocation.kind !== "run") throw new UsageError("a compiled script can only be run");
    return await runFile(path, invocation);
  } catch (error) {
    if (error instanceof UsageError || error instanceof ArtefactError) {
      complain(error.message, error instanceof UsageError ? error.hint : undefined);
      if (error instanceof UsageError) writeError(usage(path));
      return EXIT_USER;
    }
    return explainFailure(error);
  }
}

async function runFile(path: string, invocation: RunInvocation): Promise<number> {
  const problem = privilegeProblem("beetrace");
  if (problem !== undefined) {
    complain(problem.message, problem.hint);
    return EXIT_USER;
  }
  const artefact = readArtefact(path);
  if (invocation.namedParams.includes("--help")) {
    writeError(`HINT: ${["expected program options:", ...paramHelp(artefact.script.params)].join("\n")}\n`);
    return EXIT_USER;
  }
  const { output } = invocation;
  if (output === undefined) return runArtefact(artefact, runOptions(invocation, 1));
  const fd = openOutput(output);
  try {
    return await runArtefact(artefact, runOptions(invocation, fd));
  } finally {
    closeSync(fd);
  }
}

function openOutput(path: string): number {
  try {
    return openSync(path, "w");
  } catch (cause) {
    throw fileError("open", path, cause);
  }
}

function runOptions(invocation: RunInvocation, outFd: number): ArtefactOptions {
  const { namedParams, format, quiet, stages, bufferMode, warnings } = invocation;
  const verbose = invocation.verbose || stages.has("verifier");
  return {
    namedParams,
    format,
    quiet,
    verbose,
    bufferMode,
    warnings,
    environment: process.env,
    outFd,
    color: useColor(),
  };
}

/** The last line of the file; what stands before it starts this. */
function readArtefact(path: string): Artefact {
  const text = readFileSync(path, "utf8").trimEnd();
  const artefact = decodeArtefact(text.slice(text.lastIndexOf("\n") + 1));
  if (artefact.version === BEETRACE_VERSION) return artefact;
  throw new ArtefactError(
    `this was compiled by beetrace ${artefact.version}, and here is ${BEETRACE_VERSION}: compile it again`,
  );
}

function usage(path: string): string {
  return `USAGE:\n    ${path} [OPTIONS] [-- --PARAMETER=VALUE…]\n    ${path} --help shows all options\n`;
}

function showHelp(path: string): number {
  const taken = (OPTIONS as readonly OptionSpec[]).filter((option) => TAKEN.has(optionKey(option)));
  return show(`${usage(path)}\nOPTIONS:\n${optionLines(taken)}`);
}

function show(text: string): number {
  writeOutput(text);
  return 0;
}
