/** `--test` and `--bench`: programs that are run by hand, judged or measured. */
import type { CompiledProgram } from "@beetrace/compiler";
import {
  type BenchmarkResult,
  BenchmarkText,
  benchmarkResultRecord,
  type TestResult,
  TestText,
  testResultRecord,
} from "@beetrace/output";
import { EXIT_USAGE } from "./explain.ts";
import type { Session } from "./session.ts";
import type { OutputSink } from "./sink.ts";
import type { CapturePrinter, SwitchedPrinter } from "./switched-printer.ts";

/** Where the results go, and what keeps the output of a single test. */
export interface TrialIo {
  readonly kind: "test" | "bench";
  readonly format: "text" | "json";
  readonly color: boolean;
  readonly out: OutputSink;
  readonly err: OutputSink;
  readonly printer: SwitchedPrinter;
  readonly capture: () => CapturePrinter;
}

/** Runs the tests or the benchmarks of a script between its `begin` and `end` probes; gives the exit code. */
export function runTrials(session: Session, io: TrialIo): number {
  session.runByHand("begin");
  session.drain();
  const programs = session.compiled.programs.filter(({ provider }) => provider === io.kind);
  const allWell = io.kind === "test" ? runTests(session, programs, io) : runBenchmarks(session, programs, io);
  session.end();
  return allWell ? 0 : EXIT_USAGE;
}

function runTests(session: Session, programs: readonly CompiledProgram[], io: TrialIo): boolean {
  const text = new TestText(io.color);
  const show = (said: string) => {
    if (io.format === "text") io.out.write(said);
  };
  const results: TestResult[] = [];
  show(text.start(programs.length));
  for (const program of programs) {
    const result = runTest(session, program, io);
    results.push(result);
    if (io.format === "json") {
      io.out.writeUnicode(testResultRecord(result.name, result.durationNs, result.passed, result.output));
    } else io.out.write(text.result(result));
    io.out.endBatch();
  }
  show(text.summary(results));
  return results.every(({ passed }) => passed);
}

function runTest(session: Session, program: CompiledProgram, { printer, capture }: TrialIo): TestResult {
  const kept = capture();
  const { returnValue, durationNs, exitCode } = printer.during(kept, () => session.tryOut(program, 1));
  const passed = returnValue === 0 && exitCode === 0 && kept.errors === 0;
  return { name: nameOf(program), durationNs, passed, output: kept.output };
}

function runBenchmarks(session: Session, programs: readonly CompiledProgram[], io: TrialIo): boolean {
  const text = new BenchmarkText(programs.map(nameOf));
  if (io.format === "text") io.out.write(text.heading);
  let allWell = true;
  for (const program of programs) {
    const result = runBenchmark(session, program, io);
    if (result === "failed") {
      allWell = false;
      io.err.writeUnicode(`ERROR: Benchmark '${nameOf(program)}' failed.\n`);
    } else if (result !== "skipped") showBenchmark(result, text, io);
  }
  return allWell;
}

function showBenchmark(result: BenchmarkResult, text: BenchmarkText, { out, format }: TrialIo): void {
  const { name, averageNs, iterations } = result;
  if (format === "json") out.writeUnicode(benchmarkResultRecord(name, averageNs, iterations));
  else out.write(text.result(result));
  out.endBatch();
}

const LONG_ENOUGH_NS = 1_000_000;
/** So much more often, while all runs together took less than so many nanoseconds: to get there in few steps. */
const GROWTH = [
  [1000, 1000],
  [10_000, 100],
  [100_000, 10],
  [LONG_ENOUGH_NS, 2],
] as const;
/** Of a program that takes no measurable time, more runs would tell no more. */
const ITERATIONS_MAX = 1_000_000_000;

/** Repeats a benchmark until it has run for a millisecond. What it prints is dropped. */
function runBenchmark(
  session: Session,
  program: CompiledProgram,
  { printer, capture }: TrialIo,
): BenchmarkResult | "skipped" | "failed" {
  for (let iterations = 1; ; ) {
    const kept = capture();
    const outcome = printer.during(kept, () => session.tryOut(program, iterations));
    if (outcome.exitCode !== 0 || kept.errors > 0) return "failed";
    if (outcome.returnValue !== 0) return "skipped";
    const factor = GROWTH.find(([belowNs]) => outcome.durationNs * iterations < belowNs)?.[1];
    if (factor === undefined || iterations * factor > ITERATIONS_MAX) {
      return { name: nameOf(program), averageNs: outcome.durationNs, iterations };
    }
    iterations *= factor;
  }
}

function nameOf({ attachments: [{ attachment, name }] }: CompiledProgram): string {
  return attachment.kind === "test" || attachment.kind === "bench" ? attachment.name : name;
}
