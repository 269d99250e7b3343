/** Numbers as columns show them. */
import { cut } from "./columns.ts";
import type { Given } from "./tool.ts";

/** Nanoseconds as milliseconds, with so many digits behind the point. */
export function milliseconds(digits: number): (ns: unknown) => string {
  return (ns) => (Number(ns) / 1e6).toFixed(digits);
}

/** Bytes as whole units of 1024. */
export function kilobytes(bytes: unknown): string {
  return String(Math.floor(Number(bytes) / 1024));
}

/** `COMM`, flush left and cut to its width. */
export function commColumn(width: number) {
  return { title: "COMM", field: "comm", width: -width, text: cut(width) };
}

/** The unit of times that `--microseconds` and `--milliseconds` choose: its name, and how many nanoseconds it has. */
export type TimeUnit = readonly [name: "nsecs" | "usecs" | "msecs", ns: number];

/** What of {@link TimeUnit} was asked for. */
export function timeUnit(given: Given): TimeUnit {
  if (given.has("milliseconds")) return ["msecs", 1e6];
  return given.has("microseconds") ? ["usecs", 1e3] : ["nsecs", 1];
}
