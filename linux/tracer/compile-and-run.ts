import { type CompiledScript, compileScript, renderDiagnostics } from "@beetrace/compiler";
import { countsStacks } from "@beetrace/output";
import { headerReader } from "./header-files.ts";
import { readImport } from "./import-files.ts";
import { type Obtain, runWith } from "./run.ts";
import type { RunOptions } from "./run-options.ts";
import { ScriptError } from "./script-error.ts";
import { wantsPictures } from "./stack-pictures.ts";
import type { Streams } from "./streams.ts";

/**
 * Compiles a script for this machine and runs it until it is stopped. Gives the exit code; errors of the script and
 * of the machine are told on stderr.
 */
export function run(options: RunOptions): Promise<number> {
  return runWith(options, compiling(options));
}

/** Compiles the script for the machine. Throws {@link ScriptError}. */
export function compiling(options: RunOptions): Obtain {
  return (target, traced, io) => {
    const { compiled, diagnostics, sources } = compileScript(options.source, target, {
      ...options,
      ...traced,
      countFailedReads: options.warnings === 2,
      separatePrograms:
        (options.reportsCosts ?? false) || (options.maxOverhead !== undefined && options.onOverrun !== "end"),
      readImport: (path, from) => options.readImport?.(path, from) ?? readImport(path, from),
      readInclude: headerReader({ ...options, arch: target.arch, scriptPath: options.sourceName }),
    });
    io.source = { ...io.source, sources };
    const errorsOnly = options.warnings === 0 || options.hidesCompilerWarnings;
    const shown = errorsOnly ? diagnostics.all.filter(({ severity }) => severity === "error") : diagnostics.all;
    if (compiled === undefined) throw new ScriptError(shown, sources);
    io.err.writeUnicode(renderDiagnostics(shown, sources, io.source));
    options.onCompiled?.(compiled);
    return canRun(compiled, options, io) ? compiled : undefined;
  };
}

const PICTURE_HINT = "key it by them: @[kstack] = count(), or @[comm, ustack, kstack] = sum(…)";

/** Whether there is something to do; otherwise it is said what lacks. */
function canRun({ programs, maps }: CompiledScript, { pictures }: RunOptions, { out, err }: Streams): boolean {
  if (programs.length === 0) {
    out.write("No probes to attach\n");
    return false;
  }
  if (!wantsPictures(pictures) || maps.some(({ layout }) => countsStacks(layout))) return true;
  err.writeUnicode(`ERROR: no map of the script counts stacks\nHINT: ${PICTURE_HINT}\n`);
  return false;
}
