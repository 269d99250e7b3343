import type { Int } from "@beetrace/std";
import { averageOf } from "./arithmetic.ts";
import { histogramTotal } from "./histogram.ts";
import type { MapEntry, MapLayout } from "./map-layout.ts";
import type { ValueType } from "./type.ts";
import { type AverageValue, expectInt, expectKind, type Value } from "./value.ts";

/** A key of a map as a live view shows it. */
export interface LiveRow {
  /** `null` in a scalar map. */
  readonly key: Value;
  readonly value: Value;
  /** What rows are sorted and their bars drawn by. */
  readonly size: number;
  /** What was counted a second since the look before; absent where nothing is counted. */
  readonly perSecond?: number;
  /** A number a look, the newest last; NaN where there was none. Rates of what is counted, else values. */
  readonly series: readonly number[];
}

/** What a live view remembers of a map. */
export interface MapHistory {
  readonly layout: MapLayout;
  /** The rows of the last look, in no order. */
  readonly rows: readonly LiveRow[];
  /**
   * Takes the map's entries as they are now, `elapsedMs` after the look before, or after the start. A look at the start
   * itself (0) has no rates.
   */
  look(entries: readonly MapEntry[], elapsedMs: number): void;
  /** The map was emptied: what is counted from now on counts from zero. */
  cleared(): void;
}

/** Looks that a series goes back. */
export const SERIES_LENGTH = 60;
/** Keys that are remembered while they are not in the map. */
const ABSENT_KEYS_MAX = 4096;

/** What is kept of a key from one look to the next. */
interface Memory {
  counted: Int;
  total: Int;
  /** Of an integer: it was once less than before, so that it is no counter. */
  fell: boolean;
  absentLooks: number;
  readonly series: number[];
}

/** An empty history. */
export function mapHistory(layout: MapLayout): MapHistory {
  const memories = new Map<string, Memory>();
  let rows: LiveRow[] = [];
  return {
    layout,
    get rows() {
      return rows;
    },
    look(entries, elapsedMs) {
      for (const memory of memories.values()) memory.absentLooks++;
      rows = entries.map((entry) => lookAt(layout.value, entry, memoryOf(memories, entry.key), elapsedMs / 1000));
      for (const [key, memory] of memories) forget(memories, key, memory);
    },
    cleared() {
      for (const memory of memories.values()) {
        memory.counted = 0;
        memory.total = 0;
      }
    },
  };
}

function memoryOf(memories: Map<string, Memory>, key: Value): Memory {
  const identity = identityOf(key);
  let memory = memories.get(identity);
  if (memory === undefined) {
    memory = { counted: 0, total: 0, fell: false, absentLooks: 0, series: [] };
    memories.set(identity, memory);
  }
  memory.absentLooks = 0;
  return memory;
}

/** A key that is not in the map may come back, as after `clear()`: its series has a gap then. */
function forget(memories: Map<string, Memory>, key: string, memory: Memory): void {
  if (memory.absentLooks === 0) return;
  if (memory.absentLooks > SERIES_LENGTH || memories.size > ABSENT_KEYS_MAX) {
    memories.delete(key);
    return;
  }
  memory.counted = 0;
  memory.total = 0;
  append(memory.series, Number.NaN);
}

function lookAt(type: ValueType, { key, value }: MapEntry, memory: Memory, seconds: number): LiveRow {
  const measured = measure(type, value, memory);
  const { size, counted, point } = measured;
  const perSecond = counted === undefined ? undefined : growth(counted, memory.counted) / seconds;
  if (counted !== undefined) memory.counted = counted;
  if (seconds <= 0) return { key, value, size, series: memory.series };
  append(memory.series, point ?? perSecond ?? Number.NaN);
  return { key, value, size, series: memory.series, ...(perSecond === undefined ? {} : { perSecond }) };
}

interface Measure {
  readonly size: number;
  /** What only grows, unless the map is cleared. */
  readonly counted?: Int;
  /** What its series shows in place of the rate. */
  readonly point?: number;
}

function measure(type: ValueType, value: Value, memory: Memory): Measure {
  switch (type.kind) {
    case "count":
    case "sum":
      return { size: Number(expectInt(value)), counted: expectInt(value) };
    case "hist":
    case "lhist": {
      const total = histogramTotal(expectKind(value, "histogram"));
      return { size: Number(total), counted: total };
    }
    case "avg":
    case "stats":
      return measureAverage(expectKind(value, "average"), memory);
    case "int":
      return measureInt(expectInt(value), memory);
    case "min":
    case "max": {
      const extreme = Number(expectKind(value, "extreme").value);
      return { size: extreme, point: extreme };
    }
    case "tseries": {
      const newest = [...expectKind(value, "tseries").values].sort(([a], [b]) => (a < b ? -1 : 1)).at(-1);
      return { size: Number(newest?.[1] ?? 0) };
    }
    default:
      return { size: 0 };
  }
}

/** The series has the average of what came since the look before. */
function measureAverage(average: AverageValue, memory: Memory): Measure {
  const events = growth(average.count, memory.counted);
  const wasCleared = average.count < memory.counted;
  const total = Number(average.total) - (wasCleared ? 0 : Number(memory.total));
  memory.total = average.total;
  return {
    size: Number(averageOf(average)),
    counted: average.count,
    point: events === 0 ? Number.NaN : total / events,
  };
}

/** `@x++` and `@x = depth` are both integers: one that never falls is taken for a counter. */
function measureInt(value: Int, memory: Memory): Measure {
  const size = Number(value);
  memory.fell ||= value < memory.counted;
  return memory.fell ? { size, point: size } : { size, counted: value };
}

/** What was counted since; all of it when there is less than before: the map was cleared. */
function growth(now: Int, before: Int): number {
  return now < before ? Number(now) : Number(BigInt(now) - BigInt(before));
}

function append(series: number[], point: number): void {
  series.push(point);
  if (series.length > SERIES_LENGTH) series.shift();
}

/** A text that is the same for equal keys of a map, and for no others. */
function identityOf(key: Value): string {
  if (key === null || typeof key !== "object") return String(key);
  switch (key.kind) {
    case "list":
      return key.items.map((item) => `${identityOf(item).length}:${identityOf(item)}`).join();
    case "bytes":
      return key.bytes.join();
    case "address":
      return `${key.address},${key.pid}`;
    case "stack":
      return `${key.id},${key.pid}`;
    default:
      return "";
  }
}
