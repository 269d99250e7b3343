/** Reading the verifier's log (kernel/bpf/log.c): what it says in the end, and about which instruction. */

/** What matters of a verifier log. */
export interface VerifierSummary {
  /** The verifier's verdict, one sentence. */
  readonly text: string;
  /** Slot number of the instruction it stopped at. */
  readonly slot?: number;
  /** The source line it printed last before that. */
  readonly source?: { readonly text: string; readonly file?: string; readonly line?: number };
}

const STATISTICS =
  /^(processed \d+ insns|verification time|stack depth|max_states|peak_states|insns processed|mark_precise|parent didn't|last_idx|regs=)/;
const INSTRUCTION = /^(\d+): \([0-9a-f]{2}\) /;
const STATE = /^(from \d+ to \d+|\d+): .*?(R\d|fp-|frame\d)/;
const SOURCE = /^; (.*?)(?: @ ([^@]+):(\d+))?$/;
/** A verdict such as `R1 type=scalar expected=fp` stands alone; these do not. */
const NEEDS_LINE_BEFORE = /^(arg#\d+ .*|\s.*|reference .*|The sequence of \d+ jumps is too complex.*|expected .*|.*:)$/;

/** Summarises a log; an empty one gives an empty text. */
export function summariseVerifierLog(log: string): VerifierSummary {
  const lines = log.split("\n").map((line) => line.trimEnd());
  const verdict = lastIndex(lines, lines.length - 1, isVerdict);
  if (verdict < 0) return { text: lines.findLast((line) => line !== "")?.trim() ?? "" };
  const instruction = lastIndex(lines, verdict, (line) => INSTRUCTION.test(line));
  const slot = INSTRUCTION.exec(lines[instruction] ?? "")?.[1];
  const source = lastIndex(lines, verdict, (line) => SOURCE.test(line));
  return {
    text: verdictAt(lines, verdict),
    ...(slot === undefined ? {} : { slot: Number(slot) }),
    ...(source < 0 ? {} : { source: sourceOf(lines[source]) }),
  };
}

function lastIndex(lines: readonly string[], from: number, wanted: (line: string) => boolean): number {
  for (let index = from; index >= 0; index--) if (wanted(lines[index])) return index;
  return -1;
}

function isVerdict(line: string): boolean {
  return (
    line !== "" && !STATISTICS.test(line) && !INSTRUCTION.test(line) && !STATE.test(line) && !line.startsWith("; ")
  );
}

function verdictAt(lines: readonly string[], index: number): string {
  const line = lines[index];
  const before = lines[index - 1];
  if (before === undefined || !NEEDS_LINE_BEFORE.test(line) || !isVerdict(before)) return line.trim();
  return `${before.trim()} ${line.trim()}`;
}

function sourceOf(line: string): VerifierSummary["source"] {
  const [, text = "", file, number] = SOURCE.exec(line) ?? [];
  return file === undefined ? { text } : { text, file, line: Number(number) };
}
