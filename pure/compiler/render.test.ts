import { expect, test } from "vitest";
import type { Diagnostic } from "./diagnostic.ts";
import { renderDiagnostic, renderDiagnostics } from "./render.ts";
import { singleSource } from "./sources.ts";

function render(text: string, start: number, end: number, more: Partial<Diagnostic> = {}): string {
  const diagnostic: Diagnostic = { severity: "error", message: "wrong", span: { start, end }, hints: [], ...more };
  return renderDiagnostic(diagnostic, singleSource("stdin", text), { color: false });
}

test("the line, the columns and an underline", () => {
  expect(render("begin { print($a); }", 14, 16)).toBe(
    "stdin:1:15-17: ERROR: wrong\nbegin { print($a); }\n              ~~\n",
  );
});

test("hints and warnings", () => {
  expect(render("a\nbcd\n", 3, 4, { severity: "warning", hints: ["one", "two"] })).toBe(
    "stdin:2:2-3: WARNING: wrong\nbcd\n ~\nHINT: one\nHINT: two\n",
  );
});

test("a span over several lines shows no source", () => {
  expect(render("begin\n{\n}\n", 0, 9)).toBe("stdin:1-3: ERROR: wrong\n");
});

test("a span that ends with the line end stays on its line", () => {
  expect(render("ab\ncd", 1, 3)).toBe("stdin:1:2-4: ERROR: wrong\nab\n ~~\n");
});

test("an empty span, at the end, is one column wide", () => {
  expect(render("abc", 3, 3)).toBe("stdin:1:4-4: ERROR: wrong\nabc\n   ~\n");
  expect(render("", 0, 0)).toBe("stdin:1:1-1: ERROR: wrong\n\n~\n");
});

test("tabs are kept below tabs, and a carriage return is not shown", () => {
  expect(render("\tx = y\r\n", 5, 6)).toBe("stdin:1:6-7: ERROR: wrong\n\tx = y\n\t    ~\n");
});

test("no place", () => {
  expect(render("x", 0, 0, { span: undefined })).toBe("ERROR: wrong\n");
});

test("colour", () => {
  const diagnostic: Diagnostic = { severity: "error", message: "wrong", hints: [] };
  expect(renderDiagnostic(diagnostic, singleSource("x", ""), { color: true })).toBe("\x1b[31mERROR: wrong\x1b[0m\n");
});

test("a long line is cut around the span", () => {
  const text = `${"a".repeat(500_000)}bad${"c".repeat(500_000)}`;
  const [head, line, mark] = render(text, 500_000, 500_003).split("\n");
  expect(head).toBe("stdin:1:500001-500004: ERROR: wrong");
  expect(line.length).toBe(206);
  expect(line.slice(mark.indexOf("~"), mark.length)).toBe("bad");
  expect(line.startsWith("...aaa") && line.endsWith("ccc...")).toBe(true);
  const [, first, start] = render(text, 0, 2).split("\n");
  expect([first.length, start]).toEqual([203, "~~"]);
  const [, whole, all] = render(text, 0, 1_000_003).split("\n");
  expect([whole.length, all.length]).toEqual([203, 203]);
});

test("several, one after the other", () => {
  const list: Diagnostic[] = [
    { severity: "error", message: "one", span: { start: 0, end: 1 }, hints: [] },
    { severity: "warning", message: "two", span: { start: 2, end: 3 }, hints: [] },
  ];
  expect(renderDiagnostics(list, singleSource("f.bt", "a\nb"), { color: false })).toBe(
    "f.bt:1:1-2: ERROR: one\na\n~\nf.bt:2:1-2: WARNING: two\nb\n~\n",
  );
});
