import {
  type Diagnostic,
  positionOf,
  renderCalls,
  renderDiagnostic,
  renderLocation,
  type SourcePlace,
  type Sources,
} from "@beetrace/compiler";
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

/** The same for people, with where it ends: `stdin:1:9-62`. */
export function locationOn({ sources }: ScriptSource, at: SourcePlace): string {
  return renderLocation(at, sources);
}

/** The calls that a place inside a macro comes from, as lines of text; mostly none. */
export function callsOn({ sources }: ScriptSource, severity: Diagnostic["severity"], at: SourcePlace): string {
  return renderCalls(at, sources, severity);
}

/** A diagnostic with the line of the script that it is about. */
export function renderOn({ sources, color }: ScriptSource, diagnostic: Diagnostic): string {
  return renderDiagnostic(diagnostic, sources, { color });
}
