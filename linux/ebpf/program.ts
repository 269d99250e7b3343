import {
  ATTACH_TYPES,
  encodeInstructions,
  PROGRAM_TYPES,
  type ProgramSpec,
  type ProgramType,
  programBtf,
} from "@beetrace/bytecode";
import { ByteReader } from "@beetrace/std";
import { attachTarget } from "./attach-target.ts";
import { Handle } from "./handle.ts";
import { loadKernelBtf } from "./kernel-btf.ts";
import type { BpfMap } from "./map.ts";
import { type KernelTypes, relocate } from "./relocate.ts";
import { E2BIG, EAGAIN, EINVAL, ENOSPC, SyscallError } from "./sys/error.ts";
import { kernel } from "./sys/kernel.ts";
import type { ProgLoadOptions, ProgLoadResult, Sys, TestRunOptions, TestRunResult } from "./sys/sys.ts";
import { LogTooSmallError, VerifierError } from "./verifier-error.ts";

const BPF_F_SLEEPABLE = 1 << 4;
const LOG_LEVEL = 1;
const LOG_BYTES_LEAST = 128; // before Linux 6.4 the kernel takes no smaller one
const LOG_BYTES_FIRST = 1 << 16;
const LOG_BYTES_MAX = 16 << 20; // more than a reader could use; the kernel allows 1 GB
const INFO_BYTES = 232; // struct bpf_prog_info of Linux 6.1

/** Options of {@link BpfProgram.load}. */
export interface ProgramOptions {
  /** The maps that the program names. */
  readonly maps?: ReadonlyMap<string, BpfMap>;
  /** Type ids of the running kernel, if the caller has them at hand. */
  readonly kernelTypes?: KernelTypes;
  /** Loads with the verifier's log, of at most so many bytes, instead of asking for it once a program is refused. */
  readonly logSizeBytes?: number;
  readonly sys?: Sys;
}

/** What the kernel knows of a loaded program. */
export interface ProgramInfo {
  readonly id: number;
  readonly name: string;
  /** Sizes in bytes of the verified and of the machine code; the latter 0 without JIT. */
  readonly xlatedSizeBytes: number;
  readonly jitedSizeBytes: number;
  /** Only counted while statistics are on, see `enableRunTimeStats`. */
  readonly runTimeNs: number;
  readonly runCount: number;
  /** Runs that did not take place because the program was running already on that CPU. Requires Linux 5.12. */
  readonly recursionMisses: number;
  /** Instructions that the verifier looked at. Requires Linux 5.16. */
  readonly verifiedInsns: number;
}

/** A program in the kernel. */
export class BpfProgram implements Disposable {
  readonly name: string;
  readonly type: ProgramType;
  readonly sys: Sys;
  readonly #handle: Handle;

  private constructor(sys: Sys, spec: ProgramSpec, fd: number) {
    this.sys = sys;
    this.name = spec.name;
    this.type = spec.type;
    this.#handle = new Handle(sys, "program", spec.name, fd);
  }

  /**
   * Verifies and loads the program. Throws {@link VerifierError} when the verifier refuses it, `LogTooSmallError` when
   * its log has more than `logSizeBytes`, `UnsupportedError` when
   * the kernel has not what it refers to, otherwise `SyscallError`.
   */
  static load(spec: ProgramSpec, options: ProgramOptions = {}): BpfProgram {
    const { sys = kernel, maps = new Map() } = options;
    const kernelTypes = () => options.kernelTypes ?? loadKernelBtf();
    const instructions = relocate(spec, { maps, kernelTypes });
    const target = attachTarget(sys, spec, kernelTypes);
    let types: ProgLoadOptions["types"];
    try {
      types = loadTypes(sys, spec);
      const request: ProgLoadOptions = {
        name: spec.name,
        type: PROGRAM_TYPES[spec.type],
        expectedAttachType: spec.expectedAttachType === undefined ? 0 : ATTACH_TYPES[spec.expectedAttachType],
        license: spec.license,
        code: encodeInstructions(instructions),
        flags: spec.sleepable ? BPF_F_SLEEPABLE : 0,
        attachBtfId: target.btfId,
        attachObjectFd: target.objectFd,
        types,
      };
      return new BpfProgram(sys, spec, loadOrExplain(sys, spec, request, options.logSizeBytes));
    } finally {
      if (types !== undefined) sys.close(types.btfFd);
      if (target.objectFd !== 0) sys.close(target.objectFd);
    }
  }

  get fd(): number {
    return this.#handle.fd;
  }

