import { compileScript, parseScript, printFunc } from "@beetrace/compiler";
import { liveTarget } from "@beetrace/tracer";
import { compileCommand } from "./compile-command.ts";
import type { RunInvocation } from "./invocation.ts";
import type { ScriptSource } from "./script-source.ts";
import { printLines } from "./standard-output.ts";

/** A stage is run so often and so long, whichever takes longer, but no more than {@link RUNS_MAX} times. */
const RUNS_MIN = 3;
const LONG_ENOUGH_MS = 100;
const RUNS_MAX = 10_000;
/** Of a normal distribution, 95 % lie within so many standard errors. */
const WITHIN_95_PERCENT = 1.96;
const NAME_WIDTH = 30;
const COUNT_WIDTH = 8;
const TOTAL_WIDTH = 14;

/** `--mode compiler-bench`: how long the compiler takes for a script, in processor time. */
export function compilerBench(invocation: RunInvocation, source: ScriptSource): number {
  using target = liveTarget({ ...invocation, environment: process.env });
  const options = { ...invocation, mode: "run", sourceName: source.name, environment: process.env } as const;
  const compile = () => compileScript(source.text, target, options);
  const status = compileCommand(invocation, source);
  if (status !== 0) return status;
  const stages: readonly (readonly [string, () => unknown])[] = [
    ["parse", () => parseScript(source.text, { params: invocation.params })],
    ["compile", compile],
    ["compile and print the IR", () => compileScript(source.text, target, { ...options, onFunc: printFunc })],
  ];
  printLines(stages.map(([name, stage]) => row(name, measure(stage))));
  return 0;
}

/** Microseconds of each run. */
function measure(stage: () => unknown): readonly number[] {
  const runs: number[] = [];
  for (let total = 0; runs.length < RUNS_MIN || (total < LONG_ENOUGH_MS * 1000 && runs.length < RUNS_MAX); ) {
    const before = process.cpuUsage();
    stage();
    const { user, system } = process.cpuUsage(before);
    runs.push(user + system);
    total += user + system;
  }
  return runs;
}

function row(name: string, runs: readonly number[]): string {
  const total = runs.reduce((sum, each) => sum + each, 0);
  const mean = total / runs.length;
  const variance = runs.reduce((sum, each) => sum + (each - mean) ** 2, 0) / runs.length;
  const error = WITHIN_95_PERCENT * Math.sqrt(variance / runs.length);
  const columns = [
    name.padEnd(NAME_WIDTH),
    String(runs.length).padEnd(COUNT_WIDTH),
    String(total * 1000).padEnd(TOTAL_WIDTH),
  ];
  return `${columns.join("")}${mean.toFixed(0)} ± ${error.toFixed(0)} us`;
}
