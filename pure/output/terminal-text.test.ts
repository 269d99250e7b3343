import { expect, test } from "vitest";
import { barOf, columnsOf, cutTo, fit, groupedNumber, oneLine, shortNumber, sparkline } from "./terminal-text.ts";

test.each([
  ["", 0],
  ["abc", 3],
  ["é", 1],
  ["e\u0301", 1],
  ["漢字", 4],
  ["👍", 2],
])("%j takes %d columns", (text, columns) => expect(columnsOf(text)).toBe(columns));

test("texts are cut and filled to columns", () => {
  expect(fit("abc", 5)).toBe("abc  ");
  expect(fit("abc", 5, "right")).toBe("  abc");
  expect(fit("abcdef", 4)).toBe("abc…");
  expect(fit("漢字漢字", 6)).toBe("漢字… ");
  expect(cutTo("abc", 0)).toBe("");
});

test("a line cannot move the cursor", () => {
  expect(oneLine("a\x1b[2Jb\rc\td")).toBe("a·[2Jb·c d");
  expect(oneLine("sh, \n        read+1\n        main+2\n, 7")).toBe("sh, read+1 < main+2 < , 7");
});

test.each([
  [0, ""],
  [0.001, "▏"],
  [0.5, "██"],
  [0.53, "██▏"],
  [1, "████"],
  [7, "████"],
])("a bar of %d", (share, bar) => expect(barOf(share, 4)).toBe(bar));

test.each([
  [[], ""],
  [[0, 0], "▁▁"],
  [[0, 1, 7, 70], "▁▂▂█"],
  [[1, 2, 3, 4, 5, 6, 7], "▂▃▄▅▆▇█"],
  [[5, Number.NaN, 10], "▅ █"],
  [[-10, 0, 10], "▁▅█"],
])("a sparkline of %j", (series, line) => expect(sparkline(series, 8)).toBe(line));

test("a sparkline shows the newest numbers", () => expect(sparkline([9, 9, 9, 0, 1], 2)).toBe("▁█"));

test.each([
  [0, "0"],
  [0.524, "0.52"],
  [3, "3"],
  [9.996, "10"],
  [12.34, "12.3"],
  [999.4, "999"],
  [999.6, "1k"],
  [4_567, "4.57k"],
  [-1_250_000, "-1.25M"],
  [2e12, "2T"],
])("%d is %s", (value, text) => expect(shortNumber(value)).toBe(text));

test("thousands are grouped", () => {
  expect([0, 999, 1000, -1234567, 2n ** 64n, 1.5].map(groupedNumber)).toEqual([
    "0",
    "999",
    "1,000",
    "-1,234,567",
    "18,446,744,073,709,551,616",
    "1.5",
  ]);
});
