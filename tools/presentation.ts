/** Shows what a tool's script gives: rows as they come, screens of maps at intervals and at the end. */
import type { SourcePlace } from "@beetrace/compiler";
import {
  decodeUtf8,
  formatJson,
  type MapEntry,
  type MapLayout,
  plainEntries,
  type Resolver,
  type Value,
  type ValueType,
} from "@beetrace/output";
import { latin1 } from "@beetrace/std";
import type { OutputSink, Printer, RuntimeFailure } from "@beetrace/tracer";
import { type Block, blockRows, blockText } from "./blocks.ts";
import { csvHeader, csvRow, headerLine, rowLine } from "./columns.ts";
import type { Palette } from "./heat-colors.ts";
import { HeatMap } from "./heat-map.ts";
import { OUTPUT, writeOwnFile } from "./own-file.ts";
import type { MapEntries, Plan, Row } from "./tool.ts";
import type { TopView } from "./top-view.ts";

/** Text for people, or one of the forms for programs. */
export type Format = "text" | "json" | "csv";

/** How a tool's output looks. */
export interface PresentationOptions {
  readonly plan: Plan;
  readonly format: Format;
  /** The time of day in front of each line. */
  readonly timestamps: boolean;
  /** The output is a terminal, which can be cleared. */
  readonly isTerminal: boolean;
  /** What has the terminal as a screen: it gets the blocks in place of the output. */
  readonly view?: TopView;
  /** Draws histograms over time, in these colours. */
  readonly live?: { readonly title: string; readonly palette: Palette };
  /** Ends the run: enough was shown. */
  readonly stop: () => void;
}

/** Control functions of ECMA-48: cursor position, erase in page, erase in line. */
const CURSOR_HOME = "\x1b[H";
const CLEAR_SCREEN = `${CURSOR_HOME}\x1b[2J`;
const ERASE_BELOW = "\x1b[J";
const ERASE_LINE = "\x1b[K";
const EMPTY: MapEntries = { entries: [] };

/** The printer of a tool's run. */
export class ToolPrinter implements Printer {
  readonly #options: PresentationOptions;
  readonly #out: OutputSink;
  readonly #err: OutputSink;
  readonly #resolver: Resolver;
  readonly #maps = new Map<string, MapEntries>();
  readonly #heat = new HeatMap();
  #hasHeader = false;
  #since = performance.now();
  #screens = 0;

  constructor(out: OutputSink, err: OutputSink, resolver: Resolver, options: PresentationOptions) {
    this.#out = out;
    this.#err = err;
    this.#resolver = resolver;
    this.#options = options;
  }

