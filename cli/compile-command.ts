import { type CompileOptions, type CompileResult, compileScript, renderDiagnostics } from "@beetrace/compiler";
import { headerReader, liveTarget, readImport } from "@beetrace/tracer";
import { useColor, writeError } from "./console.ts";
import { stageHooks } from "./debug-stages.ts";
import { EXIT_USER } from "./failure.ts";
import type { RunInvocation } from "./invocation.ts";
import type { ScriptSource } from "./script-source.ts";

/** `--mode codegen`: compiles a script for this machine, and loads nothing. */
export function compileCommand(invocation: RunInvocation, source: ScriptSource): number {
  return compileForHere(invocation, source).compiled === undefined ? EXIT_USER : 0;
}

/** The script as it is compiled for this machine, which is absent when it has errors; all that is said of it is told. */
export function compileForHere(
  invocation: RunInvocation,
  source: ScriptSource,
  options: Pick<CompileOptions, "facts" | "paramsLater"> = {},
): Pick<CompileResult, "compiled" | "sources"> {
  using target = liveTarget({ ...invocation, environment: process.env });
  const hooks = stageHooks(source, invocation);
  const { compiled, diagnostics, sources } = compileScript(source.text, target, {
    ...invocation,
    ...hooks,
    ...options,
    mode: "run",
    readInclude: headerReader({ ...invocation, arch: target.arch, scriptPath: source.name, environment: process.env }),
    sourceName: source.name,
    environment: process.env,
    readImport,
  });
  const shown = diagnostics.all.filter(({ severity }) => severity === "error" || invocation.warnings > 0);
  writeError(renderDiagnostics(shown, sources, { color: useColor() }));
  if (compiled !== undefined) hooks.onCompiled(compiled);
  return { compiled, sources };
}
