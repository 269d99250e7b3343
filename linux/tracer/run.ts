import { writeFileSync, writeSync } from "node:fs";
import type { CompiledScript, CompileOptions } from "@beetrace/compiler";
import { raiseOpenFilesLimit, VerifierError } from "@beetrace/ebpf";
import { invariant } from "@beetrace/std";
import type { AttachOptions } from "./attach.ts";
import { Child } from "./child.ts";
import { type ClockReading, readClocks } from "./clocks.ts";
import { EXIT_SETUP, EXIT_USAGE, explain } from "./explain.ts";
import { JsonPrinter } from "./json-printer.ts";
import { Overhead } from "./overhead.ts";
import type { RunOptions } from "./run-options.ts";
import { Session, type SessionOptions } from "./session.ts";
import { OutputSink } from "./sink.ts";
import { StackPictures, wantsPictures } from "./stack-pictures.ts";
import { StopSwitch, watchSignals } from "./stop.ts";
import { openStreams, type Streams, scriptTitle } from "./streams.ts";
import { CapturePrinter, SwitchedPrinter } from "./switched-printer.ts";
import { type LiveTarget, liveTarget } from "./target.ts";
import { TextPrinter } from "./text-printer.ts";
import { findTraced, type TracedProcess } from "./traced-process.ts";
import { runTrials, type TrialIo } from "./trials.ts";
import { Unwinder, type UnwindTargets } from "./unwind/unwinder.ts";
import { showsUserAddresses } from "./user-addresses.ts";

const TICK_MS = 100;
const NOTIFY_ATTACHED = "__BPFTRACE_NOTIFY_PROBES_ATTACHED";
/** From so many attachments on, the usual limit of open files may be too low. */
const MANY_ATTACHMENTS = 256;

/** Gets the script for this machine; `undefined` where there is none to run, the reason for which is told by then. */
export type Obtain = (target: LiveTarget, traced: TracedPids, streams: Streams) => CompiledScript | undefined;

/** Processes that the script is for, and what the compiler is told besides. */
export interface TracedPids extends Pick<CompileOptions, "kernelReads"> {
  /** The only process that probes fire for. */
  readonly pid?: number;
  /** The one that `-c` started. */
  readonly childPid?: number;
}

/**
 * Runs the script that `obtain` gives until it is stopped. Gives the exit code; errors of the script and of the machine
 * are told on stderr.
 */