  /**
   * Runs the program once (or `repeat` times) by hand. Raw tracepoint programs take their arguments as `ctx`, 8 bytes
   * each (Linux 5.10); XDP programs take a packet as `data`; other tracing programs cannot be run so.
   */
  testRun(options: TestRunOptions = {}): TestRunResult {
    return this.sys.progTestRun(this.fd, options);
  }

  /** The kernel's description of the program, with its counters. */
  info(): ProgramInfo {
    const bytes = new Uint8Array(INFO_BYTES);
    bytes.set(this.sys.objGetInfoByFd(this.fd, INFO_BYTES)); // an older kernel fills in less
    const at = (offset: number) => new ByteReader(bytes, true, offset);
    return {
      id: at(4).u32(),
      name: this.name,
      jitedSizeBytes: at(16).u32(),
      xlatedSizeBytes: at(20).u32(),
      runTimeNs: Number(at(192).u64()),
      runCount: Number(at(200).u64()),
      recursionMisses: Number(at(208).u64()),
      verifiedInsns: at(216).u32(),
    };
  }

  /** Keeps the program alive at a path of a BPF file system. */
  pin(path: string): void {
    this.sys.objPin(this.fd, path);
  }

  [Symbol.dispose](): void {
    this.#handle[Symbol.dispose]();
  }
}

/** Makes programs count their runs and time until it is disposed; costs each run some 20 ns. Requires Linux 5.8. */
export function enableRunTimeStats(sys: Sys = kernel): Disposable {
  return new Handle(sys, "stats", "run time statistics", sys.enableStats());
}

/** Names of functions and lines of source: needed for callbacks, and the verifier's log shows them. */
function loadTypes(sys: Sys, spec: ProgramSpec): ProgLoadOptions["types"] {
  if (spec.subprograms.length === 0) return undefined;
  const { btf, funcInfo, lineInfo } = programBtf(spec);
  try {
    return { btfFd: sys.btfLoad(btf), funcInfo, lineInfo };
  } catch (error) {
    // A kernel too old for it runs most programs all the same.
    if (error instanceof SyscallError && error.errno === EINVAL) return undefined;
    throw error;
  }
}

/** Asks for a log only once the load has failed, unless told to: writing it slows the verifier down several times. */
function loadOrExplain(sys: Sys, spec: ProgramSpec, request: ProgLoadOptions, logSizeBytes?: number): number {
  if (logSizeBytes !== undefined) return loadWithLog(sys, spec, request, logSizeBytes);
  let result = sys.progLoad(request);
  const { errno } = result;
  let log = "";
  for (let sizeBytes = LOG_BYTES_FIRST; !("fd" in result) && sizeBytes <= LOG_BYTES_MAX; ) {
    const buffer = sys.allocate(sizeBytes);
    result = sys.progLoad({ ...request, log: { level: LOG_LEVEL, buffer } });
    log = textOf(buffer.bytes);
    if ("fd" in result || result.errno !== ENOSPC) break;
    sizeBytes = nextLogSize(sizeBytes, result);
  }
  if ("fd" in result) return result.fd;
  if (log !== "") throw failure(spec, errno, log);
  const what = errno === E2BIG ? `program ${spec.name} of ${request.code.length / 8} slots` : `program ${spec.name}`;
  throw new SyscallError("bpf", "BPF_PROG_LOAD", errno, what);
}

function loadWithLog(sys: Sys, spec: ProgramSpec, request: ProgLoadOptions, sizeBytes: number): number {
  const buffer = sys.allocate(Math.max(sizeBytes, LOG_BYTES_LEAST));
  const result = sys.progLoad({ ...request, log: { level: LOG_LEVEL, buffer } });
  if ("fd" in result) return result.fd;
  if (result.errno === ENOSPC) throw new LogTooSmallError(spec.name, result.errno, sizeBytes);
  throw failure(spec, result.errno, textOf(buffer.bytes));
}

/** With EAGAIN, the log is of a verifier that was interrupted, not of one that refuses. */
function failure(spec: ProgramSpec, errno: number, log: string): SyscallError {
  if (errno === EAGAIN) return new SyscallError("bpf", "BPF_PROG_LOAD", errno, `program ${spec.name}`);
  return new VerifierError(spec, errno, log);
}

function nextLogSize(sizeBytes: number, result: ProgLoadResult): number {
  const needed = "logSizeBytes" in result ? result.logSizeBytes : 0;
  if (sizeBytes === LOG_BYTES_MAX) return LOG_BYTES_MAX + 1;
  return Math.min(LOG_BYTES_MAX, Math.max(needed, sizeBytes * 4));
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(bytes.buffer, bytes.byteOffset, end < 0 ? bytes.length : end).toString("utf8");
}
