/** Collections of garbage: each language's script, and what is said of what it tells. */
import type { Row } from "../columns.ts";
import { type Language, type LanguageProcess, runtimeFilesOf, runtimeWith } from "../languages.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import type { Machine } from "../tool.ts";
import { collectingFunction } from "../v8.ts";

/** Languages that tell of their collections. */
export const COLLECTING_LANGUAGES = ["java", "node", "python", "ruby"] as const satisfies readonly Language[];

/** One of them. */
export type CollectingLanguage = (typeof COLLECTING_LANGUAGES)[number];

/** How the collections of a process are traced and described. */
export interface Collections {
  readonly script: string;
  readonly describe: (record: Row) => string;
}

/** The first probe of each. */
const PROBES: Readonly<Record<CollectingLanguage, string>> = {
  java: "mem__pool__gc__begin",
  node: "gc__start",
  python: "gc__start",
  ruby: "gc__mark__begin",
};

/** The collections of a process. Throws `ToolError`. */
export function collectionsOf(machine: Machine, process: LanguageProcess<CollectingLanguage>): Collections {
  const inV8 = process.language === "node" ? v8Function(machine, process.pid) : undefined;
  if (inV8 !== undefined) {
    const script = part("node-functions", inV8.file).replaceAll("FUNCTION", inV8.name);
    return { script, describe: ofV8 };
  }
  const file = runtimeWith(machine, process, PROBES[process.language ?? "java"]);
  const language = process.language ?? "java";
  return { script: part(language, file), describe: DESCRIPTIONS[language] };
}

function part(name: string, file: string): string {
  return TOOL_SCRIPTS["ugc/ugc.bt"] + TOOL_SCRIPTS[`ugc/${name}.bt`].replaceAll("RUNTIME", file);
}

/** Heap::PerformGarbageCollection() of a Node.js that has no static probes. */
function v8Function(machine: Machine, pid: number): { file: string; name: string } | undefined {
  for (const file of runtimeFilesOf(pid, "node")) {
    if (machine.hasUsdt(file, PROBES.node)) return undefined;
    const name = collectingFunction(machine, file);
    if (name !== undefined) return { file, name };
  }
  return undefined;
}

const DESCRIPTIONS: Readonly<Record<CollectingLanguage, (record: Row) => string>> = {
  java: ofJava,
  node: ofNode,
  python: ({ generation, collected }) => `gen ${generation} GC collected ${collected} objects`,
  ruby: ({ stage }) => `GC ${stage} stage`,
};

function ofJava({ manager, pool, full, used_before, used_after, max_before, max_after }: Row): string {
  if (manager === "") return full === 1 ? "full GC" : "GC";
  return `${manager} ${pool} used=${used_before}->${used_after} max=${max_before}->${max_after}`;
}

/** enum GCType of V8's v8-callbacks.h, as the static probe of Node.js has it. */
const GC_TYPES = [
  [1, "GC scavenge"],
  [2, "GC mark-sweep-compact"],
  [4, "GC incremental mark"],
  [8, "GC weak callbacks"],
] as const;

function ofNode({ kinds }: Row): string {
  return GC_TYPES.flatMap(([bit, name]) => ((Number(kinds) & bit) === 0 ? [] : [name])).join(", ");
}

/** enum GarbageCollector of V8's src/common/globals.h. */
const COLLECTORS = ["scavenge", "mark-sweep-compact", "minor mark-sweep"];

function ofV8({ collector, reason }: Row): string {
  const name = COLLECTORS[Number(collector)] ?? `collector ${collector}`;
  return reason === "" ? `GC ${name}` : `GC ${name}: ${reason}`;
}
