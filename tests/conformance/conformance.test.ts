import { describe, expect, test } from "vitest";
import { loadCases } from "./cases.ts";
import { DIFFERENCES } from "./differences.ts";
import { judge } from "./outcome.ts";
import { runInVm } from "./vm-run.ts";

const themes = loadCases();

for (const [theme, cases] of themes) {
  describe(theme, () => {
    for (const each of cases) test(each.name, () => judge(each, "vm", () => runInVm(each)));
  });
}

test("names are unique within a theme", () => {
  for (const [theme, cases] of themes) expect(new Set(cases.map((each) => each.name)).size, theme).toBe(cases.length);
});

test("known differences are of cases that there are", () => {
  const names = [...themes.values()].flat().map((each) => `${each.theme}: ${each.name}`);
  for (const { case: name } of DIFFERENCES) expect(names).toContain(name);
});
