import { expect, test } from "vitest";
import { printMapJson } from "./map-json.ts";
import type { MapLayout } from "./map-layout.ts";
import { printMapText } from "./map-text.ts";
import { bareResolver } from "./resolver.ts";
import type { TimeSeriesType } from "./tseries.ts";
import type { Value } from "./value.ts";

const resolver = bareResolver();
const type = (intervalNs: number, count = 10, signed = true): TimeSeriesType => ({
  kind: "tseries",
  intervalNs,
  count,
  agg: "last",
  signed,
});
const series = (...values: [number, number | bigint][]): Value => ({
  kind: "tseries",
  values: new Map(values.map(([epoch, value]) => [BigInt(epoch), value])),
});
const scalar = (value: TimeSeriesType): MapLayout => ({ name: "@a", value, perCpu: true, buckets: "key" });
const text = (of: TimeSeriesType, value: Value) => printMapText(scalar(of), [{ key: null, value }], {}, resolver);
const line = "_".repeat(51);
const plot = (column: number, zero?: number) => {
  const cells = [..."|".padEnd(52), "|"];
  if (zero !== undefined) cells[zero] = ".";
  cells[column] = "*";
  return cells.join("");
};

test("a flat series has room on both sides", () => {
  expect(text(type(100e6), series([5, 9], [6, 9]))).toBe(
    [
      "@a:",
      `             8${" ".repeat(20)}${"10".padStart(32)}`,
      `hh:mm:ss.ms  |${line}|`,
      `00:00:00.500 ${plot(26)} 9`,
      `00:00:00.600 ${plot(26)} 9`,
      `             v${line}v`,
      `             8${" ".repeat(20)}${"10".padStart(32)}`,
      "",
      "",
    ].join("\n"),
  );
});

test("zero is marked between negative and positive values; gaps show a dash", () => {
  const lines = text(type(1e9), series([1, -5], [2, 0], [4, 5])).split("\n");
  expect(lines.slice(1, 8)).toEqual([
    `         -5${" ".repeat(19)}${"5".padStart(32)}`,
    `hh:mm:ss |${line}|`,
    `00:00:01 ${plot(0, 26)} -5`,
    `00:00:02 ${plot(26, 26)} 0`,
    `00:00:03 |${" ".repeat(25)}.${" ".repeat(25)}| -`,
    `00:00:04 ${plot(52, 26)} 5`,
    `         v${line}v`,
  ]);
});

test("an unsigned zero gets no room below", () => {
  expect(text(type(1e9, 10, false), series([1, 0])).split("\n")[1]).toBe(
    `         0${" ".repeat(20)}${"1".padStart(32)}`,
  );
  expect(text(type(1e9, 10, false), series([1, 2n ** 64n - 1n])).split("\n")[1]).toBe(
    `         18446744073709551614 ${"18446744073709551615".padStart(32)}`,
  );
});

test("units of the time column", () => {
  const header = (intervalNs: number) =>
    text(type(intervalNs), series([1, 1]))
      .split("\n")
      .slice(2, 4)
      .map((row) => row.slice(0, 20));
  expect(header(1e3)).toEqual(["hh:mm:ss.\xce\xbcs    |___", "00:00:00.000001 |   "]);
  expect(header(1)).toEqual(["hh:mm:ss.ns        |", "00:00:00.000000001 |"]);
  expect(header(60e9)[1]).toBe(`00:01:00 |${" ".repeat(10)}`);
});

test("local time in text, with the rest of the second of UTC", () => {
  const east = bareResolver({ zoneAt: () => ({ utcOffsetSeconds: 7200, zoneName: "EET" }) });
  expect(
    printMapText(scalar(type(1e8)), [{ key: null, value: series([1, 1]) }], {}, east)
      .split("\n")[3]
      .slice(0, 12),
  ).toBe("02:00:00.100");
});

test("all keys share the window of the newest", () => {
  const layout: MapLayout = {
    name: "@",
    key: { kind: "string", size: 8 },
    value: type(1e9, 3),
    perCpu: true,
    buckets: "key",
  };
  const entries = [
    { key: "two", value: series([9, 4], [10, 4]) },
    { key: "one", value: series([6, 1], [8, 2]) },
    { key: "old", value: series([1, 1]) },
  ];
  const blocks = printMapText(layout, entries, {}, resolver);
  const rows = (key: string) =>
    blocks
      .split(`@[${key}]:\n`)[1]
      .split("\n\n")[0]
      .split("\n")
      .filter((row) => row.startsWith("00:"))
      .map((row) => `${row.slice(0, 8)} ${row.split("|").at(-1)?.trim()}`);
  expect(rows("one")).toEqual(
    ["00:00:08 2", "00:00:09 -", "00:00:10 -"].map((row, index) => (index === 0 ? expect.stringContaining("2") : row)),
  );
  expect(rows("two")).toEqual(["00:00:09 4", "00:00:10 4"]);
  expect(blocks).toContain("@[old]:\n<no data>\n");
  expect(blocks.indexOf("@[old]")).toBeLessThan(blocks.indexOf("@[one]"));
  expect(printMapJson(layout, entries, {}, resolver)).toBe(
    '{"type": "tseries", "data": {"@": {"old": [], "one": [{"interval_start":"1970-01-01 00:00:08.000000000","value":2}], "two": [{"interval_start":"1970-01-01 00:00:09.000000000","value":4},{"interval_start":"1970-01-01 00:00:10.000000000","value":4}]}}}\n',
  );
});

test("no data", () => {
  expect(text(type(1e9), series())).toBe("@a:\n<no data>\n");
  expect(printMapJson(scalar(type(1e9)), [{ key: null, value: series() }], {}, resolver)).toBe(
    '{"type": "tseries", "data": {"@a": []}}\n',
  );
});
