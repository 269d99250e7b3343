import type { SourcePlace } from "@beetrace/compiler";
import type { MapEntry, MapLayout, MapPrintOptions, TextRecordType, Value, ValueType } from "@beetrace/output";

/** Something that went wrong inside a probe while it ran. */
export interface RuntimeFailure {
  /** What it means for the user, one sentence. */
  readonly message: string;
  readonly at?: SourcePlace;
  /** How often it happened since it was last told of. */
  readonly times: number;
  /** A stack was not taken: what is shown in its place says so as well. */
  readonly isStack?: boolean;
  /** The helper that failed, without `bpf_`, and its negative errno. */
  readonly helper?: { readonly name: string; readonly code: number; readonly reason: string };
}

/** Shows maps. */
export interface MapPrinter {
  map(layout: MapLayout, entries: readonly MapEntry[], options: MapPrintOptions): void;
  /** The script has cleared a map, or set it to zero. */
  cleared?(name: string): void;
}

/**
 * What a run shows, as text or as JSON. All text of events is byte text. Results go to the output, which `-o`
 * redirects; text messages go to stderr, where JSON has records of its own for them.
 */
export interface Printer extends MapPrinter {
  printf(text: string): void;
  /** What `time`, `cat`, `join` or `system` wrote. */
  text(kind: Exclude<TextRecordType, "printf">, text: string): void;
  value(type: ValueType, value: Value): void;
  /** A message of the script itself. */
  message(kind: "errorf" | "warnf", text: string, at: SourcePlace): void;
  failure(failure: RuntimeFailure): void;
  /** About the run, and no place of the script (Unicode). */
  error(text: string): void;
  warning(text: string): void;
  attached(probes: number): void;
  /** Events that were dropped since the last time. */
  lost(events: number): void;
  /** Comes before the maps at the end. */
  endOfRun(): void;
}
