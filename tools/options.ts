/** The command line of a tool: its own options, those that all tools have, and what was given. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { parseDuration, suggestionFor } from "@beetrace/std";
import { type Given, type Positional, type Tool, ToolError, type ToolOption } from "./tool.ts";

/** Options that every tool has, on top of its own. A tool's own of the same long name goes before. */
export const COMMON_OPTIONS: readonly ToolOption[] = [
  { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
  { long: "tid", argument: "TID", kind: "int", help: "this thread only" },
  { long: "uid", argument: "USER", help: "processes of this user only, by number or name" },
  { long: "name", argument: "TEXT", help: "only tasks whose name contains this" },
  { long: "cgroup", letter: "c", argument: "PATH", help: "only tasks of this control group and those below" },
  {
    long: "container",
    argument: "NAME",
    help: "only tasks of this container (docker, podman …), by name or id",
  },
  {
    long: "cgroupmap",
    argument: "PATH",
    help: "only control groups whose ids are keys of this pinned BPF map",
  },
  {
    long: "mntnsmap",
    argument: "PATH",
    help: "only mount namespaces whose inodes are keys of this pinned BPF map",
  },
  { long: "duration", argument: "TIME", help: "end after this time: seconds, or 500ms, 2m" },
  { long: "json", help: "one JSON object a line" },
  { long: "csv", help: "comma-separated values, with a first line of names" },
  { long: "timestamp", letter: "T", help: "the time of day in front of each line" },
  { long: "max-overhead", argument: "SHARE", help: "end when it would take more than this of one CPU: 1%, 0.01" },
  { long: "unsafe", help: "allow what changes the system" },
  { long: "ebpf", help: "print the script, and stop" },
  { long: "verbose", letter: "v", help: "say more: what each probe cost" },
  { long: "help", letter: "h", help: "show this help" },
];

/** For tools that have a short letter for it. */
export const VERBOSE: ToolOption = { long: "verbose", letter: "v", help: "say more: what each probe cost" };
/** Of tools that show histograms. */
const HISTOGRAM_OPTIONS: readonly ToolOption[] = [
  { long: "live", help: "draw histograms as a heat map over time: a column for each interval (default 1 s)" },
];

/** Those that choose tasks. */
export const TASK_OPTIONS = ["pid", "tid", "uid", "name", "cgroup", "container", "cgroupmap", "mntnsmap"];

/** All options of a tool, its own first. A letter is never given a second meaning. */
export function optionsOf(tool: Tool): readonly ToolOption[] {
  const own = new Set(tool.options.map(({ long }) => long));
  const letters = new Set(tool.options.map(({ letter }) => letter));
  const common = [...(tool.hasHistograms ? HISTOGRAM_OPTIONS : []), ...COMMON_OPTIONS]
    .filter(({ long }) => !own.has(long) && !(tool.hasNoTasks && TASK_OPTIONS.includes(long)))
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
  const words = argv.slice(0, rest?.at ?? argv.length).map((word) => wholeName(tool, options, word));
  const { values, positionals } = parse(tool, words, config);
  const given = new Map<string, readonly string[]>(rest ? [[rest.name, [rest.command]]] : []);
  for (const [name, list] of Object.entries(values)) given.set(name, (list as (string | boolean)[]).map(String));
  readPositionals(tool, positionals, given);
  for (const { long, kind } of options) checkNumbers(`--${long}`, kind, given.get(long) ?? []);
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

/**
 * A long option by the name that we have for it: `_` stands for `-`, and the beginning is enough where one option alone
 * begins so, of the tool's own if there are any. Anything else stays as it is.
 */
function wholeName(tool: Tool, options: readonly ToolOption[], word: string): string {
  const [, written, value = ""] = /^--([^=]+)(=.*)?$/s.exec(word) ?? [];
  if (written === undefined) return word;
  const bare = (name: string) => name.replaceAll("_", "-");
  const names = options.flatMap(({ long, also = [] }) => [long, ...also].map((name) => ({ long, name: bare(name) })));
  const whole = names.filter(({ name }) => name === bare(written));
  const begun = names.filter(({ name }) => name.startsWith(bare(written)));
  const own = begun.filter(({ long }) => tool.options.some((option) => option.long === long));
  const meant = new Set((whole.length > 0 ? whole : own.length > 0 ? own : begun).map(({ long }) => long));
  return meant.size === 1 ? `--${[...meant][0]}${value}` : word;
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

function parse(tool: Tool, argv: readonly string[], options: NonNullable<ParseArgsConfig["options"]>) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw misuse(tool, error);
  }
}

/** What parseArgs has against the arguments, in our words. */
function misuse(tool: Tool, error: unknown): ToolError {
  const text = error instanceof Error ? error.message : String(error);
  const written = /'([^']*)'/.exec(text)?.[1] ?? "";
  const seeHelp = `beetrace ${tool.name} --help shows all options`;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
    const near = suggestionFor(
      written.replace(/^-+/, ""),
      optionsOf(tool).map(({ long }) => long),
    );
    const isOfTasks = tool.hasNoTasks && TASK_OPTIONS.some((each) => `--${each}` === written);
    if (isOfTasks)
      return new ToolError(`${tool.name} has no option ${written}: what it shows is no task's doing`, seeHelp);
    const hint = near === undefined || !written.startsWith("--") ? seeHelp : `did you mean --${near}? ${seeHelp}`;
    return new ToolError(`${tool.name} has no option ${written}`, hint);
  }
  const option = optionsOf(tool).find((each) => isNamed(each, written));
  if (option === undefined) return new ToolError(`${tool.name}: ${text.split(". ")[0]}`, seeHelp);
  const name = `--${option.long}`;
  if (option.argument === undefined) return new ToolError(`${name} takes no argument`, seeHelp);
  return new ToolError(`${name} needs an argument: ${name} ${option.argument}`, seeHelp);
}

/** Whether it is this option that parseArgs names: `-p`, `--pid` or `-p, --pid <value>`. */
function isNamed({ long, letter }: ToolOption, written: string): boolean {
  return written === `-${letter}` || new RegExp(`--${long}(?![\\w-])`).test(written);
}

function readPositionals(tool: Tool, words: readonly string[], given: Map<string, readonly string[]>): void {
  const places: readonly Positional[] = tool.positionals ?? [];
  words.forEach((word, index) => {
    const last = places.at(-1);
    const place = places[index] ?? (last?.isMany ? last : undefined);
    if (place === undefined)
      throw new ToolError(
        `${tool.name}: '${word}' is one argument too many`,
        `beetrace ${tool.name} --help shows what it takes`,
      );
    checkNumbers(place.name, place.kind, [word]);
    given.set(place.name, [...(given.get(place.name) ?? []), word]);
  });
}

const NUMBERS = {
  int: { pattern: /^\d+$/, what: "a whole number" },
  ints: { pattern: /^\d+(,\d+)*$/, what: "a list of whole numbers" },
  number: { pattern: /^\d+(\.\d+)?$/, what: "a number" },
} as const;

function checkNumbers(name: string, kind: ToolOption["kind"], values: readonly string[]): void {
  const form = kind === "int" || kind === "ints" || kind === "number" ? NUMBERS[kind] : undefined;
  if (form === undefined) return;
  for (const value of values) {
    const isSafe = value.split(",").every((each) => Number(each) <= Number.MAX_SAFE_INTEGER);
    if (!form.pattern.test(value) || !isSafe) throw new ToolError(`${name}: '${value}' is not ${form.what}`);
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
