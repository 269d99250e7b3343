import { isatty } from "node:tty";
import { singleSource } from "@beetrace/compiler";
import type { Display } from "./display.ts";
import { LiveDisplay } from "./live-display.ts";
import type { RunOptions } from "./run-options.ts";
import { ScreenDisplay } from "./screen-display.ts";
import { OutputSink, type SinkOptions } from "./sink.ts";
import type { ScriptSource } from "./source-place.ts";
import type { StopSwitch } from "./stop.ts";

/** Where a run writes. */
export interface Streams {
  readonly out: OutputSink;
  readonly err: OutputSink;
  /** The script, and what it imports once that is read. */
  source: ScriptSource;
  /** Shows results in place while the script runs; takes what goes to its terminal meanwhile. */
  readonly display?: Display;
}

const STDOUT = 1;

/** A reader of the output that goes away ends the run. */
export function openStreams(options: RunOptions, stop: StopSwitch): Streams {
  const { source, sourceName, color = false, outFd = STDOUT, errFd = 2, bufferMode = "line", live } = options;
  const onFailure: SinkOptions["onFailure"] = (error) => {
    if (error.code !== "EPIPE") err.writeUnicode(`ERROR: ${error.message}\n`);
    stop.stop("output-closed");
  };
  const display = displayOf(
    options,
    () => out,
    () => stop.stop("signal"),
  );
  const through = (taken: boolean) => (display !== undefined && taken ? { write: display.write } : {});
  const onScreen = live?.isTerminal ?? options.presentation?.screen !== undefined;
  const err = new OutputSink({ fd: errFd, mode: "none", ...through(onScreen && isatty(errFd)) });
  const out = new OutputSink({ fd: outFd, mode: bufferMode, onFailure, ...through(onScreen && outFd === STDOUT) });
  return { out, err, source: { sources: singleSource(sourceName, source), color }, ...(display && { display }) };
}

function displayOf(options: RunOptions, out: () => OutputSink, onQuit: () => void): Display | undefined {
  const { live, presentation } = options;
  if (live !== undefined) return new LiveDisplay({ ...live, title: scriptTitle(options), out, onQuit });
  return presentation?.screen && new ScreenDisplay(presentation.screen, onQuit);
}

/** What stands above pictures: the file, or the text of a one-liner. */
export function scriptTitle({ source, sourceName }: RunOptions): string {
  return sourceName === "stdin" ? source.replace(/\s+/g, " ").trim() : sourceName;
}
