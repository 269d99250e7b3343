import { type Diagnostic, positionOf, renderDiagnostic, type SourcePlace, type Sources } from "@beetrace/compiler";
import type { JsonPlace } from "@beetrace/output";

/** The texts of a script and what it imports, as messages show them. */
export interface ScriptSource {
  readonly sources: Sources;
  /** Whether messages are coloured. */
  readonly color: boolean;
}

/** Where a place of the script is, counted from 1. */
export function placeOf({ sources }: ScriptSource, at: SourcePlace): JsonPlace {
  const { file, line, column } = positionOf(sources, at.start);
  return { filename: file.name, line, col: column };
}

/** A diagnostic with the line of the script that it is about. */
export function renderOn({ sources, color }: ScriptSource, diagnostic: Diagnostic): string {
  return renderDiagnostic(diagnostic, sources, { color });
}
