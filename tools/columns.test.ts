import { expect, test } from "vitest";
import { cut, fixed, headerLine, rowLine, secondsColumn } from "./columns.ts";

test("seconds since the first, cut text, decimals", () => {
  const columns = [
    secondsColumn("TIME(s)", "ns", -11, 6),
    { title: "COMM", field: "comm", width: -5, text: cut(5) },
    { title: "LAT(ms)", field: "ms", width: 7, text: fixed(2) },
  ];
  expect(headerLine(columns)).toBe("TIME(s)     COMM  LAT(ms)\n");
  expect(rowLine(columns, { ns: 5_000_000_000, comm: "kworker/0", ms: 0.126 })).toBe("0.000000    kwork    0.13\n");
  expect(rowLine(columns, { ns: 6_500_001_000, comm: "dd", ms: 12 })).toBe("1.500001    dd      12.00\n");
});

test("columns without titles have no line of them", () => {
  const column = { title: "", field: "said", width: 0 };
  expect(headerLine([column])).toBe("");
  expect(rowLine([column], { said: "a sentence" })).toBe("a sentence\n");
});
