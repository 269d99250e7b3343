import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { helpText } from "./help.ts";
import { OPTIONS, type OptionSpec } from "./option-table.ts";
import { cliReference } from "./reference.ts";

test("docs/cli.md is what the table says (node scripts/generate-docs.mjs)", () => {
  expect(readFileSync(new URL("../docs/cli.md", import.meta.url), "utf8")).toBe(cliReference());
});

test("help fits a terminal and names every option that is there", () => {
  const help = helpText("bpftrace");
  for (const line of help.split("\n")) if (!line.includes("-e '")) expect(line.length).toBeLessThanOrEqual(100);
  for (const { long, letter } of OPTIONS as readonly OptionSpec[]) {
    expect(help).toContain(long === undefined ? `-${letter} ` : `--${long}`);
  }
});