export async function runWith(options: RunOptions, obtain: Obtain): Promise<number> {
  const stop = new StopSwitch();
  const io = openStreams(options, stop);
  try {
    return await runScript(options, obtain, stop, io);
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

/**
 * The whole life of a run. Throws `ScriptError` for mistakes in the script, and what the kernel and the machine refuse as
 * the error of who asked for it.
 */
export async function runScript(options: RunOptions, obtain: Obtain, stop: StopSwitch, io: Streams): Promise<number> {
  let child: Child | undefined;
  let session: Session | undefined;
  const onUser = stop.guard(() => session?.runByHand("self"));
  const signals = options.inProcess ? undefined : watchSignals(() => stop.stop("signal"), onUser);
  try {
    if (options.processName !== undefined) writeFileSync("/proc/self/comm", options.processName);
    if (options.command !== undefined) child = await Child.start(options.command);
    using target = liveTarget({ ...options, child });
    const traced = findTraced(options.pid, child);
    const pids = { pid: traced?.pid, childPid: child?.pid };
    const compiled = obtain(target, pids, io);
    if (compiled === undefined) return EXIT_USAGE;
    const pictures = picturesOf(compiled, options, io);
    using unwinder = Unwinder.of(compiled, unwindTargets(options, child));
    const loaded = (script: CompiledScript) => load(script, options, target, stop, io, pictures, unwinder?.mapEntries);
    session = loadAnyhow(compiled, loaded, () => obtain(target, { ...pids, kernelReads: "helper" }, muted(io)));
    if (unwinder !== undefined) session.unwindBy(unwinder, stop.fail);

    if (isTrial(options)) return runTrials(session, trialIo(session, options, io));

    if (showsUserAddresses(compiled)) session.resolver.watchProcesses(traced?.pid, stop.fail);
    using overhead = Overhead.of(session, options);
    session.runByHand("begin");
    const probes = session.attach(attachOptions(session, target, traced));
    if (probes === 0) return refuse(io, EXIT_SETUP, "Attachment failed for all probes.");
    if (options.dryRun) return 0;
    child?.resume();
    announce(session, probes, options, io);

    session.listen(stop.fail);
    session.runIterator();
    const waits = session.isLive || session.hasSignalProbes || child !== undefined || options.keepRunning;
    if (waits) await untilStopped(session, traced, overhead, options, stop, io);

    await session.detach();
    await session.drainUntil(() => stop.isSignalled);
    session.end();
    session.sites.finish();
    if (!pictures?.areOutput) session.printer.endOfRun();
    if (compiled.config.print_maps_on_exit) session.maps.printAll();
    options.presentation?.onEnd();
    pictures?.draw();
    if (!options.quiet) io.err.writeUnicode(pictures?.summary() ?? "");
    io.out.flush();
    io.err.writeUnicode(overhead?.report() ?? "");
    return session.exitCode;
  } finally {
    await session?.detach();
    session?.[Symbol.dispose]();
    child?.[Symbol.dispose]();
    signals?.[Symbol.dispose]();
  }
}

/** What the verifier says of pointers whose type it knows (kernel/bpf/verifier.c). */
const POINTER_REFUSED = /pointer|ptr_|access/i;

/** What the verifier refuses of a program that reads the kernel's memory by itself it may allow one that asks a helper. */
function loadAnyhow(
  compiled: CompiledScript,
  load: (script: CompiledScript) => Session,
  again: () => CompiledScript | undefined,
): Session {
  try {
    return load(compiled);
  } catch (error) {
    const byHelper = error instanceof VerifierError && POINTER_REFUSED.test(error.summary) ? again() : undefined;
    if (byHelper === undefined) throw error;
    return load(byHelper);
  }
}

/** For what has been said already. */
function muted(io: Streams): Streams {
  return { ...io, err: new OutputSink({ fd: -1, mode: "none", write: (_fd, bytes) => bytes.length }) };
}

function refuse(io: Streams, exitCode: number, message: string): number {
  io.err.writeUnicode(`ERROR: ${message}\n`);
  return exitCode;
}

/** The pictures that are asked for. */
function picturesOf({ maps }: CompiledScript, options: RunOptions, { out }: Streams): StackPictures | undefined {
  if (!wantsPictures(options.pictures)) return undefined;
  const layouts = maps.map(({ layout }) => layout);
  const accumulate = options.everyMs !== undefined;
  return new StackPictures({ ...options.pictures, layouts, title: scriptTitle(options), accumulate, out });
}

/** The processes whose stacks a script may ask for. */
function unwindTargets({ pid, unwindPid, environment }: RunOptions, child: Child | undefined): UnwindTargets {
  const pids = [...new Set([pid, unwindPid])].filter((each) => each !== undefined);
  return { pids, child, libraryPath: environment?.LD_LIBRARY_PATH };
}

function load(
  compiled: CompiledScript,
  options: RunOptions,
  target: LiveTarget,
  stop: StopSwitch,
  { out, err, source, display }: Streams,
  pictures: StackPictures | undefined,
  mapEntries: SessionOptions["mapEntries"],
): Session {
  let clocks: ClockReading | undefined;
  const Printer = options.format === "json" ? JsonPrinter : TextPrinter;
  return Session.load(compiled, {
    warnings: options.warnings ?? 1,
    showsLog: options.verbose ?? false,
    debugDirectories: options.debugDirectories,
    mapEntries,
    clocks: () => {
      clocks ??= readClocks(target.features.helper("ktime_get_tai_ns"));
      return clocks;
    },
    printer: (resolver) => {
      const exit = () => stop.stop("exit");
      const own = options.presentation?.printer(out, err, resolver, exit);
      const printer = own ?? new Printer(out, err, source, resolver);
      return isTrial(options) ? new SwitchedPrinter(printer) : printer;
    },
    mapPrinter: (printer, resolver) => {
      const shown = display?.over(printer) ?? printer;
      return pictures?.over(shown, resolver) ?? shown;
    },
    onExit: () => stop.stop("exit"),
    onBatch: () => {
      pictures?.draw();
      out.endBatch();
    },
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
      if (missingProbes === "warn") printer.warning(`${error.message}. Skipping.`);
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
async function untilStopped(
  session: Session,
  traced: TracedProcess | undefined,
  overhead: Overhead | undefined,
  { everyMs, durationMs, presentation }: RunOptions,
  stop: StopSwitch,
  { display }: Streams,
): Promise<void> {
  const onEnd = () => stop.stop("target-ended");
  traced?.ended?.then(onEnd);
  const tick = stop.guard(() => {
    session.sites.check();
    session.resolver.tick();
    session.endBatch();
    if (overhead?.check() === false) stop.stop("overhead");
    if (traced?.isAlive() === false) onEnd();
  });
  const timers = [setInterval(tick, TICK_MS)];
  if (everyMs !== undefined) {
    timers.push(
      setInterval(
        stop.guard(() => {
          if (presentation === undefined) return session.printInterval();
          session.takeMaps(presentation.maps, presentation.reads);
          if (!presentation.onInterval()) stop.stop("duration");
          display?.redraw();
        }),
        everyMs,
      ),
    );
  }
  if (durationMs !== undefined) timers.push(setTimeout(() => stop.stop("duration"), durationMs));
  display?.start(session, (callback) => stop.guard(callback));
  try {
    await stop.stopped;
  } finally {
    display?.[Symbol.dispose]();
    timers.forEach(clearInterval);
  }
}
