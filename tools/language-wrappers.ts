/** `javacalls`, `nodegc` and their like: a tool of languages, of one of them. */
import { type Language, languageTitle } from "./languages.ts";
import type { Given, Tool } from "./tool.ts";
import { tool as ucalls } from "./ucalls/tool.ts";
import { tool as uflow } from "./uflow/tool.ts";
import { tool as ugc } from "./ugc/tool.ts";
import { tool as uobjnew } from "./uobjnew/tool.ts";
import { tool as ustat } from "./ustat/tool.ts";
import { tool as uthreads } from "./uthreads/tool.ts";

/** Which tools have names of their own for which languages: `calls` with `java` is `javacalls`. */
const WRAPPED: readonly (readonly [tool: Tool, ...languages: readonly Language[]])[] = [
  [ucalls, "java", "perl", "php", "python", "ruby", "tcl"],
  [uflow, "java", "perl", "php", "python", "ruby", "tcl"],
  [ugc, "java", "node", "python", "ruby"],
  [uobjnew, "c", "java", "ruby", "tcl"],
  [ustat, "java", "node", "perl", "php", "python", "ruby", "tcl"],
  [uthreads, "java"],
];

/** The tools that are others with their language chosen. */
export const LANGUAGE_WRAPPERS: readonly Tool[] = WRAPPED.flatMap(([tool, ...languages]) =>
  languages.map((language) => ofLanguage(tool, language)),
);

function ofLanguage(tool: Tool, language: Language): Tool {
  const name = `${language}${tool.name.slice(1)}`;
  return {
    ...tool,
    name,
    wraps: tool.name,
    summary: `${tool.name} -l ${language}: ${tool.summary}`,
    options: tool.options.filter(({ long }) => long !== "language"),
    examples: [
      [`beetrace ${name}${tool.positionals?.[0]?.name === "pid" ? " 185" : ""}`, `of ${languageTitle(language)}`],
    ],
    plan: (given, machine) => tool.plan(withLanguage(given, language), machine),
  };
}

function withLanguage(given: Given, language: Language): Given {
  return {
    ...given,
    has: (name) => name === "language" || given.has(name),
    text: (name) => (name === "language" ? language : given.text(name)),
  };
}
