/** What runtimes tell of, as ustat counts it. */
import { type Language, type RunningLanguage, runningLanguages } from "../languages.ts";
import { cheaperToCount, methodProbes } from "../methods.ts";
import type { Machine } from "../tool.ts";
import { collectingFunction } from "../v8.ts";

/** Kinds of events, in the order of the columns. */
export const EVENTS = ["method", "gc", "objnew", "cload", "excp", "thread"] as const;

/** One of them. */
export type Event = (typeof EVENTS)[number];

/** The static probes of each kind. */
const PROBES = {
  java: {
    method: ["method__entry"],
    gc: ["gc__begin", "mem__pool__gc__begin"],
    objnew: ["object__alloc"],
    cload: ["class__loaded"],
    excp: ["ExceptionOccurred__entry"],
    thread: ["thread__start"],
  },
  node: { gc: ["gc__start"] },
  perl: { method: ["sub__entry"] },
  php: { method: ["function__entry"], cload: ["compile__file__entry"], excp: ["exception__thrown"] },
  python: { method: ["function__entry"], gc: ["gc__start"] },
  ruby: {
    method: ["method__entry", "cmethod__entry"],
    gc: ["gc__mark__begin", "gc__sweep__begin"],
    objnew: ["object__create", "hash__create", "string__create", "array__create"],
    cload: ["require__entry", "load__entry"],
    excp: ["raise"],
  },
  tcl: { method: ["proc__entry"], objnew: ["obj__create"] },
} as const satisfies Partial<Record<Language, Partial<Record<Event, readonly string[]>>>>;

/** A language that tells of something. */
export type TellingLanguage = keyof typeof PROBES;

/** Those languages. */
export const TELLING_LANGUAGES = Object.keys(PROBES) as readonly TellingLanguage[];

/** The processes that run these languages, and the attach points that their runtimes have for each kind of event. */
export function eventPoints(
  machine: Machine,
  languages: readonly TellingLanguage[],
): { readonly running: readonly RunningLanguage[]; readonly points: ReadonlyMap<Event, readonly string[]> } {
  const running = runningLanguages(languages);
  const runtimes = new Map(running.flatMap(({ language, files }) => files.map((file) => [file, language] as const)));
  const points = new Map(
    EVENTS.map((event) => [
      event,
      [...runtimes].flatMap(([file, language]) => pointsOf(machine, file, language, event)),
    ]),
  );
  return { running, points };
}

function pointsOf(machine: Machine, file: string, language: TellingLanguage, event: Event): readonly string[] {
  if (language === "node" && event === "gc" && !machine.hasUsdt(file, "gc__start")) {
    const name = collectingFunction(machine, file);
    return name === undefined ? [] : [`uprobe:"${file}":${name}`];
  }
  return probesOf(file, language, event)
    .filter((probe) => machine.hasUsdt(file, probe))
    .map((probe) => `usdt:"${file}":*:${probe}`);
}

function probesOf(file: string, language: TellingLanguage, event: Event): readonly string[] {
  const own: Partial<Record<Event, readonly string[]>> = PROBES[language];
  if (language !== "python" || event !== "method") return own[event] ?? [];
  const probes = methodProbes(language);
  return probes[cheaperToCount({ file, probes })];
}
