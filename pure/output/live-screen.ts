import { histogramLines, histogramOf } from "./live-histogram.ts";
import type { MapHistory } from "./live-history.ts";
import { colored, type Paint, plain } from "./live-style.ts";
import { type LiveOrder, orderedRows, rowSparkline, tableLines, valueHeadings, valueTexts } from "./live-table.ts";
import type { Resolver } from "./resolver.ts";
import { shares } from "./shares.ts";
import { columnsOf, cutTo, fit, oneLine, shortNumber } from "./terminal-text.ts";

/** What is shown: the maps as they are, and what the script printed. */
export interface LiveState {
  /** The script. */
  readonly title: string;
  readonly elapsedMs: number;
  readonly maps: readonly MapHistory[];
  /** Unicode lines, the newest last. */
  readonly log: readonly string[];
}

/** How it is shown. */
export interface LiveView {
  readonly columns: number;
  readonly rows: number;
  readonly order: LiveOrder;
  /** Only this one of the maps, by its index. */
  readonly only?: number;
  readonly paused: boolean;
  readonly color: boolean;
}

const LOG_SHARE = 1 / 3;

/** The lines of the screen, as many as it has at most, none wider than it is. Unicode. */
export function liveScreen(state: LiveState, view: LiveView, resolver: Resolver): string[] {
  const { columns, rows } = view;
  const paint = view.color ? colored : plain;
  const head = headLine(state, view, paint);
  const room = Math.max(rows - 1, 0);
  const chosen = view.only === undefined ? state.maps : state.maps.slice(view.only, view.only + 1);
  const shown = numbered(state.maps).filter(({ map }) => chosen.includes(map) && map.rows.length > 0);
  const logRoom =
    state.log.length === 0 ? 0 : Math.min(state.log.length + 1, Math.max(3, Math.floor(room * LOG_SHARE)));
  const context = { columns, resolver, paint, order: view.order, alone: shown.length === 1 };
  const blocks = mapBlocks(shown, room - logRoom, context);
  const log = logLines(state.log, room - blocks.length, columns, paint);
  return [head, ...blocks, ...log].slice(0, rows);
}

/** A plain block for where there is no terminal: the maps, as many rows of each as `rows`. */
export function livePlain(state: LiveState, view: LiveView, resolver: Resolver): string[] {
  const context = { columns: view.columns, resolver, paint: plain, order: view.order, alone: false };
  const blocks = state.maps
    .filter((map) => map.rows.length > 0)
    .flatMap((map) => ["", ...mapBlock(map, Math.min(wantedLines(map, false), view.rows), { ...context, number: "" })]);
  return [`--- ${clockText(state.elapsedMs)}`, ...blocks].map((line) => line.trimEnd());
}

function headLine({ title, elapsedMs, maps }: LiveState, view: LiveView, paint: Paint): string {
  const status = view.paused ? "paused" : clockText(elapsedMs);
  const numbers = maps.length > 1 ? `  1-${Math.min(maps.length, 9)} one map  0 all` : "";
  const keys = `q quit  p pause  s sort: ${view.order}${numbers}`;
  const titleColumns = view.columns - columnsOf(status) - columnsOf(keys) - 4;
  if (titleColumns < 8) return paint("bold", cutTo(`${status}  ${keys}`, view.columns));
  return `${paint("bold", fit(oneLine(title), titleColumns))}  ${paint("bold", status)}  ${paint("dim", keys)}`;
}

function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return seconds < 3600 ? minutes : `${Math.floor(seconds / 3600)}:${minutes}`;
}

/** A map and the key that chooses it. */
interface Numbered {
  readonly map: MapHistory;
  readonly number: string;
}

/** What is a line by itself comes first. */
function numbered(maps: readonly MapHistory[]): Numbered[] {
  const all = maps.map((map, index) => ({ map, number: maps.length > 1 && index < 9 ? `${index + 1} ` : "" }));
  return [...all.filter(({ map }) => isLine(map)), ...all.filter(({ map }) => !isLine(map))];
}

interface BlockContext {
  readonly columns: number;
  readonly resolver: Resolver;
  readonly paint: Paint;
  readonly order: LiveOrder;
  /** What stands before the map's name. */
  readonly number: string;
  /** No other map is shown: there is room for more. */
  readonly alone: boolean;
}

/** Every map gets the lines that it wants, as far as they go round; an empty line stands between tables. */
function mapBlocks(maps: readonly Numbered[], room: number, options: Omit<BlockContext, "number">): string[] {
  const wanted = maps.map(({ map }) => wantedLines(map, options.alone) + 1);
  const given = shares(wanted, room);
  return maps.flatMap(({ map, number }, index) => {
    const context = { ...options, number };
    if (given[index] < 1) return [];
    if (isLine(map)) return [scalarLine(map, context)];
    return given[index] < 3 ? [] : ["", ...mapBlock(map, given[index] - 1, context)];
  });
}

function wantedLines(map: MapHistory, alone: boolean): number {
  if (isLine(map)) return 0;
  if (!hasHistograms(map) || (map.layout.key !== undefined && !alone)) return 1 + map.rows.length;
  return map.rows.reduce((sum, row) => sum + 1 + histogramOf(map, row).length, 0);
}

/** A map without keys is a line by itself, unless it is a histogram. */
function isLine(map: MapHistory): boolean {
  return map.layout.key === undefined && !hasHistograms(map);
}

function hasHistograms({ layout }: MapHistory): boolean {
  return layout.value.kind === "hist" || layout.value.kind === "lhist";
}

function mapBlock(map: MapHistory, room: number, context: BlockContext): string[] {
  if (isLine(map)) return [scalarLine(map, context)];
  if (!hasHistograms(map) || (map.layout.key !== undefined && !context.alone))
    return tableLines(map, { ...context, room });
  const lines: string[] = [];
  for (const row of orderedRows(map, context.order)) {
    if (room - lines.length < 3 && lines.length > 0) break;
    lines.push(...histogramLines(map, row, room - lines.length, context));
  }
  return lines;
}

const NAME_COLUMNS = 16;

function scalarLine({ layout, rows: [row] }: MapHistory, { number, columns, resolver, paint }: BlockContext): string {
  const headings = valueHeadings(layout.value);
  const texts = valueTexts(layout.value, row, resolver);
  const named = texts.map((text, at) => (texts.length === 1 ? text : `${headings[at]} ${text}`)).join("  ");
  const rate = row.perSecond === undefined ? "" : `${shortNumber(row.perSecond)}/s`;
  const line = `${fit(named, Math.max(columnsOf(named), 16), "right")}  ${fit(rate, 9, "right")}`;
  const name = fit(number + layout.name, Math.max(NAME_COLUMNS, columnsOf(number + layout.name)));
  const left = columns - columnsOf(name) - columnsOf(line) - 2;
  if (left < 0) return cutTo(`${name}${line}`, columns);
  return `${paint("name", name)}${line}  ${paint("spark", rowSparkline(layout.value, row, left))}`;
}

function logLines(log: readonly string[], room: number, columns: number, paint: Paint): string[] {
  if (log.length === 0 || room < 2) return [];
  return [paint("dim", "─".repeat(columns)), ...log.slice(-(room - 1)).map((line) => cutTo(line, columns))];
}
