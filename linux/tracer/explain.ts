import { CatalogError, renderDiagnostics, type SourceFile } from "@beetrace/compiler";
import { LogTooSmallError, PinnedMapError, SyscallError, UnsupportedError, VerifierError } from "@beetrace/ebpf";
import { errnoText } from "@beetrace/std";
import { AttachError } from "./attach-error.ts";
import { CommandError } from "./child.ts";
import { PacketFileError } from "./packet-files.ts";
import { ScriptError } from "./script-error.ts";
import { OutputError } from "./sink.ts";
import { renderOn, type ScriptSource } from "./source-place.ts";
import { PictureError } from "./stack-pictures.ts";
import { NoSuchProcessError } from "./traced-process.ts";

/** What the user is told of an error, and the exit code of the run. */
export interface Explanation {
  readonly text: string;
  readonly exitCode: number;
}

/** Wrong use, or a machine that lacks what was asked for. */
export const EXIT_USAGE = 1;
/** The kernel refused to load or attach. */
export const EXIT_SETUP = 255;

/** Explains an error of the world; `undefined` for anything else, which is a bug. */
export function explain(error: unknown, source: ScriptSource, verbose: boolean): Explanation | undefined {
  if (error instanceof ScriptError) return { text: mistakes(error, source), exitCode: EXIT_USAGE };
  if (error instanceof VerifierError) return { text: refusal(error, source, verbose), exitCode: EXIT_SETUP };
  if (error instanceof LogTooSmallError) return { text: trimmedLog(error), exitCode: EXIT_SETUP };
  if (error instanceof AttachError) return { text: lines(error.message, error.remedy), exitCode: EXIT_SETUP };
  if (error instanceof CatalogError) return { text: lines(error.message, error.hint), exitCode: EXIT_USAGE };
  if (
    error instanceof CommandError ||
    error instanceof NoSuchProcessError ||
    error instanceof OutputError ||
    error instanceof PacketFileError ||
    error instanceof PictureError ||
    error instanceof PinnedMapError
  ) {
    return { text: lines(error.message), exitCode: EXIT_USAGE };
  }
  if (error instanceof SyscallError || error instanceof UnsupportedError) {
    return { text: lines(error.message), exitCode: EXIT_SETUP };
  }
  return undefined;
}

function lines(message: string, hint?: string): string {
  return `ERROR: ${message}\n${hint === undefined ? "" : `HINT: ${hint}\n`}`;
}

function mistakes({ diagnostics, sources }: ScriptError, { color }: ScriptSource): string {
  return renderDiagnostics(diagnostics, sources, { color });
}

function trimmedLog({ program, errno, logSizeBytes }: LogTooSmallError): string {
  return [
    `ERROR: Error loading BPF program for ${program}. Error code: -${errno} (${errnoText(errno)}).`,
    `WARNING: Kernel log seems to be trimmed: it has more than ${logSizeBytes} bytes.`,
    "HINT: BPFTRACE_LOG_SIZE=N, or config = { log_size = N }, makes room for more\n",
  ].join("\n");
}

/** The verifier's verdict at the line of the script whose code it refused. */
function refusal(error: VerifierError, source: ScriptSource, verbose: boolean): string {
  const { line, column, summary, program, log } = error;
  const hints = REMEDIES.filter(([reason]) => reason.test(summary)).map(([, remedy]) => remedy);
  if (!verbose) hints.push("-v shows the whole log of the verifier");
  const message = notAllowed(summary, log) ?? `the kernel's verifier refuses ${program}: ${summary}`;
  const file = source.sources.find(({ name }) => name === error.file) ?? source.sources[0];
  const span = line === undefined ? undefined : wordAt(file, line, column ?? 1);
  const text = renderOn(source, { severity: "error", message, span, hints });
  return verbose ? `${text}${log}\n` : text;
}

/** What to do about what functions of the kernel give and want (kernel/bpf/verifier.c). */
const REMEDIES: readonly (readonly [reason: RegExp, remedy: string])[] = [
  [/or_null|Possibly NULL/i, "it may be 0: if ($pointer != 0) { … }"],
  [
    /is not modifiable/,
    "fmod_ret is for security_*, for what /sys/kernel/debug/error_injection/list has, and for a few functions more",
  ],
  [
    /reference leak|Unreleased reference/,
    "what a function of the kernel gave must be released, whichever way the program goes",
  ],
];

const CALL_FORBIDDEN = /helper call is not allowed in probe|program of this type cannot use helper|unknown func /;

/** Helpers are for certain programs, some for certain functions: the log names the one of the last call. */
function notAllowed(summary: string, log: string): string | undefined {
  if (!CALL_FORBIDDEN.test(summary)) return undefined;
  const helper = log.match(/\bbpf_\w+(?=#\d+)/g)?.at(-1);
  return helper && `helper ${helper} not allowed in probe`;
}

/** From that place to the end of its word or statement, or of the parenthesis that it is in. */
function wordAt({ text, base }: SourceFile, line: number, column: number): { start: number; end: number } {
  let start = 0;
  for (let at = 1; at < line; at++) start = text.indexOf("\n", start) + 1;
  start += column - 1;
  const statement = /^[^\n;{}]+/.exec(text.slice(start))?.[0] ?? "";
  const length = insideParentheses(statement).trimEnd().length;
  return { start: base + start, end: base + start + Math.max(1, length) };
}

function insideParentheses(text: string): string {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "(") depth++;
    else if (text[at] === ")" && --depth < 0) return text.slice(0, at);
  }
  return text;
}
