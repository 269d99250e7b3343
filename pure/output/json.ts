import { type Int, InvariantError } from "@beetrace/std";
import { averageOf } from "./arithmetic.ts";
import { decodeUtf8 } from "./byte-text.ts";
import type { Resolver } from "./resolver.ts";
import { formatText } from "./text.ts";
import type { ValueType } from "./type.ts";
import { expectInt, expectKind, type Value } from "./value.ts";

/**
 * A value as JSON, in Unicode (to be written as UTF-8). Integers a double cannot hold become strings; enums and
 * pointers are numbers; buffers arrays of signed bytes; whatever the resolver names, its text.
 */
export function formatJson(type: ValueType, value: Value, resolver: Resolver): string {
  switch (type.kind) {
    case "none":
      return "null";
    case "bool":
      return String(value);
    case "int":
    case "enum":
    case "pointer":
    case "count":
    case "sum":
      return jsonInt(expectInt(value));
    case "buffer":
      return jsonArray(Array.from(expectKind(value, "bytes").bytes, (byte) => String((byte << 24) >> 24)));
    case "array":
      return jsonArray(itemsJson(() => type.element, value, resolver));
    case "tuple":
      return jsonArray(itemsJson((index) => type.fields[index].type, value, resolver));
    case "record": {
      const items = itemsJson((index) => type.fields[index].type, value, resolver);
      return jsonObject(items.map((item, index) => [type.fields[index].name, item]));
    }
    case "min":
    case "max":
      return jsonInt(expectKind(value, "extreme").value);
    case "avg":
      return jsonInt(averageOf(expectKind(value, "average")));
    case "stats":
      return statsJson(expectKind(value, "average"), averageOf(expectKind(value, "average")));
    case "hist":
    case "lhist":
    case "tseries":
      throw new InvariantError("histograms and time series are shown by their map");
    default:
      return jsonByteText(formatText(type, value, resolver));
  }
}

function itemsJson(typeOf: (index: number) => ValueType, value: Value, resolver: Resolver): string[] {
  return expectKind(value, "list").items.map((item, index) => formatJson(typeOf(index), item, resolver));
}

/** `stats()` as JSON; its average is given apart, because `print()` may have divided it. */
export function statsJson(stats: { readonly count: Int; readonly total: Int }, average: Int): string {
  return jsonObject([
    ["count", jsonInt(stats.count)],
    ["average", jsonInt(average)],
    ["total", jsonInt(stats.total)],
  ]);
}

/** A number where a double holds it exactly, else a string of its digits. */
export function jsonInt(value: Int): string {
  return typeof value === "number" || BigInt(Number(value)) === value ? String(value) : `"${value}"`;
}

/** Unicode text as a JSON string. */
export function jsonText(text: string): string {
  return JSON.stringify(text);
}

/** Byte text as a JSON string: read as UTF-8, malformed sequences become U+FFFD. */
export function jsonByteText(byteText: string): string {
  return JSON.stringify(decodeUtf8(byteText));
}

/** An array of JSON texts, joined as bpftrace does: with a comma. */
export function jsonArray(items: readonly string[]): string {
  return `[${items.join(",")}]`;
}

/** An object of byte-text names and JSON texts, joined as bpftrace does: with a comma and a blank. */
export function jsonObject(members: readonly (readonly [name: string, json: string])[]): string {
  return `{${members.map(([name, json]) => `${jsonByteText(name)}: ${json}`).join(", ")}}`;
}
