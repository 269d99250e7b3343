import type { JsonStats } from "@beetrace/output";
import type { Row } from "../columns.ts";
import {
  type LanguageProcess,
  languageOption,
  languageProcess,
  PID,
  runtimeFilesOf,
  runtimeWith,
} from "../languages.ts";
import { NAME_BYTES } from "../methods.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type Machine, type MapEntries, type Plan, type Tool, ToolError } from "../tool.ts";

/** C comes last: each process has its library. */
const LANGUAGES = ["java", "ruby", "tcl", "c"] as const;
type AllocatingLanguage = (typeof LANGUAGES)[number];

/** The first probe of each. */
const PROBES = { java: "object__alloc", ruby: "object__create", tcl: "obj__create" } as const;

/** Kinds that are counted at once. */
const KINDS = 10240;

/** `beetrace uobjnew` */
export const tool: Tool = {
  name: "uobjnew",
  summary: "objects that are made, by type; in C, blocks by size",
  group: "languages",
  options: [
    languageOption(LANGUAGES),
    { long: "top-count", letter: "C", argument: "N", kind: "int", help: "only the N types of which most are made" },
    { long: "top-size", letter: "S", argument: "N", kind: "int", help: "only the N types that take most bytes" },
    { long: "verbose", letter: "v", help: "print the script first, and at the end what each probe cost" },
  ],
  positionals: [
    PID,
    { name: "interval", kind: "number", help: "seconds between two outputs; default until Ctrl-C" },
    { name: "count", kind: "int", help: "how many outputs" },
  ],
  examples: [
    ["beetrace uobjnew 145", "of process 145, until Ctrl-C"],
    ["beetrace uobjnew -l c 2020 1", "sizes that malloc() is called with, each second"],
    ["beetrace uobjnew -l ruby 6712 -C 10", "the ten types of Ruby of which most are made"],
  ],
  hooks: "usdt object__alloc, object__create, string__create, hash__create, array__create, obj__create; uprobe malloc",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const process = languageProcess(given, LANGUAGES);
  const { pid, language } = process;
  if (language === undefined)
    throw new ToolError(`process ${pid} runs no language that is known here`, "-l LANGUAGE says which it is");
  const script = TOOL_SCRIPTS[`uobjnew/${language}.bt`].replaceAll("RUNTIME", runtimeOf(machine, { pid, language }));
  const seconds = given.int("interval");
  return {
    script,
    pid,
    config: { max_strlen: NAME_BYTES, max_map_keys: KINDS },
    intro: `${given.has("verbose") ? script : ""}Tracing allocations in process ${pid} (language: ${language})... Ctrl-C to quit.`,
    screen: {
      maps: ["@objects"],
      ...(seconds === undefined ? {} : { intervalMs: seconds * 1000 }),
      ...(given.has("count") ? { count: given.int("count") ?? 0 } : {}),
      blocks: (maps) => [
        { kind: "lines", text: "\n" },
        {
          kind: "table",
          columns: [
            { title: "NAME/TYPE", field: "type", width: -30 },
            { title: "# ALLOCS", field: "allocs", width: 8 },
            { title: "# BYTES", field: "bytes", width: 12 },
          ],
          rows: chosen(given, rowsOf(maps("@objects"), language)),
        },
      ],
    },
  };
}

/** The file whose probes tell of objects: of C, the library that has malloc(). Throws {@link ToolError}. */
function runtimeOf(
  machine: Machine,
  process: LanguageProcess<AllocatingLanguage> & { language: AllocatingLanguage },
): string {
  const { pid, language } = process;
  if (language !== "c") return runtimeWith(machine, process, PROBES[language]);
  const file = runtimeFilesOf(pid, "c").find((each) => machine.userFunctions(each, "malloc").length > 0);
  if (file === undefined) throw new ToolError(`process ${pid} has no C library with malloc()`);
  return file;
}

function rowsOf({ entries }: MapEntries, language: AllocatingLanguage): readonly Row[] {
  return entries.map(({ key, value }) => {
    const { count, total } = value as unknown as JsonStats;
    return {
      type: language === "c" ? `block size ${key}` : String(key),
      allocs: Number(count),
      bytes: Number(total),
    };
  });
}

/** The most important come last. */
function chosen(given: Given, rows: readonly Row[]): readonly Row[] {
  const by = given.has("top-count") ? "allocs" : "bytes";
  const top = given.int("top-count") ?? given.int("top-size");
  const sorted = rows.toSorted((a, b) => Number(a[by]) - Number(b[by]));
  return top === undefined ? sorted : sorted.slice(-top);
}
