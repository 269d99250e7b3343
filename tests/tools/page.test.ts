import { readFileSync } from "node:fs";
import { TOOLS } from "@beetrace/tools";
import { expect, test } from "vitest";
import { toolCases } from "../guest/tool-cases.ts";
import costs from "./costs.json" with { type: "json" };
import { costLine, hasPage, toolsPage } from "./page.ts";

const file = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("docs/tools.md is what it is made of (npm run docs)", () => {
  expect(file("docs/tools.md")).toBe(toolsPage(costs));
});

test.each(TOOLS.filter(hasPage).map(({ name }) => name))("%s has a page that says what it costs", (name) => {
  const page = file(`tools/${name}/README.md`);
  expect(page.startsWith(`# ${name}\n`)).toBe(true);
  expect(page).toMatch(/cost/i);
});

test.each(Object.entries(costs))("%s's page says what was measured (npm run docs)", (name, cost) => {
  expect(file(`tools/${name}/README.md`).split("\n")).toContain(costLine(name, cost));
});

test("cases and costs are of tools that there are", () => {
  const names = TOOLS.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining([...toolCases.map(({ tool }) => tool), ...Object.keys(costs)]));
});
