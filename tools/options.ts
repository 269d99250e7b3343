/** The command line of a tool: its own options, those that all tools have, and what was given. */
import { parseArgs } from "node:util";
import { parseDuration } from "@beetrace/std";
import { type Given, type Positional, type Tool, ToolError, type ToolOption } from "./tool.ts";

/** Options that every tool has, on top of its own. A tool's own of the same long name goes before. */
export const COMMON_OPTIONS: readonly ToolOption[] = [
  { long: "pid", argument: "PID", kind: "int", help: "this process only" },
  { long: "tid", argument: "TID", kind: "int", help: "this thread only" },
  { long: "uid", argument: "USER", help: "processes of this user only, by number or name" },
  { long: "name", argument: "TEXT", help: "only tasks whose name contains this" },
  { long: "cgroup", argument: "PATH", help: "only tasks of this control group" },
  {
    long: "container",
    argument: "NAME",
    help: "only tasks of this container (docker, podman, containerd), by name or id",
  },
  { long: "duration", argument: "TIME", help: "end after this time: seconds, or 500ms, 2m" },
  { long: "json", help: "one JSON object a line" },
  { long: "csv", help: "comma-separated values, with a first line of names" },
  { long: "timestamp", help: "the time of day in front of each line" },
  { long: "unsafe", help: "allow what changes the system" },
  { long: "ebpf", help: "print the script, and stop" },
  { long: "verbose", help: "say more: what each probe cost" },
  { long: "help", letter: "h", help: "show this help" },
];

/** Of tools that show histograms. */
const HISTOGRAM_OPTIONS: readonly ToolOption[] = [
  { long: "live", help: "draw histograms as a heat map over time: a column for each interval (default 1 s)" },
];

/** Those that choose tasks. */
const TASK_OPTIONS = new Set(["pid", "tid", "uid", "name", "cgroup", "container"]);

/** All options of a tool, its own first. A letter is never given a second meaning. */
export function optionsOf(tool: Tool): readonly ToolOption[] {
  const own = new Set(tool.options.map(({ long }) => long));
  const letters = new Set(tool.options.map(({ letter }) => letter));
  const common = [...(tool.hasHistograms ? HISTOGRAM_OPTIONS : []), ...COMMON_OPTIONS]
    .filter(({ long }) => !own.has(long) && !(tool.hasNoTasks && TASK_OPTIONS.has(long)))
    .map((option) => (letters.has(option.letter) ? { ...option, letter: undefined } : option));
  return [...tool.options, ...(common as readonly ToolOption[])];
}

/** Reads the arguments of a tool. Throws {@link ToolError}. */
export function readGiven(tool: Tool, argv: readonly string[]): Given {
  const options = optionsOf(tool);
  const config = Object.fromEntries(
    options.map(({ long, letter, argument }) => [
      long,
      {
        type: argument === undefined ? ("boolean" as const) : ("string" as const),
        multiple: true as const,
        ...(letter ? { short: letter } : {}),
      },
    ]),
  );
  const rest = restOf(tool, argv);
  const { values, positionals } = parse(tool, argv.slice(0, rest?.at ?? argv.length), config);
  const given = new Map<string, readonly string[]>(rest ? [[rest.name, [rest.command]]] : []);
  for (const [name, list] of Object.entries(values)) given.set(name, (list as (string | boolean)[]).map(String));
  readPositionals(tool, positionals, given);
  for (const option of options) checkNumbers(option, given.get(option.long) ?? []);
  return {
    has: (name) => given.has(name),
    text: (name) => given.get(name)?.at(-1),
    list: (name) => given.get(name) ?? [],
    ints: (name) => (given.get(name) ?? []).flatMap((list) => list.split(",").map(Number)),
    int: (name) => {
      const text = given.get(name)?.at(-1);
      return text === undefined ? undefined : Number(text);
    },
  };
}

/** The option that takes everything behind it as a command, as of where it stands. */
function restOf(tool: Tool, argv: readonly string[]): { name: string; at: number; command: string } | undefined {
  for (const { long, kind } of tool.options) {
    const at = kind === "rest" ? argv.indexOf(`--${long}`) : -1;
    if (at < 0) continue;
    if (at + 1 === argv.length) throw new ToolError(`--${long} needs a command`);
    return {
      name: long,
      at,
      command: argv
        .slice(at + 1)
        .map(quoted)
        .join(" "),
    };
  }
  return undefined;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function parse(
  tool: Tool,
  argv: readonly string[],
  options: Parameters<typeof parseArgs>[0] extends infer C
    ? NonNullable<C> extends { options?: infer O }
      ? O
      : never
    : never,
) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    const message = error instanceof Error ? error.message.split(". ")[0] : String(error);
    throw new ToolError(`${tool.name}: ${message}`, `beetrace ${tool.name} --help shows all options`);
  }
}

function readPositionals(tool: Tool, words: readonly string[], given: Map<string, readonly string[]>): void {
  const places: readonly Positional[] = tool.positionals ?? [];
  words.forEach((word, index) => {
    const last = places.at(-1);
    const place = places[index] ?? (last?.isMany ? last : undefined);
    if (place === undefined)
      throw new ToolError(`${tool.name}: too many arguments: '${word}'`, `beetrace ${tool.name} --help`);
    if (place.kind !== "text") checkNumbers({ long: place.name, kind: place.kind, help: "" }, [word]);
    given.set(place.name, [...(given.get(place.name) ?? []), word]);
  });
}

const NUMBERS = {
  int: { pattern: /^-?\d+$/, what: "a whole number" },
  ints: { pattern: /^\d+(,\d+)*$/, what: "a list of whole numbers" },
  number: { pattern: /^-?\d+(\.\d+)?$/, what: "a number" },
} as const;

function checkNumbers({ long, kind }: ToolOption, values: readonly string[]): void {
  const form = kind === "int" || kind === "ints" || kind === "number" ? NUMBERS[kind] : undefined;
  for (const value of values) {
    if (form && !form.pattern.test(value)) throw new ToolError(`--${long}: '${value}' is not ${form.what}`);
  }
}

/** A time as tools take it: a number is seconds, a unit may follow. Gives milliseconds; throws {@link ToolError}. */
export function readTime(text: string, what: string): number {
  const ns = parseDuration(/^\d+(\.\d+)?$/.test(text) ? `${Math.round(Number(text) * 1000)}ms` : text);
  if (ns === undefined || ns <= 0n) throw new ToolError(`${what}: '${text}' is not a time`, "write 5, 500ms or 2m");
  return Number(ns) / 1e6;
}

/** An option that is a regular expression. Throws {@link ToolError}. */
export function regularExpression(given: Given, name: string): RegExp | undefined {
  const text = given.text(name);
  if (text === undefined) return undefined;
  try {
    return new RegExp(text);
  } catch {
    throw new ToolError(`--${name}: '${text}' is not a regular expression`);
  }
}
