/** Short ways to what the compiler makes of a script, for tests. */
import { invariant } from "@beetrace/std";
import { type CompileOptions, compileScript } from "../compile.ts";
import type { CompiledScript } from "../compiled.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { optimise } from "../ir/passes/index.ts";
import { printFunc } from "../ir/print.ts";
import type { Target } from "../target.ts";
import { testTarget } from "./target.ts";

/** Options of the compiler, and what the machine has in place of that of {@link testTarget}. */
export interface TestOptions extends CompileOptions {
  readonly target?: Partial<Target>;
}

/** What there is to say of a script, as `error: …` and `warning: …`. */
export function said(source: string, options: TestOptions = {}): string[] {
  return diagnosticsOf(source, options).map(({ severity, message }) => `${severity}: ${message}`);
}

/** The messages of a script's errors. */
export function errorsOf(source: string, options: TestOptions = {}): string[] {
  return messages(diagnosticsOf(source, options), "error");
}

/** The messages of a script's warnings. */
export function warningsOf(source: string, options: TestOptions = {}): string[] {
  return messages(diagnosticsOf(source, options), "warning");
}

/** Errors and warnings of a script in the order in which they were found. */
export function diagnosticsOf(source: string, options: TestOptions = {}): readonly Diagnostic[] {
  return compileScript(source, testTarget(options.target), options).diagnostics.all;
}

function messages(all: readonly Diagnostic[], severity: Diagnostic["severity"]): string[] {
  return all.filter((each) => each.severity === severity).map((each) => each.message);
}

/** The compiled script; one with errors fails the test. */
export function compiled(source: string, options: TestOptions = {}): CompiledScript {
  const { compiled: script, diagnostics } = compileScript(source, testTarget(options.target), options);
  invariant(script, messages(diagnostics.all, "error").join("\n"));
  return script;
}

/** The IR of a script's functions after all passes, each of which is checked. */
export function irOf(source: string, options: TestOptions = {}): string {
  const funcs: string[] = [];
  compiled(source, { ...options, onFunc: (func) => funcs.push(printFunc(optimise(func, { check: true }))) });
  return funcs.join("\n");
}
