import { type Diagnostic, locator, renderDiagnostic, renderLocation, type SourcePlace } from "@beetrace/compiler";
import type { JsonPlace } from "@beetrace/output";

/** The script's text, as messages show it. */
export interface ScriptSource {
  /** What stands before the line: the file's path, or `stdin`. */
  readonly name: string;
  readonly text: string;
  /** Whether messages are coloured. */
  readonly color: boolean;
}

/** Where a place of the script is, counted from 1. */
export function placeOf(source: ScriptSource, at: SourcePlace): JsonPlace {
  const { line, column } = locator(source.text)(at.start);
  return { filename: source.name, line, col: column };
}

/** The same for people, with where it ends: `stdin:1:9-62`. */
export function locationOn(source: ScriptSource, at: SourcePlace): string {
  return renderLocation(at, source);
}

/** A diagnostic with the line of the script that it is about. */
export function renderOn(source: ScriptSource, diagnostic: Diagnostic): string {
  return renderDiagnostic(diagnostic, source, source);
}
