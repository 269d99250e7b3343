import {
  type LiveOrder,
  type LiveState,
  type LiveView,
  livePlain,
  liveScreen,
  type MapEntry,
  type MapHistory,
  type MapLayout,
  type MapPrintOptions,
  mapHistory,
  oneLine,
} from "@beetrace/output";
import type { Display, DisplaySource } from "./display.ts";
import type { MapPrinter } from "./printer.ts";
import { RunTerminal } from "./run-terminal.ts";
import type { OutputSink } from "./sink.ts";

/** How maps are shown while a script runs. */
export interface LiveOptions {
  readonly refreshMs: number;
  /** Standard output is a terminal: the maps take its screen. Otherwise they are printed, a block a refresh. */
  readonly isTerminal: boolean;
  readonly color: boolean;
}

/** What a {@link LiveDisplay} is made for. */
export interface LiveRun extends LiveOptions {
  readonly title: string;
  /** Where blocks go when there is no terminal. */
  readonly out: () => OutputSink;
  /** The user has seen enough. */
  readonly onQuit: () => void;
}

const ORDERS: readonly LiveOrder[] = ["value", "rate", "key"];
const PLAIN_COLUMNS = 100;
const PLAIN_ROWS = 20;

/** A map that is shown, and where its entries come from. */
interface Shown {
  readonly name: string;
  readonly history: MapHistory;
  /** The script prints it itself: it is shown as it was then. */
  printed: boolean;
  lookedAtMs: number;
}

/**
 * Shows the maps of a running script in place, again and again. While it has the screen, what the script prints goes to
 * a part of it, and after that to where it goes otherwise.
 */
export class LiveDisplay implements MapPrinter, Display {
  readonly #run: LiveRun;
  readonly #terminal = new RunTerminal();
  #source: DisplaySource | undefined;
  #printer: MapPrinter | undefined;
  #timer: NodeJS.Timeout | undefined;
  #maps: readonly Shown[] = [];
  #startedAtMs = 0;
  #order: LiveOrder = "value";
  #only: number | undefined;
  #paused = false;

  constructor(run: LiveRun) {
    this.#run = run;
  }

  /** Writes to a terminal: to its part of the screen while there is one. */
  readonly write = this.#terminal.write;

  over(printer: MapPrinter): MapPrinter {
    this.#printer = printer;
    return this;
  }

  start(source: DisplaySource, guard: (callback: () => void) => () => void): void {
    this.#source = source;
    this.#startedAtMs = performance.now();
    this.#maps = shownMaps(source.maps).map((name) => ({
      name,
      history: mapHistory(source.maps.compiled(name).layout),
      printed: false,
      lookedAtMs: this.#startedAtMs,
    }));
    if (this.#run.isTerminal) {
      this.#terminal.take({ onKey: (key) => this.#key(key), onResize: guard(() => this.redraw()) });
    }
    this.#timer = setInterval(
      guard(() => this.#refresh()),
      this.#run.refreshMs,
    );
    if (this.#run.isTerminal) this.#refresh(this.#startedAtMs);
  }

  /** `print(@map)`: the script has chosen the moment at which the map is worth a look. */
  map(layout: MapLayout, entries: readonly MapEntry[], options: MapPrintOptions): void {
    const shown = this.#timer === undefined ? undefined : this.#maps.find(({ name }) => name === layout.name);
    if (shown === undefined) {
      this.#printer?.map(layout, entries, options);
      return;
    }
    shown.printed = true;
    this.#look(shown, entries, performance.now());
  }

  /** The script has cleared a map, or set it to zero. */
  cleared(name: string): void {
    this.#maps.find((shown) => shown.name === name)?.history.cleared();
  }

  /** Gives the screen back; what was printed on it is shown where it was to go. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#terminal[Symbol.dispose]();
  }

  #refresh(nowMs = performance.now()): void {
    if (this.#source === undefined || this.#paused) return;
    for (const shown of this.#maps) if (!shown.printed) this.#look(shown, this.#source.maps.entries(shown.name), nowMs);
    if (this.#terminal.isTaken) this.redraw();
    else this.#print(livePlain(this.#state(), this.#view(), this.#source.resolver));
  }

  #print(lines: readonly string[]): void {
    const out = this.#run.out();
    for (const line of lines) out.writeUnicode(`${line}\n`);
    out.endBatch();
  }

  #look(shown: Shown, entries: readonly MapEntry[], nowMs: number): void {
    shown.history.look(entries, nowMs - shown.lookedAtMs);
    shown.lookedAtMs = nowMs;
  }

  redraw(): void {
    if (this.#source === undefined) return;
    this.#terminal.draw(liveScreen(this.#state(), this.#view(), this.#source.resolver));
  }

  #state(): LiveState {
    return {
      title: this.#run.title,
      elapsedMs: performance.now() - this.#startedAtMs,
      maps: this.#maps.map(({ history }) => history),
      log: this.#terminal.written.map(oneLine),
    };
  }

  #view(): LiveView {
    const only = this.#only === undefined ? {} : { only: this.#only };
    const { columns = PLAIN_COLUMNS, rows = PLAIN_ROWS } = this.#terminal.size ?? {};
    return { columns, rows, order: this.#order, paused: this.#paused, color: this.#run.color, ...only };
  }

  #key(key: string): void {
    if (key === "q" || key === "\x03") return this.#run.onQuit();
    if (key === "s") this.#order = ORDERS[(ORDERS.indexOf(this.#order) + 1) % ORDERS.length];
    else if (key === "p" || key === " ") this.#paused = !this.#paused;
    else if (key === "0") this.#only = undefined;
    else if (/^[1-9]$/.test(key)) this.#choose(Number(key) - 1);
    else return;
    this.redraw();
  }

  #choose(index: number): void {
    if (index < this.#maps.length) this.#only = this.#only === index ? undefined : index;
  }
}

/** Maps that are results; where all serve to compute, these. */
function shownMaps(maps: DisplaySource["maps"]): readonly string[] {
  const results = maps.names.filter((name) => !maps.compiled(name).working);
  return results.length > 0 ? results : maps.names;
}
