import type { Resolver } from "@beetrace/output";
import type { ScriptMaps } from "./maps.ts";
import type { MapPrinter } from "./printer.ts";

/** What a display shows: the maps of a session, and what names things in them. */
export interface DisplaySource {
  readonly maps: Pick<ScriptMaps, "names" | "compiled" | "entries">;
  readonly resolver: Resolver;
}

/** Shows results in place while a run lasts. It is disposed of before the end of the run is shown. */
export interface Display extends Disposable {
  /** In place of `fs.writeSync` for what goes to the terminal, of which it may have the screen. */
  readonly write: (fd: number, bytes: Uint8Array) => number;
  /** What shows maps: the display while it is on, `printer` before and after. */
  over(printer: MapPrinter): MapPrinter;
  /** Takes the screen. `guard` hands what a callback throws to the run. */
  start(source: DisplaySource, guard: (callback: () => void) => () => void): void;
  /** There is something new to show. */
  redraw(): void;
}
