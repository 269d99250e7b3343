/** Reads what a script printed. */

/** How many lines match. */
export function countLines(text: string, pattern: RegExp): number {
  return text.split("\n").filter((line) => pattern.test(line)).length;
}

/** The values of a map whose entries are numbers, by the text of their key; `""` for a map without keys. */
export function mapValues(text: string, name: string): ReadonlyMap<string, number> {
  const entry = new RegExp(`^${name}(?:\\[(.*)\\])?: (-?\\d+)$`, "gm");
  return new Map([...text.matchAll(entry)].map((match) => [match[1] ?? "", Number(match[2])]));
}

/** An entry of a map that is keyed by a process and a call stack. */
export interface StackEntry {
  readonly pid: number;
  /** Names of functions, innermost first. */
  readonly functions: readonly string[];
  readonly value: number;
}

/** The entries of a map with keys `[pid, stack]`. */
export function stackEntries(text: string, name: string): readonly StackEntry[] {
  const entry = new RegExp(`^${name}\\[(\\d+), ?\\n((?:\\s+\\S.*\\n)+)\\]: (\\d+)$`, "gm");
  return [...text.matchAll(entry)].map((match) => ({
    pid: Number(match[1]),
    functions: functionsOf(match[2]),
    value: Number(match[3]),
  }));
}

/** The functions of a printed call stack. */
export function functionsOf(stack: string): readonly string[] {
  return stack
    .trim()
    .split("\n")
    .map((line) => line.trim().replace(/\+\d+.*$/, ""));
}

/** How many values a histogram holds that was printed under `label`; of several prints of it, all of them. */
export function histogramTotal(text: string, label: string): number {
  let total = 0;
  let inside = false;
  for (const line of text.split("\n")) {
    const row = /^[[(].*[\])]\s+(\d+) \|/.exec(line);
    if (row === null) inside = line === `${label}: ` || line === `${label}:`;
    else if (inside) total += Number(row[1]);
  }
  return total;
}
