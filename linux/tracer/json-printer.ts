import type { SourcePlace } from "@beetrace/compiler";
import {
  attachedProbesRecord,
  encodeUtf8,
  helperErrorRecord,
  lostEventsRecord,
  type MapEntry,
  type MapLayout,
  type MapPrintOptions,
  messageRecord,
  printMapJson,
  type Resolver,
  type TextRecordType,
  textRecord,
  type Value,
  type ValueType,
  valueRecord,
} from "@beetrace/output";
import type { Printer, RuntimeFailure } from "./printer.ts";
import type { OutputSink } from "./sink.ts";
import { placeOf, type ScriptSource } from "./source-place.ts";

const NOWHERE = { start: 0, end: 0 };

/** Output for programs: one JSON object a line on `out`; what has no record goes to `err` as text. */
export class JsonPrinter implements Printer {
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
    this.#out.writeUnicode(textRecord("printf", text));
  }

  text(kind: Exclude<TextRecordType, "printf">, text: string): void {
    this.#out.writeUnicode(textRecord(kind, text));
  }

  value(type: ValueType, value: Value): void {
    this.#out.writeUnicode(valueRecord(type, value, this.#resolver));
  }

  map(layout: MapLayout, entries: readonly MapEntry[], options: MapPrintOptions): void {
    this.#out.writeUnicode(printMapJson(layout, entries, options, this.#resolver));
  }

  message(kind: "errorf" | "warnf", text: string, at: SourcePlace): void {
    this.#out.writeUnicode(messageRecord(kind, text, placeOf(this.#source, at)));
  }

  failure({ message, at = NOWHERE, helper, times }: RuntimeFailure): void {
    const place = placeOf(this.#source, at);
    const record = helper
      ? helperErrorRecord(helper.reason, helper.name, helper.code, place, times)
      : messageRecord("runtime_error", encodeUtf8(message), place, times);
    this.#out.writeUnicode(record);
  }

  error(text: string): void {
    this.#err.writeUnicode(`ERROR: ${text}\n`);
  }

  warning(text: string): void {
    this.#err.writeUnicode(`WARNING: ${text}\n`);
  }

  attached(probes: number): void {
    this.#out.writeUnicode(attachedProbesRecord(probes));
  }

  lost(events: number): void {
    this.#out.writeUnicode(lostEventsRecord(events));
  }

  endOfRun(): void {}
}
