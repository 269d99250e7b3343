import { writeFileSync, writeSync } from "node:fs";
import { type CompiledScript, compileScript, renderDiagnostics } from "@beetrace/compiler";
import { type Link, raiseOpenFilesLimit } from "@beetrace/ebpf";
import type { AttachOptions } from "./attach.ts";
import { Child, CommandError } from "./child.ts";
import { readClocks } from "./clocks.ts";
import { EXIT_SETUP, EXIT_USAGE, explain } from "./explain.ts";
import { JsonPrinter } from "./json-printer.ts";
import type { Printer } from "./printer.ts";
import { isAlive, processState } from "./process-state.ts";
import type { LiveResolver } from "./resolver.ts";
import type { WarningLevel } from "./runtime-sites.ts";
import { Session } from "./session.ts";
import { type BufferMode, OutputSink } from "./sink.ts";
import type { ScriptSource } from "./source-place.ts";
import { StopSwitch, watchSignals } from "./stop.ts";
import { type LiveTarget, liveTarget, type SwitchableFeature } from "./target.ts";
import { TextPrinter } from "./text-printer.ts";
import { showsUserAddresses } from "./user-addresses.ts";

/** One run of a script, as the command line asks for it. */
export interface RunOptions {
  readonly source: string;
  /** What stands before lines in messages: the file, or `stdin` for `-e`. */
  readonly sourceName: string;
  readonly params?: readonly string[];
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly format?: "text" | "json";
  /** Where results go; default 1, stdout. Messages go to stderr. */
  readonly outFd?: number;
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
  /** Everything up to attaching. */
  readonly dryRun?: boolean;
  readonly probeFilter?: RegExp;
  readonly withoutFeatures?: ReadonlySet<SwitchableFeature>;
  /** Goes on until it is stopped, although nothing can happen any more. */
  readonly keepRunning?: boolean;
  /** The process' name as probes see it in `comm`. */
  readonly processName?: string;
  /** Sees the script once it is compiled: for `-d`. */
  readonly onCompiled?: (compiled: CompiledScript) => void;
}

const TICK_MS = 100;
const NOTIFY_ATTACHED = "__BPFTRACE_NOTIFY_PROBES_ATTACHED";

/**
 * Compiles a script for this machine and runs it until it is stopped. Gives the exit code; errors of the script and
 * of the machine are told on stderr.
 */
export async function run(options: RunOptions): Promise<number> {
  const stop = new StopSwitch();
  const io = openStreams(options, stop);
  const signals = watchSignals(
    () => stop.stop("signal"),
    () => io.onUserSignal(),
  );
  try {
    return await runScript(options, stop, io);
  } catch (error) {
    const explained = explain(error, io.source, options.verbose ?? false);
    if (explained === undefined) throw error;
    io.err.writeUnicode(explained.text);
    return explained.exitCode;
  } finally {
    io.out.flush();
    signals[Symbol.dispose]();
  }
}

/** The whole life of a run. */
async function runScript(options: RunOptions, stop: StopSwitch, io: Streams): Promise<number> {
  if (options.processName !== undefined) writeFileSync("/proc/self/comm", options.processName);
  const child = options.command === undefined ? undefined : await Child.start(options.command);
  const target = liveTarget(options);
  let session: Session | undefined;
  try {
    const traced = watchTraced(options, child);
    const compiled = compile(options, target, traced.pid, child?.pid, io);
    if (compiled === undefined) return EXIT_USAGE;
    session = load(compiled, options, target, stop, io);

    session.runByHand("begin");
    const probes = session.attach(attachOptions(compiled, target, traced.pid, session.printer));
    if (probes === 0) throw new CommandErrorlessAttachment();
    if (options.dryRun) return 0;
    child?.resume();
    announce(session.printer, probes, options, io);

    session.listen();
    session.runIterators();
    io.onUserSignal = () => session?.runByHand("self");
    if (!session.isLive && !session.hasSignalProbes && !options.keepRunning) stop.stop("idle");
    const ticks = setInterval(() => tick(session, traced, stop), TICK_MS);
    await stop.stopped;
    clearInterval(ticks);

    await session.detach();
    session.end();
    session.sites.finish();
    session.printer.endOfRun();
    if (compiled.config.print_maps_on_exit) session.maps.printAll();
    return session.exitCode;
  } finally {
    await session?.detach();
    session?.[Symbol.dispose]();
    target[Symbol.dispose]();
    child?.[Symbol.dispose]();
  }
}
