import { formatJson, jsonByteText, jsonInt, jsonObject, jsonText } from "./json.ts";
import type { Resolver } from "./resolver.ts";
import type { ValueType } from "./type.ts";
import type { Value } from "./value.ts";

/** An integer in JSON: digits in a string where a double would lose some. */
export type JsonInt = number | string;

/** A value of the script in JSON. */
export type JsonValue = null | boolean | JsonInt | readonly JsonValue[] | { readonly [field: string]: JsonValue };

/** What a map's name stands for: one value, or a value by key. */
type PerMap<T> = { readonly [map: string]: T | { readonly [key: string]: T } };

/** A bucket: its least and largest value; no `min` below all buckets, no `max` above them. */
export interface JsonBucket {
  readonly min?: JsonInt;
  readonly max?: JsonInt;
  readonly count: JsonInt;
}

/** What `stats()` kept. The average is a whole number, truncated toward zero. */
export interface JsonStats {
  readonly count: JsonInt;
  readonly average: JsonInt;
  readonly total: JsonInt;
}

/** An interval of a `tseries()` that has a value. */
export interface JsonInterval {
  /** UTC, `YYYY-MM-DD HH:MM:SS.nnnnnnnnn`. */
  readonly interval_start: string;
  readonly value: JsonInt;
}

/** Where in the script something was called: 1-based. */
export interface JsonPlace {
  readonly filename: string;
  readonly line: number;
  readonly col: number;
}

/**
 * A line of the output of `-f json`, parsed. records.schema.json says the same as a JSON Schema.
 * `avg()` maps are of type stats, `lhist()` maps of type hist.
 */
export type OutputRecord =
  | { readonly type: "attached_probes"; readonly count: number; readonly data: { readonly probes: number } }
  | { readonly type: "lost_events"; readonly count: number; readonly data: { readonly events: number } }
  | { readonly type: "map"; readonly data: PerMap<JsonValue> }
  | { readonly type: "stats"; readonly data: PerMap<JsonInt | JsonStats> }
  | { readonly type: "hist"; readonly data: PerMap<readonly JsonBucket[]> }
  | { readonly type: "tseries"; readonly data: PerMap<readonly JsonInterval[]> }
  | { readonly type: "value"; readonly data: JsonValue }
  | { readonly type: TextRecordType; readonly data: string }
  | ({ readonly type: "errorf" | "warnf"; readonly msg: string } & JsonPlace)
  | ({
      readonly type: "helper_error";
      readonly msg: string;
      readonly helper: string;
      readonly retcode: number;
      /** How often, where that is more than once. */
      readonly count?: number;
    } & JsonPlace)
  | ({ readonly type: "runtime_error"; readonly msg: string; readonly count?: number } & JsonPlace)
  | {
      readonly type: "test_result";
      readonly data: {
        readonly [name: string]: { readonly duration: JsonInt; readonly passed: boolean; readonly output: string };
      };
    }
  | {
      readonly type: "benchmark_result";
      readonly data: { readonly [name: string]: { readonly average: JsonInt; readonly iters: JsonInt } };
    };

/** Records whose data is a text. `syscall` is what `system()` wrote. */
export type TextRecordType = "printf" | "time" | "cat" | "join" | "syscall";
/** Records of a whole map. */
export type MapRecordType = "map" | "stats" | "hist" | "tseries";

/** One line: a record with its data, which is JSON already. */
export function jsonRecord(type: OutputRecord["type"], data: string): string {
  return line([
    ["type", jsonText(type)],
    ["data", data],
  ]);
}

/** One line for what `printf`, `time`, `cat`, `join` or `system` wrote (byte text). */
export function textRecord(type: TextRecordType, byteText: string): string {
  return jsonRecord(type, jsonByteText(byteText));
}

/** One line for `print()` of anything but a map. */
export function valueRecord(type: ValueType, value: Value, resolver: Resolver): string {
  return jsonRecord("value", formatJson(type, value, resolver));
}

/** One line that says how many probes were attached. */
export function attachedProbesRecord(probes: number): string {
  return countRecord("attached_probes", probes, "probes");
}

/** One line that says how many events were lost. */
export function lostEventsRecord(events: number): string {
  return countRecord("lost_events", events, "events");
}

function countRecord(type: "attached_probes" | "lost_events", count: number, what: string): string {
  return line([
    ["type", jsonText(type)],
    ["count", jsonInt(count)],
    ["data", jsonObject([[what, jsonInt(count)]])],
  ]);
}

/** One line for a message of the script itself, or for what went wrong `times` times in it (`msg` is byte text). */
export function messageRecord(
  type: "errorf" | "warnf" | "runtime_error",
  msg: string,
  place: JsonPlace,
  times = 1,
): string {
  return line([["type", jsonText(type)], ["msg", jsonByteText(msg)], ...placeMembers(place), ...timesMember(times)]);
}

/** One line for a BPF helper that failed: `msg` is strerror's text, `retcode` the negative errno. */
export function helperErrorRecord(msg: string, helper: string, retcode: number, place: JsonPlace, times = 1): string {
  return line([
    ["type", jsonText("helper_error")],
    ["msg", jsonByteText(msg)],
    ["helper", jsonByteText(helper)],
    ["retcode", jsonInt(retcode)],
    ...placeMembers(place),
    ...timesMember(times),
  ]);
}

function timesMember(times: number): [string, string][] {
  return times > 1 ? [["count", jsonInt(times)]] : [];
}

function placeMembers(place: JsonPlace): [string, string][] {
  return [
    ["filename", jsonText(place.filename)],
    ["line", jsonInt(place.line)],
    ["col", jsonInt(place.col)],
  ];
}

/** One line for a finished test: `output` is byte text. */
export function testResultRecord(name: string, durationNs: number, passed: boolean, output: string): string {
  const result = jsonObject([
    ["duration", jsonInt(durationNs)],
    ["passed", String(passed)],
    ["output", jsonByteText(output)],
  ]);
  return jsonRecord("test_result", jsonObject([[name, result]]));
}

/** One line for a finished benchmark. */
export function benchmarkResultRecord(name: string, averageNs: number, iterations: number): string {
  const result = jsonObject([
    ["average", jsonInt(averageNs)],
    ["iters", jsonInt(iterations)],
  ]);
  return jsonRecord("benchmark_result", jsonObject([[name, result]]));
}

function line(members: readonly (readonly [string, string])[]): string {
  return `${jsonObject(members)}\n`;
}
