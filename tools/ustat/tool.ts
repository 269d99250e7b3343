import { readFileSync } from "node:fs";
import { type Column, cut, type Row } from "../columns.ts";
import { known, languageOption } from "../languages.ts";
import { DETACHING } from "../pacing.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type Machine, type MapEntries, type Plan, type Tool, ToolError } from "../tool.ts";
import { INTERVAL_AND_COUNT, TOP_OPTIONS, topIntro, topScreen } from "../top.ts";
import { EVENTS, type Event, eventPoints, TELLING_LANGUAGES } from "./events.ts";

/** `beetrace ustat` */
export const tool: Tool = {
  name: "ustat",
  summary: "calls, collections, objects, classes, exceptions and threads a second, of all that run a language",
  group: "languages",
  options: [
    languageOption(TELLING_LANGUAGES),
    ...TOP_OPTIONS,
    { long: "sort", letter: "S", argument: "FIELD", help: `most first: ${EVENTS.join(", ")}; default by process` },
    { long: "debug", letter: "d", help: "print the script first" },
  ],
  positionals: INTERVAL_AND_COUNT,
  examples: [
    ["beetrace ustat", "each second, of all languages"],
    ["beetrace ustat -l java -S gc 5", "of Java, each five seconds, those that collect most first"],
  ],
  hooks: "the static probes of the runtimes that run",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const asked = given.text("language");
  const sort = given.text("sort");
  if (sort !== undefined && !EVENTS.some((event) => event === sort))
    throw new ToolError(`--sort: '${sort}' is none of ${EVENTS.join(", ")}`);
  const languages = asked === undefined ? TELLING_LANGUAGES : [known(asked, TELLING_LANGUAGES)];
  const { running, points } = eventPoints(machine, languages);
  const traced = EVENTS.filter((event) => (points.get(event) ?? []).length > 0);
  if (traced.length === 0) throw new ToolError(nothingTold(running.length, asked));
  const script = scriptOf(traced, points);
  const targets = new Map(running.map(({ pid }) => [pid, commandLine(pid)]));
  const screen = topScreen(given, {
    maps: traced.map((event) => `@${event}`),
    columns: COLUMNS,
    rows: (maps, { elapsedMs }) => rowsOf(targets, maps, elapsedMs / 1000).sort((a, b) => order(sort, a, b)),
  });
  return {
    script,
    intro: `${given.has("debug") ? script : ""}${topIntro(given)}`,
    screen: {
      ...screen,
      blocks: (maps, moment) => [...screen.blocks(maps, moment), ...(moment.isLast ? [DETACHING] : [])],
    },
  };
}

function nothingTold(processes: number, language: string | undefined): string {
  const which = language === undefined ? "a language that is known here" : `'${language}'`;
  return processes === 0 ? `no process runs ${which}` : `what runs ${which} was built without static probes`;
}

function scriptOf(events: readonly Event[], points: ReadonlyMap<Event, readonly string[]>): string {
  const clauses = events.map((event) =>
    TOOL_SCRIPTS["ustat/event.bt"].replace(/POINTS|EVENT/g, (place) =>
      place === "EVENT" ? event : (points.get(event) ?? []).join(",\n"),
    ),
  );
  return TOOL_SCRIPTS["ustat/ustat.bt"] + clauses.join("");
}

/** The processes that ran at the beginning and still do, and those of which something was counted. */
function rowsOf(targets: ReadonlyMap<number, string>, maps: (name: string) => MapEntries, seconds: number): Row[] {
  const counts = new Map(
    EVENTS.map((event) => [
      event,
      new Map(maps(`@${event}`).entries.map(({ key, value }) => [Number(key), Number(value)])),
    ]),
  );
  const counted = [...counts.values()].flatMap((of) => [...of.keys()]);
  const living = [...targets.keys()].filter((pid) => commandLine(pid) !== "");
  return [...new Set([...living, ...counted])].map((pid) => ({
    pid,
    cmdline: targets.get(pid) ?? commandLine(pid),
    seconds,
    ...Object.fromEntries(EVENTS.map((event) => [event, counts.get(event)?.get(pid) ?? 0])),
  }));
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ").trimEnd();
  } catch {
    return "";
  }
}

function order(sort: string | undefined, a: Row, b: Row): number {
  return (sort === undefined ? 0 : Number(b[sort]) - Number(a[sort])) || Number(a.pid) - Number(b.pid);
}

const COLUMNS: readonly Column[] = [
  { title: "PID", field: "pid", width: -6 },
  { title: "CMDLINE", field: "cmdline", width: -20, text: cut(20) },
  rate("METHOD/s", "method", -10),
  rate("GC/s", "gc", -6),
  rate("OBJNEW/s", "objnew", -10),
  rate("CLOAD/s", "cload", -8),
  rate("EXC/s", "excp", -6),
  rate("THR/s", "thread", -6),
];

function rate(title: string, field: Event, width: number): Column {
  return { title, field, width, text: (count, { seconds }) => String(Math.floor(Number(count) / Number(seconds))) };
}
