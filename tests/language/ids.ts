/** The parts of bpftrace's language, numbered in sections: what docs/language.md must have, each once. */

/** A section of docs/language.md. */
export interface Section {
  readonly letter: string;
  readonly title: string;
  /** Numbers from 1, but for those that stand in `ids`. */
  readonly count: number;
  /** Further ones: between two numbers, or behind a gap. */
  readonly ids?: readonly string[];
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

/** All sections, in the order of the page. */
export const SECTIONS: readonly Section[] = [
  { letter: "ST", title: "Programs", count: 14 },
  { letter: "P", title: "Probes", count: 20, ids: ["6m", "6s", "12m", ...range(30, 38)] },
  { letter: "B", title: "Values", count: 32 },
  { letter: "F", title: "Functions", count: 67 },
  { letter: "A", title: "Aggregations", count: 10 },
  { letter: "O", title: "Operators", count: 20 },
  { letter: "L", title: "Literals", count: 13 },
  { letter: "T", title: "Types and casts", count: 16, ids: range(20, 28) },
  { letter: "V", title: "Variables and maps", count: 14 },
  { letter: "C", title: "Control flow", count: 10 },
  { letter: "M", title: "Functions, macros and imports of the script", count: 10 },
  { letter: "K", title: "Settings", count: 24 },
  { letter: "E", title: "The environment", count: 8 },
  { letter: "X", title: "C", count: 8 },
  { letter: "N", title: "What numbers do", count: 17 },
  { letter: "S", title: "What strings do", count: 10 },
  { letter: "Q", title: "Whose memory a pointer points into", count: 6 },
  { letter: "R", title: "Formats of printf", count: 16 },
  { letter: "Y", title: "Text output", count: 12, ids: range(20, 27) },
  { letter: "J", title: "JSON output", count: 18 },
  { letter: "Z", title: "What happens when", count: 8 },
  { letter: "D", title: "Messages and exit codes", count: 14 },
  { letter: "G", title: "The command line", count: 34 },
  { letter: "W", title: "Listing", count: 9 },
  { letter: "H", title: "The life of a run", count: 8 },
];

/** The ids of a section, in order. */
export function idsOf({ letter, count, ids = [] }: Section): string[] {
  const numbers = [...range(1, count), ...ids].sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  return numbers.map((number) => `${letter}${number}`);
}
