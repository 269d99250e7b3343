import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { problemOf } from "./check-evidence.ts";
import { idsOf, SECTIONS } from "./ids.ts";
import { languagePage } from "./page.ts";
import { builtin, option, probe, shown, testsOf } from "./row.ts";
import { ROWS } from "./rows/index.ts";

test("there is a row for each part of the language, once", () => {
  expect(ROWS.map(({ id }) => id).sort()).toEqual(SECTIONS.flatMap(idsOf).sort());
});

test("what rows name as evidence is there", () => {
  const problems = ROWS.flatMap(({ id, evidence }) =>
    evidence.flatMap((each) => {
      const problem = problemOf(each);
      return problem === undefined ? [] : `${id}: ${problem}`;
    }),
  );
  expect(problems).toEqual([]);
});

test("evidence that is not there is found out", () => {
  const none = testsOf("tests/language/language.test.ts");
  const invented = [
    builtin("nope"),
    builtin("unknown_to_all"),
    option("emit-llvm"),
    probe("asyncwatchpoint"),
    shown("ints: there is no such case"),
    testsOf("tests/nope.test.ts")("x"),
    none(["a title", "in two pieces"].join(" ")),
  ];
  for (const each of invented) expect(problemOf(each)).toMatch(/^there is no |has no test/);
});

test("docs/language.md is what the rows say (npm run docs)", () => {
  const page = readFileSync(new URL("../../docs/language.md", import.meta.url), "utf8");
  expect(page).toBe(languagePage());
});
