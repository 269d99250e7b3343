import { type Diagnostic, positionOf, renderDiagnostics, type Sources } from "@beetrace/compiler";

/** A mistake in a script, for programs to look at. */
export interface ScriptMistake {
  readonly severity: Diagnostic["severity"];
  readonly message: string;
  readonly hints: readonly string[];
  /** Where it is, counted from 1; absent for what is about no place. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** A script that cannot be compiled. The message is what the command would say, with the lines of the script. */
export class ScriptError extends Error {
  override readonly name = "ScriptError";
  readonly mistakes: readonly ScriptMistake[];
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: Sources;

  constructor(diagnostics: readonly Diagnostic[], sources: Sources) {
    super(renderDiagnostics(diagnostics, sources, { color: false }).trimEnd());
    this.diagnostics = diagnostics;
    this.sources = sources;
    this.mistakes = diagnostics.map((each) => mistake(each, sources));
  }
}

function mistake({ severity, message, hints, span }: Diagnostic, sources: Sources): ScriptMistake {
  if (span === undefined) return { severity, message, hints };
  const { file, line, column } = positionOf(sources, span.start);
  return { severity, message, hints, file: file.name, line, column };
}
