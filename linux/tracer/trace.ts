/** Tracing from a program: what the command prints as JSON comes as objects. */
import { type CompiledScript, compileScript, singleSource } from "@beetrace/compiler";
import type { OutputRecord } from "@beetrace/output";
import { compiling } from "./compile-and-run.ts";
import { readImport } from "./import-files.ts";
import { runScript } from "./run.ts";
import type { RunOptions } from "./run-options.ts";
import { ScriptError } from "./script-error.ts";
import { OutputSink } from "./sink.ts";
import { StopSwitch } from "./stop.ts";
import { liveTarget } from "./target.ts";

/** How a script is traced; what is not named here is as on the command line without options. */
export interface TraceOptions
  extends Pick<
    RunOptions,
    | "params"
    | "namedParams"
    | "environment"
    | "unsafe"
    | "pid"
    | "command"
    | "probeFilter"
    | "warnings"
    | "durationMs"
    | "everyMs"
    | "maxOverhead"
  > {
  /** What messages call the script; default `stdin`. Imports count from its directory. */
  readonly name?: string;
  /** Ends the run, as Ctrl-C ends the command: `end` probes run, and the maps come. */
  readonly signal?: AbortSignal;
  /** Hears warnings of the compiler and of the run, as text. */
  readonly onMessage?: (text: string) => void;
}

/**
 * A script that is running. Iterating gives its records in the order in which they came; the maps come at the end. What
 * nobody takes is kept, so that nothing is lost: a program that stops reading should stop the run.
 */
export class Trace implements AsyncIterable<OutputRecord> {
  /** The exit code of the run, once it has ended. Rejects as iterating throws. */
  readonly exitCode: Promise<number>;
  readonly #stop = new StopSwitch();
  readonly #records: OutputRecord[] = [];
  #ended = false;
  #wake: () => void = () => {};

  /** Starts at once. */
  constructor(source: string, options: TraceOptions = {}) {
    const { signal } = options;
    signal?.addEventListener("abort", () => this.stop(), { once: true });
    if (signal?.aborted) this.stop();
    this.exitCode = this.#run(source, options).finally(() => {
      this.#ended = true;
      this.#wake();
    });
    this.exitCode.catch(() => {}); // whoever iterates or waits hears of it
  }

  /** Ends the run: probes are detached, `end` probes run, and what they print and the maps come as the last records. */
  stop(): void {
    this.#stop.stop("signal");
  }

  /** Throws {@link ScriptError} for mistakes in the script, `AttachError`, `VerifierError` or `SyscallError` for the machine's. */
  async *[Symbol.asyncIterator](): AsyncGenerator<OutputRecord, void, undefined> {
    try {
      for (;;) {
        yield* this.#records.splice(0);
        if (this.#ended && this.#records.length === 0) break;
        if (this.#records.length === 0) await this.#more();
      }
    } finally {
      this.stop();
    }
    await this.exitCode;
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #run(source: string, { name = "stdin", onMessage, ...options }: TraceOptions): Promise<number> {
    const io = {
      out: lineSink((line) => {
        this.#records.push(JSON.parse(line) as OutputRecord);
        this.#wake();
      }),
      err: lineSink((line) => onMessage?.(line)),
      source: { sources: singleSource(name, source), color: false },
    };
    const run: RunOptions = { ...options, source, sourceName: name, format: "json", inProcess: true };
    try {
      return await runScript(run, compiling(run), this.#stop, io);
    } finally {
      io.out.flush();
    }
  }
}

/** Runs a script: `for await (const record of trace("…")) …`. */
export function trace(source: string, options: TraceOptions = {}): Trace {
  return new Trace(source, options);
}

/** What {@link compile} is told beside the script. */
export type CompileForMachineOptions = Pick<TraceOptions, "name" | "params" | "namedParams" | "environment" | "unsafe">;

/** Compiles a script for this machine without loading it; needs no privileges. Throws {@link ScriptError}. */
export function compile(source: string, { name = "stdin", ...options }: CompileForMachineOptions = {}): CompiledScript {
  using target = liveTarget({ environment: options.environment });
  const { compiled, diagnostics, sources } = compileScript(source, target, {
    ...options,
    sourceName: name,
    readImport,
  });
  if (compiled === undefined) throw new ScriptError(diagnostics.all, sources);
  return compiled;
}

/** Hands on whole lines as they are written. */
function lineSink(onLine: (line: string) => void): OutputSink {
  let rest = "";
  const decoder = new TextDecoder();
  return new OutputSink({
    fd: -1,
    mode: "line",
    write(_fd, bytes) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line !== "") onLine(line);
      return bytes.length;
    },
  });
}
