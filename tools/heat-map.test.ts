import { expect, test } from "vitest";
import type { Block } from "./blocks.ts";
import { paletteOf, shade } from "./heat-colors.ts";
import { HeatMap, type HeatView } from "./heat-map.ts";

const histogram = (counts: Readonly<Record<number, number>>, section?: string): Block => ({
  kind: "histogram",
  unit: "usecs",
  buckets: Object.entries(counts).map(([min, count]) => ({ min: Number(min), max: 2 * Number(min) - 1, count })),
  ...(section === undefined ? {} : { section }),
});
const view = (overrides: Partial<HeatView> = {}): HeatView => ({
  columns: 60,
  rows: 20,
  palette: "text",
  title: "biolatency",
  ...overrides,
});
const screen = (map: HeatMap, overrides?: Partial<HeatView>) => `\n${map.picture(view(overrides)).join("\n")}\n`;

test("a column an interval, a row a bucket, from the highest that is filled to the lowest", () => {
  const map = new HeatMap();
  for (let second = 0; second < 12; second++)
    map.add(`10:00:${String(second).padStart(2, "0")}`, [
      histogram(second === 5 ? { 64: 1000, 65536: 1 } : { 64: 2 ** second, 128: 3 }),
    ]);
  expect(screen(map)).toMatchInlineSnapshot(`
    "
    biolatency
    usecs                            5,097 in all  1 .:+#@ 2,048
       64K │     .      
       32K │            
       16K │            
        8K │            
        4K │            
        2K │            
        1K │            
       512 │            
       256 │            
       128 │..... ......
        64 │...:-@+*#%@@
            10:00:00  10:00:10
    "
  `);
});

test("histograms of their own, as many as fit, those that counted most first", () => {
  const map = new HeatMap();
  map.add("10:00:00", [histogram({ 8: 1 }, "disk = sda"), histogram({ 16: 7, 32: 1 }, "disk = sdb")]);
  map.add("10:00:01", [histogram({ 8: 1 }, "disk = sda")]);
  expect(screen(map)).toMatchInlineSnapshot(`
    "
    biolatency
    disk = sdb  usecs                        8 in all  1 .:+#@ 7
        32 │. 
        16 │@ 
            10:00:00
    disk = sda  usecs                        2 in all  1 ..... 1
         8 │..
            10:00:00
    "
  `);
  expect(map.picture(view({ rows: 8 })).filter((line) => line.includes("in all"))).toHaveLength(1);
});

test("linear ones; what is older than the width is out of sight", () => {
  const map = new HeatMap();
  for (let at = 0; at < 30; at++) map.add("10:00:00", [{ kind: "linear", unit: "runqlen", counts: [5, at] }]);
  const lines = map.picture(view({ columns: 28 }));
  expect(lines.slice(2, 4).map((line) => line.slice(0, 8))).toEqual(["     1 │", "     0 │"]);
  expect(lines[2]).toHaveLength(28);
  expect(lines[1]).toContain("490 in all");
});

test("where there is no terminal, a line an interval", () => {
  const map = new HeatMap();
  map.add("10:00:00", [histogram({ 0: 1, 1: 2, 64: 300, 65536: 1 })]);
  expect(`\n${map.lines()}`).toMatchInlineSnapshot(`
    "
    usecs     0   16  256 4K  64K 1M  16M 256M4G    . is 1 to 3, each of :-=+*#%@ four times as many
    10:00:00 |.     +         .                   | 304
    "
  `);
  map.add("10:00:01", [histogram({ 64: 9 }, "pid = 7")]);
  expect(map.lines()).toBe(`10:00:01 |      :${" ".repeat(29)}| 9 pid = 7\n`);
  map.add("10:00:02", []);
  expect(map.lines()).toBe("");
});

test("colours: each change once, none is the background, one is seen beside thousands", () => {
  expect(shade([0, 1, 1, 5000, 0], 5000, "256")).toBe(" \x1b[48;5;54m  \x1b[48;5;229m \x1b[0m ");
  expect(shade([1, 5000], 5000, "rgb")).toBe("\x1b[48;2;51;18;93m \x1b[48;2;252;255;164m \x1b[0m");
  expect(shade([0, 1, 70, 5000], 5000, "text")).toBe(" .=@");
  expect(shade([1], 1, "text")).toBe(".");
});

test("what a terminal can show", () => {
  expect(paletteOf(false, { COLORTERM: "truecolor" })).toBe("text");
  expect(paletteOf(true, { COLORTERM: "truecolor" })).toBe("rgb");
  expect(paletteOf(true, {})).toBe("256");
});