  value(type: ValueType, value: Value): void {
    const { plan, stop } = this.#options;
    const record = JSON.parse(formatJson(type, value, this.#resolver)) as Row;
    const row = plan.toRow ? plan.toRow(record, stop) : record;
    if (row === undefined || plan.keep?.(row) === false) return;
    this.#row(row);
  }

  map(layout: MapLayout, entries: readonly MapEntry[]): void {
    const { screen } = this.#options.plan;
    if (screen?.maps.includes(layout.name) || screen?.reads?.includes(layout.name))
      this.#maps.set(layout.name, { entries: plainEntries(layout, entries, this.#resolver) });
  }

  /** An interval is over; gives whether another is to follow. */
  interval(): boolean {
    const isLast = this.#screens + 1 === this.#options.plan.screen?.count;
    this.#screen(isLast);
    return !isLast;
  }

  /** Shows the maps that have come since the last time. */
  #screen(isLast: boolean): void {
    const { plan, view } = this.#options;
    const { screen } = plan;
    if (screen === undefined) return;
    const moment = { time: timeOfDay(), elapsedMs: performance.now() - this.#since, isLast };
    const blocks = screen.blocks((name) => this.#maps.get(name) ?? EMPTY, moment);
    this.#maps.clear();
    this.#since = performance.now();
    this.#screens++;
    for (const block of blocks) this.#besides(block);
    if (this.#options.format !== "text") {
      for (const row of blocks.flatMap(blockRows)) this.#row(row);
      return;
    }
    if (view !== undefined) return view.show(blocks);
    if (this.#options.live && hasHistograms(blocks)) return this.#drawHeat(moment.time, blocks);
    if (screen.clears && this.#options.isTerminal) this.#unicode(CLEAR_SCREEN);
    if (screen.timestamps || this.#options.timestamps) this.#unicode(`${moment.time}\n`);
    for (const block of blocks) {
      if (block.kind === "rows") for (const row of block.rows) this.#row(row);
      else this.#unicode(blockText(block));
    }
  }

  /** The run is over: what stood last on the screen of the terminal stays. */
  end(): void {
    const { plan, view } = this.#options;
    const { count = Number.POSITIVE_INFINITY } = plan.screen ?? {};
    if (view === undefined ? this.#screens < count : !view.hasShown) this.#screen(true);
    if (view !== undefined) this.#unicode(view.text());
  }

  /** An interval in which nothing was counted is a column as well. */
  #drawHeat(time: string, blocks: readonly Block[]): void {
    const { live, isTerminal } = this.#options;
    const isFirst = this.#screens === 1;
    this.#heat.add(time, blocks);
    if (live === undefined) return;
    if (!isTerminal) return this.#unicode(this.#heat.lines());
    const { columns = 80, rows = 24 } = process.stdout;
    const title = `${live.title}  ${time}  Ctrl-C ends`;
    const lines = this.#heat.picture({ columns, rows: rows - 1, palette: live.palette, title });
    const text = lines.map((line) => `${line}${ERASE_LINE}\n`).join("");
    this.#unicode(`${isFirst ? CLEAR_SCREEN : CURSOR_HOME}${text}${ERASE_BELOW}`);
  }

  /** What a block says elsewhere than in the output. */
  #besides(block: Block): void {
    if (block.kind === "notice") this.#err.writeUnicode(block.text);
    if (block.kind !== "file") return;
    if (block.path !== OUTPUT) return writeOwnFile(block.path, block.content);
    if (typeof block.content === "string") this.#unicode(block.content);
    else this.#out.write(latin1(block.content));
  }

  #row(row: Row): void {
    const { format, timestamps, plan } = this.#options;
    const timed = timestamps && format !== "text" ? { time: timeOfDay(), ...row } : row;
    if (format === "json") return this.#unicode(`${JSON.stringify(timed)}\n`);
    if (!this.#hasHeader) this.#header(timed);
    if (format === "csv") return this.#unicode(csvRow(timed));
    const time = timestamps ? `${timeOfDay()} ` : "";
    this.#unicode(time + rowLine(plan.columns ?? [], row) + (plan.below?.(row) ?? ""));
  }

  #header(row: Row): void {
    const { format, timestamps, plan } = this.#options;
    this.#hasHeader = true;
    if (format === "csv") return this.#unicode(csvHeader(row));
    const titles = headerLine(plan.columns ?? []);
    if (titles !== "") this.#unicode((timestamps ? "TIME     " : "") + titles);
  }

  #unicode(text: string): void {
    this.#out.writeUnicode(text);
  }

  printf(text: string): void {
    if (this.#options.format === "text") this.#out.write(text);
  }

  text(_kind: string, text: string): void {
    this.printf(text);
  }

  message(kind: "errorf" | "warnf", text: string, _at: SourcePlace): void {
    this.#err.writeUnicode(`${kind === "errorf" ? "ERROR" : "WARNING"}: ${decodeUtf8(text)}\n`);
  }

  failure({ message, times, isStack }: RuntimeFailure): void {
    if (isStack) return;
    this.#err.writeUnicode(`WARNING: ${message}${times > 1 ? ` (${times} times)` : ""}\n`);
  }

  error(text: string): void {
    this.#err.writeUnicode(`ERROR: ${text}\n`);
  }

  warning(text: string): void {
    this.#err.writeUnicode(`WARNING: ${text}\n`);
  }

  /** The header comes as soon as something can come under it. */
  attached(probes: number): void {
    this.#since = performance.now();
    const { clears, intro, notice, columns } = this.#options.plan;
    if (notice !== undefined) this.#err.writeUnicode(`NOTE: ${notice}\n`);
    if (this.#options.format !== "text") return;
    if (clears && this.#options.isTerminal) this.#unicode(CLEAR_SCREEN);
    if (intro !== undefined) this.#unicode(`${typeof intro === "string" ? intro : intro(probes)}\n`);
    if (columns !== undefined) this.#header({});
    this.#out.flush();
  }

  lost(events: number): void {
    this.#err.writeUnicode(`Possibly lost ${events} samples\n`);
  }

  endOfRun(): void {}
}

/** Whether blocks are histograms, or nothing yet: tables and the like are shown as they are. */
function hasHistograms(blocks: readonly Block[]): boolean {
  const shown = blocks.filter(({ kind }) => kind !== "lines" && kind !== "notice" && kind !== "file");
  return shown.every(({ kind }) => kind === "histogram" || kind === "linear");
}

/** `HH:MM:SS`, local. */
export function timeOfDay(at: Date = new Date()): string {
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}
