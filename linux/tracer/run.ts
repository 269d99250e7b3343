import { writeFileSync, writeSync } from "node:fs";
import { type CompiledScript, compileScript, type RunMode, renderDiagnostics, singleSource } from "@beetrace/compiler";
import { raiseOpenFilesLimit } from "@beetrace/ebpf";
import { invariant } from "@beetrace/std";
import type { AttachOptions } from "./attach.ts";
import { Child } from "./child.ts";
import { type ClockReading, readClocks } from "./clocks.ts";
import { EXIT_SETUP, EXIT_USAGE, explain } from "./explain.ts";
import { readImport } from "./import-files.ts";
import { JsonPrinter } from "./json-printer.ts";
import type { WarningLevel } from "./runtime-sites.ts";
import { Session } from "./session.ts";
import { type BufferMode, OutputSink } from "./sink.ts";
import type { ScriptSource } from "./source-place.ts";
import { StopSwitch, watchSignals } from "./stop.ts";
import { CapturePrinter, SwitchedPrinter } from "./switched-printer.ts";
import { type LiveTarget, liveTarget, type SwitchableFeature } from "./target.ts";
import { TextPrinter } from "./text-printer.ts";
import { findTraced, type TracedProcess } from "./traced-process.ts";
import { runTrials, type TrialIo } from "./trials.ts";
import { showsUserAddresses } from "./user-addresses.ts";

/** One run of a script, as the command line asks for it. */
export interface RunOptions {
  readonly source: string;
  /** What stands before lines in messages: the file, or `stdin` for `-e`. */
  readonly sourceName: string;
  readonly params?: readonly string[];
  /** Named parameters: `--name` or `--name=value`. */
  readonly namedParams?: readonly string[];
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly format?: "text" | "json";
  /** Where results go; default 1, stdout. */
  readonly outFd?: number;
  /** Where messages go; default 2, stderr. */
  readonly errFd?: number;
  readonly bufferMode?: BufferMode;
  /** No "Attached N probes". */
  readonly quiet?: boolean;
  /** The verifier's whole log when it refuses a program. */
  readonly verbose?: boolean;
  /** Coloured messages. */
  readonly color?: boolean;
  readonly warnings?: WarningLevel;
  readonly unsafe?: boolean;
  /** Only this process (`-p`). */
  readonly pid?: number;
  /** A command to run and to trace (`-c`). */
  readonly command?: string;
  /** Tests or benchmarks in place of a run. */
  readonly mode?: RunMode;
  /** Everything up to attaching. */
  readonly dryRun?: boolean;
  readonly probeFilter?: RegExp;
  readonly withoutFeatures?: ReadonlySet<SwitchableFeature>;
  readonly traceableFunctions?: string;
  /** Goes on until it is stopped, although nothing can happen any more. */
  readonly keepRunning?: boolean;
  /** The process' name as probes see it in `comm`. */
  readonly processName?: string;
  /** Sees the script once it is compiled: for `-d`. */
  readonly onCompiled?: (compiled: CompiledScript) => void;
}

const TICK_MS = 100;
const NOTIFY_ATTACHED = "__BPFTRACE_NOTIFY_PROBES_ATTACHED";
/** From so many attachments on, the usual limit of open files may be too low. */
const MANY_ATTACHMENTS = 256;

/**
 * Compiles a script for this machine and runs it until it is stopped. Gives the exit code; errors of the script and
 * of the machine are told on stderr.
 */
export async function run(options: RunOptions): Promise<number> {
  const stop = new StopSwitch();
  const io = openStreams(options, stop);
  try {
    return await runScript(options, stop, io);
  } catch (error) {
    const explained = explain(error, io.source, options.verbose ?? false);
    if (explained === undefined) throw error;
    io.out.flush();
    io.err.writeUnicode(explained.text);
    return explained.exitCode;
  } finally {
    io.out.flush();
  }
}

/** The whole life of a run. */
async function runScript(options: RunOptions, stop: StopSwitch, io: Streams): Promise<number> {
  let child: Child | undefined;
  let session: Session | undefined;
  const signals = watchSignals(
    () => stop.stop("signal"),
    stop.guard(() => session?.runByHand("self")),
  );
  try {
    if (options.processName !== undefined) writeFileSync("/proc/self/comm", options.processName);
    if (options.command !== undefined) child = await Child.start(options.command);
    using target = liveTarget({ ...options, child });
    const traced = findTraced(options.pid, child);
    const compiled = compile(options, target, traced?.pid, child?.pid, io);
    if (compiled === undefined) return EXIT_USAGE;
    session = load(compiled, options, target, stop, io);

    if (isTrial(options)) return runTrials(session, trialIo(session, options, io));

    if (showsUserAddresses(compiled)) session.resolver.watchProcesses(traced?.pid, stop.fail);
    session.runByHand("begin");
    const probes = session.attach(attachOptions(session, target, traced));
    if (probes === 0) return refuse(io, EXIT_SETUP, "Attachment failed for all probes.");
    if (options.dryRun) return 0;
    child?.resume();
    announce(session, probes, options, io);

    session.listen(stop.fail);
    session.runIterator();
    const waits = session.isLive || session.hasSignalProbes || child !== undefined || options.keepRunning;
    if (waits) await untilStopped(session, traced, stop);

    await session.detach();
    session.drain();
    session.end();
    session.sites.finish();
    session.printer.endOfRun();
    if (compiled.config.print_maps_on_exit) session.maps.printAll();
    return session.exitCode;
  } finally {
    await session?.detach();
    session?.[Symbol.dispose]();
    child?.[Symbol.dispose]();
    signals[Symbol.dispose]();
  }
}

