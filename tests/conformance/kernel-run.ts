/** Runs a case in the kernel, as the command line would. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileScript, renderDiagnostics, splitParams } from "@beetrace/compiler";
import { testTarget } from "@beetrace/compiler/testing";
import { run } from "@beetrace/tracer";
import type { Case } from "./cases.ts";
import type { Outcome } from "./outcome.ts";

/** Compiles and runs a case. What the compiler says does not depend on the machine: it is taken from a recorded one. */
export async function runInKernel(test: Case): Promise<Outcome> {
  const { diagnostics, sources } = compileScript(test.program, testTarget(), {
    ...splitParams(test.params),
    environment: test.environment,
  });
  const messages = (severity: string) =>
    diagnostics.all.filter((each) => each.severity === severity).map((each) => each.message);
  const shown = test.warningLevel === 0 ? [] : diagnostics.all;
  const outcome = await runScript(test);
  return {
    errors: messages("error"),
    warnings: messages("warning"),
    ...outcome,
    stderr: outcome.stderr.replace(renderDiagnostics(shown, sources, { color: false }), ""),
  };
}

async function runScript(test: Case): Promise<Pick<Outcome, "stdout" | "stderr" | "exitCode">> {
  const folder = mkdtempSync(join(tmpdir(), "conformance."));
  const [outFile, errFile] = [join(folder, "stdout"), join(folder, "stderr")];
  const [outFd, errFd] = [openSync(outFile, "w"), openSync(errFile, "w")];
  try {
    const { program, params, environment, format, warningLevel } = test;
    const options = {
      source: program,
      sourceName: "stdin",
      ...splitParams(params),
      environment,
      format,
      warnings: warningLevel,
    };
    const exitCode = await run({ ...options, outFd, errFd, quiet: true });
    return { stdout: readFileSync(outFile, "utf8"), stderr: readFileSync(errFile, "utf8"), exitCode };
  } finally {
    closeSync(outFd);
    closeSync(errFd);
    rmSync(folder, { recursive: true });
  }
}
