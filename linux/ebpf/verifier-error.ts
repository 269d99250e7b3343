import { isWide, type LineInfo, type ProgramSpec } from "@beetrace/bytecode";
import { SyscallError } from "./sys/error.ts";
import { summariseVerifierLog } from "./verifier-log.ts";

/** A program that the verifier refused. */
export class VerifierError extends SyscallError {
  override readonly name = "VerifierError";
  readonly program: string;
  /** The whole log of the verifier. */
  readonly log: string;
  /** The sentence of the log that matters. */
  readonly summary: string;
  /** Index of the refused instruction in the spec's `instructions`. */
  readonly insnIndex: number | undefined;
  /** The source line it was compiled from, counted from 1. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** Name of the file that `line` is in. */
  readonly file: string | undefined;

  constructor(spec: ProgramSpec, errno: number, log: string) {
    const { text, slot, source } = summariseVerifierLog(log);
    const insnIndex = slot === undefined ? undefined : indexOfSlot(spec, slot);
    const from = insnIndex === undefined ? undefined : lineOf(spec.lines, insnIndex);
    const line = from?.line ?? source?.line;
    const place = line === undefined ? "" : ` at ${spec.source?.name ?? source?.file ?? "line"}:${line}`;
    super("bpf", "BPF_PROG_LOAD", errno, `program ${spec.name}${place}: ${text}`);
    this.program = spec.name;
    this.log = log;
    this.summary = text;
    this.insnIndex = insnIndex;
    this.line = line;
    this.column = from?.column;
    this.file = spec.source?.name;
  }
}

/** The verifier's log was asked for, and there was not room for all of it: then the kernel loads nothing. */
export class LogTooSmallError extends SyscallError {
  override readonly name = "LogTooSmallError";
  readonly program: string;
  readonly logSizeBytes: number;

  constructor(program: string, errno: number, logSizeBytes: number) {
    super("bpf", "BPF_PROG_LOAD", errno, `program ${program}: the verifier's log has more than ${logSizeBytes} bytes`);
    this.program = program;
    this.logSizeBytes = logSizeBytes;
  }
}

function indexOfSlot(spec: ProgramSpec, slot: number): number | undefined {
  let at = 0;
  for (let index = 0; index < spec.instructions.length; index++) {
    if (slot <= at) return index;
    at += isWide(spec.instructions[index]) ? 2 : 1;
  }
  return undefined;
}

function lineOf(lines: readonly LineInfo[], index: number): LineInfo | undefined {
  return lines.findLast((line) => line.index <= index);
}
