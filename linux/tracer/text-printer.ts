import type { SourcePlace } from "@beetrace/compiler";
import {
  attachedProbesText,
  decodeUtf8,
  END_OF_RUN,
  formatText,
  lostEventsText,
  type MapEntry,
  type MapLayout,
  type MapPrintOptions,
  printMapText,
  type Resolver,
  type TextRecordType,
  type Value,
  type ValueType,
} from "@beetrace/output";
import type { Printer, RuntimeFailure } from "./printer.ts";
import type { OutputSink } from "./sink.ts";
import { callsOn, locationOn, renderOn, type ScriptSource } from "./source-place.ts";

/** Output for people: results on `out`, messages on `err`. */
export class TextPrinter implements Printer {
  readonly #out: OutputSink;
  readonly #err: OutputSink;
  readonly #source: ScriptSource;
  readonly #resolver: Resolver;

  constructor(out: OutputSink, err: OutputSink, source: ScriptSource, resolver: Resolver) {
    this.#out = out;
    this.#err = err;
    this.#source = source;
    this.#resolver = resolver;
  }

  printf(text: string): void {
    this.#out.write(text);
  }

  text(kind: Exclude<TextRecordType, "printf">, text: string): void {
    this.#out.write(kind === "join" || kind === "syscall" ? `${text}\n` : text);
  }

  value(type: ValueType, value: Value): void {
    this.#out.write(`${formatText(type, value, this.#resolver)}\n`);
  }

  map(layout: MapLayout, entries: readonly MapEntry[], options: MapPrintOptions): void {
    this.#out.write(printMapText(layout, entries, options, this.#resolver));
  }

  message(kind: "errorf" | "warnf", text: string, at: SourcePlace): void {
    const severity = kind === "errorf" ? "error" : "warning";
    const end = text.endsWith("\n") ? "" : "\n";
    const said = `${severity.toUpperCase()}: ${decodeUtf8(text)}${end}`;
    this.#say(`${locationOn(this.#source, at)}: ${said}${callsOn(this.#source, severity, at)}`);
  }

  failure({ message, at, helper, times }: RuntimeFailure): void {
    const what = times > 1 ? `${message} (${times} times)` : message;
    const info = helper ? `\nAdditional Info - helper: ${helper.name}, retcode: ${helper.code}` : "";
    this.#say(renderOn(this.#source, { severity: "warning", message: what + info, span: at, hints: [] }));
  }

  error(text: string): void {
    this.#say(`ERROR: ${text}\n`);
  }

  warning(text: string): void {
    this.#say(`WARNING: ${text}\n`);
  }

  attached(probes: number): void {
    this.#say(attachedProbesText(probes));
  }

  lost(events: number): void {
    this.#say(lostEventsText(events));
  }

  endOfRun(): void {
    this.#out.write(END_OF_RUN);
  }

  /** What came before on the output is shown before the message. */
  #say(text: string): void {
    this.#out.endBatch();
    this.#err.writeUnicode(text);
  }
}