/** Where a run writes. */
interface Streams {
  readonly out: OutputSink;
  readonly err: OutputSink;
  /** The script, and what it imports once that is read. */
  source: ScriptSource;
}

/** A reader of the output that goes away ends the run. */
function openStreams({ source, sourceName, color = false, ...options }: RunOptions, stop: StopSwitch): Streams {
  const { outFd = 1, errFd = 2, bufferMode = "line" } = options;
  const err = new OutputSink({ fd: errFd, mode: "none" });
  const out = new OutputSink({
    fd: outFd,
    mode: bufferMode,
    onFailure: (error) => {
      if (error.code !== "EPIPE") err.writeUnicode(`ERROR: ${error.message}\n`);
      stop.stop("output-closed");
    },
  });
  return { out, err, source: { sources: singleSource(sourceName, source), color } };
}

function refuse(io: Streams, exitCode: number, message: string): number {
  io.err.writeUnicode(`ERROR: ${message}\n`);
  return exitCode;
}

/** The script for this machine; `undefined` when there are errors, which are then told already. */
function compile(
  options: RunOptions,
  target: LiveTarget,
  pid: number | undefined,
  childPid: number | undefined,
  io: Streams,
): CompiledScript | undefined {
  const { out, err } = io;
  const { compiled, diagnostics, sources } = compileScript(options.source, target, {
    ...options,
    pid,
    childPid,
    countFailedReads: options.warnings === 2,
    readImport,
  });
  io.source = { ...io.source, sources };
  const shown =
    options.warnings === 0 ? diagnostics.all.filter(({ severity }) => severity === "error") : diagnostics.all;
  err.writeUnicode(renderDiagnostics(shown, sources, io.source));
  if (compiled === undefined) return undefined;
  options.onCompiled?.(compiled);
  if (compiled.programs.length > 0) return compiled;
  out.write("No probes to attach\n");
  return undefined;
}

function load(
  compiled: CompiledScript,
  options: RunOptions,
  target: LiveTarget,
  stop: StopSwitch,
  { out, err, source }: Streams,
): Session {
  let clocks: ClockReading | undefined;
  const Printer = options.format === "json" ? JsonPrinter : TextPrinter;
  return Session.load(compiled, {
    warnings: options.warnings ?? 1,
    showsLog: options.verbose ?? false,
    clocks: () => {
      clocks ??= readClocks(target.features.helper("ktime_get_tai_ns"));
      return clocks;
    },
    printer: (resolver) => {
      const printer = new Printer(out, err, source, resolver);
      return isTrial(options) ? new SwitchedPrinter(printer) : printer;
    },
    onExit: () => stop.stop("exit"),
    onBatch: () => out.endBatch(),
    flush: () => out.flush(),
  });
}

function isTrial({ mode = "run" }: RunOptions): boolean {
  return mode !== "run";
}

function trialIo(
  { printer, resolver }: Session,
  { mode, format, environment }: RunOptions,
  { out, err, source }: Streams,
): TrialIo {
  invariant(printer instanceof SwitchedPrinter, "trials have a printer that can be switched");
  notifyAttached(environment);
  return {
    kind: mode === "bench" ? "bench" : "test",
    format: format ?? "text",
    out,
    err,
    color: source.color,
    printer,
    capture: () => new CapturePrinter(source, resolver),
  };
}

function attachOptions(
  { compiled, printer }: Session,
  { catalog }: LiveTarget,
  traced: TracedProcess | undefined,
): AttachOptions {
  const attachments = compiled.programs.reduce((sum, program) => sum + program.attachments.length, 0);
  if (attachments >= MANY_ATTACHMENTS) raiseOpenFilesLimit();
  const { missing_probes: missingProbes } = compiled.config;
  return {
    pid: traced?.pid,
    kernelAddress: (name, module) => catalog.symbols.addressOf(name, module),
    missingProbes,
    onMissing: (error) => {
      if (missingProbes === "warn") printer.warning(error.message);
    },
  };
}

function announce({ printer }: Session, probes: number, options: RunOptions, { out }: Streams): void {
  if (!options.quiet) printer.attached(probes);
  out.flush();
  notifyAttached(options.environment);
}

/** For programs that wait until tracing has begun. */
function notifyAttached(environment: RunOptions["environment"]): void {
  if (environment?.[NOTIFY_ATTACHED] !== undefined) writeSync(1, `${NOTIFY_ATTACHED}\n`);
}

/** Until there is a reason to stop. */
async function untilStopped(session: Session, traced: TracedProcess | undefined, stop: StopSwitch): Promise<void> {
  const onEnd = () => stop.stop("target-ended");
  traced?.ended?.then(onEnd);
  const tick = stop.guard(() => {
    session.sites.check();
    session.resolver.tick();
    session.endBatch();
    if (traced?.isAlive() === false) onEnd();
  });
  const ticks = setInterval(tick, TICK_MS);
  try {
    await stop.stopped;
  } finally {
    clearInterval(ticks);
  }
}
