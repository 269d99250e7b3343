import type { CompiledProgram, CompiledScript } from "@beetrace/compiler";
import { type Collection, enableRunTimeStats } from "@beetrace/ebpf";

/** What one program has cost so far, counted by the kernel. */
export interface ProgramCost {
  /** Name of the program in the collection. */
  readonly program: string;
  /** The full name of its probe; of one with many attachments, the first and how many more. */
  readonly probe: string;
  /** How often it ran. */
  readonly hits: number;
  /** How often it was left out, because a program was running on that processor already. Requires Linux 5.12. */
  readonly misses: number;
  readonly timeNs: number;
}

/**
 * Reads what the programs of a run cost. While it lives, the kernel takes the time of every BPF program of the machine, at
 * some 20 ns a run. Requires Linux 5.8.
 */
export class Costs implements Disposable {
  readonly #programs: readonly CompiledProgram[];
  readonly #collection: Collection;
  readonly #stats = enableRunTimeStats();

  constructor({ programs }: CompiledScript, collection: Collection) {
    this.#programs = programs;
    this.#collection = collection;
  }

  /** All programs, in the order of the script. */
  read(): readonly ProgramCost[] {
    return this.#programs.map(({ program, attachments }) => {
      const { runCount, recursionMisses, runTimeNs } = this.#collection.program(program).info();
      const more = attachments.length > 1 ? ` and ${attachments.length - 1} more` : "";
      const probe = `${attachments[0].name}${more}`;
      return { program, probe, hits: runCount, misses: recursionMisses, timeNs: runTimeNs };
    });
  }

  [Symbol.dispose](): void {
    this.#stats[Symbol.dispose]();
  }
}

/** A row of {@link costTable}: `dropped` are events that did not fit into the ring buffer. */
export interface CostRow extends ProgramCost {
  readonly dropped: number;
}

/**
 * Rows as a table for people, with the share that each had of one processor during `wallNs`. At the end what the programs
 * took in all, and `ownShare`, what the tracer took to read and print.
 */
export function costTable(rows: readonly CostRow[], wallNs: number, ownShare?: number): string {
  const cells = rows.map(({ probe, hits, misses, dropped, timeNs }) => [
    probe,
    count(hits),
    count(misses),
    count(dropped),
    hits === 0 ? "-" : count(Math.round(timeNs / hits)),
    share(timeNs / wallNs),
  ]);
  const total = rows.reduce((sum, { timeNs }) => sum + timeNs, 0);
  const table = [
    ["probe", "hits", "misses", "dropped", "ns/hit", "CPU"],
    ...cells,
    ["all", "", "", "", "", share(total / wallNs)],
    ...(ownShare === undefined ? [] : [["beetrace itself", "", "", "", "", share(ownShare)]]),
  ];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join("  ");
  return table.map((row) => `${line(row)}\n`).join("");
}

/** `1,234,567` */
function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** Of one processor, as a percentage. */
export function share(part: number): string {
  return `${(part * 100).toFixed(part < 0.001 ? 4 : 2)}%`;
}
