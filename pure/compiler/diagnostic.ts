import type { Span } from "./ast.ts";

/** Something to say about the user's script, at a place in it. Collected, never thrown. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly span?: Span;
  /** Follow-up lines, each shown as `HINT: …`. */
  readonly hints: readonly string[];
}

/** Collects what a pass has to say; the same thing about the same place is said once. */
export class Diagnostics {
  readonly #list: Diagnostic[] = [];
  readonly #seen = new Set<string>();

  add(diagnostic: Diagnostic): void {
    const key = `${diagnostic.severity} ${diagnostic.span?.start} ${diagnostic.span?.end} ${diagnostic.message}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#list.push(diagnostic);
  }
  error(span: Span | undefined, message: string, ...hints: string[]): void {
    this.add({ severity: "error", message, span, hints });
  }
  warning(span: Span | undefined, message: string, ...hints: string[]): void {
    this.add({ severity: "warning", message, span, hints });
  }
  addAll(others: Diagnostics): void {
    for (const diagnostic of others.all) this.add(diagnostic);
  }
  /** In the order of the text; what is about no place comes last. */
  get all(): readonly Diagnostic[] {
    const start = ({ span }: Diagnostic) => span?.start ?? Number.MAX_SAFE_INTEGER;
    return [...this.#list].sort((a, b) => start(a) - start(b));
  }
  get hasErrors(): boolean {
    return this.errorCount > 0;
  }
  get errorCount(): number {
    return this.#list.filter((diagnostic) => diagnostic.severity === "error").length;
  }
}
