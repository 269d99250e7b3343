/** Whether what a row names as evidence is there. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { BUILTIN_SECTIONS, PROVIDERS, SETTING_DOCS, standardMacros } from "@beetrace/compiler/reference";
import { OPTIONS, type OptionSpec } from "../../cli/option-table.ts";
import { loadCases } from "../conformance/cases.ts";
import type { Evidence } from "./row.ts";

const ROOT = new URL("../../", import.meta.url);

/** Names that are refused, or taken without effect, show nothing. */
const NAMES: Readonly<Record<"builtin" | "macro" | "probe" | "setting" | "option", ReadonlySet<string>>> = {
  builtin: new Set(
    BUILTIN_SECTIONS.filter(([title]) => title !== "Not there yet").flatMap(([, all]) => all.map(({ name }) => name)),
  ),
  macro: new Set(standardMacros().map(({ name }) => name)),
  probe: new Set(PROVIDERS.map(({ name }) => name)),
  setting: new Set(Object.keys(SETTING_DOCS)),
  option: new Set(
    (OPTIONS as readonly OptionSpec[])
      .filter(({ ignored }) => !ignored)
      .flatMap(({ long, letter }) => long ?? letter ?? []),
  ),
};

const cases = new Set([...loadCases().values()].flat().map(({ theme, name }) => `${theme}: ${name}`));
const texts = new Map<string, string>();

/** What is wrong with a piece of evidence; undefined: it is there. */
export function problemOf(evidence: Evidence): string | undefined {
  switch (evidence.kind) {
    case "case":
      return cases.has(`${evidence.theme}: ${evidence.name}`)
        ? undefined
        : `there is no case ${evidence.theme}: ${evidence.name}`;
    case "test":
      return problemOfTest(evidence.file, evidence.title);
    default:
      return NAMES[evidence.kind].has(evidence.name) ? undefined : `there is no ${evidence.kind} ${evidence.name}`;
  }
}

/** A title is a whole string of the test's file. */
function problemOfTest(file: string, title: string): string | undefined {
  const path = fileURLToPath(new URL(file, ROOT));
  if (!existsSync(path)) return `there is no file ${file}`;
  const text = texts.get(file) ?? readFileSync(path, "utf8");
  texts.set(file, text);
  const isThere = ["'", '"', "`"].some((quote) => text.includes(`${quote}${title}${quote}`));
  return isThere ? undefined : `${file} has no test '${title}'`;
}
