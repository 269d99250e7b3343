import type { LineMatches } from "./debug-info.ts";
import type { LineTable } from "./line-table.ts";

/** A row of the line that is looked for. */
interface Candidate {
  readonly path: string;
  readonly address: number;
  readonly scope: string;
  readonly isStatement: boolean;
}

/** Looks for the instructions that a line of source code begins with. */
export class LineSearch {
  readonly #line: number;
  readonly #column: number;
  readonly #paths = new Set<string>();
  readonly #lines = new Set<number>();
  readonly #candidates: Candidate[] = [];

  /** A column of 0 is any. */
  constructor(line: number, column: number) {
    this.#line = line;
    this.#column = column;
  }

  /** Looks through the lines of the files that are wanted; `scopeOf` says which copy of the code an address is in. */
  add(table: LineTable, isWanted: readonly boolean[], scopeOf: (address: number) => string): void {
    const { addresses, files, lines, columns, statements, sequences } = table.rows;
    for (const { first, last } of sequences) {
      for (let row = first; row < last; row++) {
        if (!isWanted[files[row]] || lines[row] === 0) continue;
        this.#paths.add(table.files[files[row]]);
        this.#lines.add(lines[row]);
        if (lines[row] !== this.#line || (this.#column !== 0 && columns[row] !== this.#column)) continue;
        const address = addresses[row];
        const path = table.files[files[row]];
        this.#candidates.push({ path, address, scope: scopeOf(address), isStatement: statements[row] === 1 });
      }
    }
  }

  /** What was found: in each copy of the code the first instruction of the line, one where a statement begins if there is such a one. */
  matches(): LineMatches {
    const statements = this.#candidates.filter(({ isStatement }) => isStatement);
    const usable = statements.length > 0 ? statements : this.#candidates;
    const byScope = new Map<string, number>();
    for (const { scope, address } of usable) byScope.set(scope, Math.min(address, byScope.get(scope) ?? address));
    const paths = usable.length > 0 ? new Set(usable.map(({ path }) => path)) : this.#paths;
    return {
      paths: [...paths].sort(),
      addresses: [...new Set(byScope.values())].sort((a, b) => a - b),
      otherLines: [...this.#lines].sort((a, b) => a - b),
    };
  }
}
