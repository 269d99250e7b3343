import type { SourcePlace } from "@beetrace/compiler";
import type {
  MapEntry,
  MapLayout,
  MapPrintOptions,
  Resolver,
  TextRecordType,
  Value,
  ValueType,
} from "@beetrace/output";
import type { Printer, RuntimeFailure } from "./printer.ts";
import { OutputSink } from "./sink.ts";
import type { ScriptSource } from "./source-place.ts";
import { TextPrinter } from "./text-printer.ts";

/** Hands all on to a printer that can be exchanged while the script runs. */
export class SwitchedPrinter implements Printer {
  current: Printer;
  constructor(printer: Printer) {
    this.current = printer;
  }

  /** Runs `action` with another printer in place. */
  during<T>(printer: Printer, action: () => T): T {
    const before = this.current;
    this.current = printer;
    try {
      return action();
    } finally {
      this.current = before;
    }
  }

  printf(text: string): void {
    this.current.printf(text);
  }
  text(kind: Exclude<TextRecordType, "printf">, text: string): void {
    this.current.text(kind, text);
  }
  value(type: ValueType, value: Value): void {
    this.current.value(type, value);
  }
  map(layout: MapLayout, entries: readonly MapEntry[], options: MapPrintOptions): void {
    this.current.map(layout, entries, options);
  }
  message(kind: "errorf" | "warnf", text: string, at: SourcePlace): void {
    this.current.message(kind, text, at);
  }
  failure(failure: RuntimeFailure): void {
    this.current.failure(failure);
  }
  error(text: string): void {
    this.current.error(text);
  }
  warning(text: string): void {
    this.current.warning(text);
  }
  attached(probes: number): void {
    this.current.attached(probes);
  }
  lost(events: number): void {
    this.current.lost(events);
  }
  endOfRun(): void {
    this.current.endOfRun();
  }
}

/** Keeps what is printed, messages among it, and counts the errors. */
export class CapturePrinter extends TextPrinter {
  readonly #kept: string[];
  errors = 0;

  constructor(source: ScriptSource, resolver: Resolver) {
    const kept: string[] = [];
    const write = (_fd: number, bytes: Uint8Array) => {
      kept.push(Buffer.from(bytes).toString("latin1"));
      return bytes.length;
    };
    const sink = new OutputSink({ fd: -1, mode: "none", write });
    super(sink, sink, { ...source, color: false }, resolver);
    this.#kept = kept;
  }

  /** Byte text. */
  get output(): string {
    return this.#kept.join("");
  }

  override message(kind: "errorf" | "warnf", text: string, at: SourcePlace): void {
    if (kind === "errorf") this.errors++;
    super.message(kind, text, at);
  }
}
