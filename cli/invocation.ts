import type { RunMode } from "@beetrace/compiler";
import { splitParams } from "@beetrace/compiler/named-params";
import { parseDuration, parseShare, suggestionFor } from "@beetrace/std";
import type { BufferMode, SwitchableFeature, WarningLevel } from "@beetrace/tracer";
import type { OptionKey } from "./option-table.ts";
import type { ParsedArguments } from "./parse-arguments.ts";
import { UsageError } from "./usage-error.ts";

/** Where a script comes from. */
export type ScriptLocation =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "stdin" };

/** What the command is asked to do. */
export type Invocation =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | { readonly kind: "info" }
  | { readonly kind: "list-tools" }
  | { readonly kind: "completion"; readonly shell: string }
  | ListInvocation
  | FormatInvocation
  | RunInvocation;

/** `-l`. */
export interface ListInvocation {
  readonly kind: "list";
  /** A search, a path of a script, or nothing: all. */
  readonly search?: string;
  /** The program of `-e`. */
  readonly program?: string;
  readonly verbose: boolean;
  readonly pid?: number;
  readonly debugDirectories?: readonly string[];
}

/** `--fmt`. */
export interface FormatInvocation {
  readonly kind: "format";
  readonly script: ScriptLocation;
  readonly output?: string;
}

/** Running a script. */
export interface RunInvocation {
  readonly kind: "run";
  readonly script: ScriptLocation;
  /** `$1` is the first. */
  readonly params: readonly string[];
  /** `--name` or `--name=value` from behind `--`. */
  readonly namedParams: readonly string[];
  readonly includeDirs: readonly string[];
  readonly includeFiles: readonly string[];
  readonly pid?: number;
  /** The process whose stacks are unwound. */
  readonly unwindPid?: number;
  readonly command?: string;
  readonly probeFilter?: RegExp;
  readonly debugDirectories?: readonly string[];
  readonly format: OutputFormat;
  readonly output?: string;
  readonly bufferMode: BufferMode;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly warnings: WarningLevel;
  readonly unsafe: boolean;
  readonly withoutFeatures: ReadonlySet<SwitchableFeature>;
  readonly dryRun: boolean;
  readonly mode: RunMode | "codegen" | "compiler-bench";
  readonly stages: ReadonlySet<DebugStage>;
  readonly emitAsm?: string;
  readonly emitElf?: string;
  /** Where to write the compiled script, which is not run then. */
  readonly aot?: string;
  /** Lists the kernel functions that can be traced, in place of the kernel's own list. */
  readonly traceableFunctions?: string;
  /** Asked for although there is no LLVM. */
  readonly emitLlvm: boolean;
  /** Paths, or `-`. */
  readonly pictures?: { readonly flame?: string; readonly folded?: string };
  /** Shows the instructions of the programs and what they cost. */
  readonly explain: boolean;
  /** A share of one CPU. */
  readonly maxOverhead?: number;
  readonly everyMs?: number;
  readonly durationMs?: number;
  /** The maps are shown while the script runs, and looked at so often. */
  readonly liveRefreshMs?: number;
}

const FORMATS = ["text", "json"] as const;
/** How output is written: `-f`. */
export type OutputFormat = (typeof FORMATS)[number];

const BUFFER_MODES: readonly BufferMode[] = ["none", "line", "full"];

/** What `--no-feature` may name. */
const FEATURES = ["kprobe_multi", "uprobe_multi", "kprobe_session"] as const;

/** What `-d` prints. */
export type DebugStage = "ast" | "types" | "ir" | "bytecode" | "verifier";

/** The names that `-d` takes: ours, and bpftrace's for the stage that comes nearest. */
const STAGES: Readonly<Record<string, readonly DebugStage[]>> = {
  all: ["ast", "types", "ir", "bytecode", "verifier"],
  ast: ["ast"],
  types: ["types"],
  ir: ["ir"],
  bytecode: ["bytecode"],
  verifier: ["verifier"],
  parse: ["ast"],
  codegen: ["ir"],
  "codegen-opt": ["bytecode"],
  dis: ["bytecode"],
  libbpf: ["verifier"],
};

const MODES = ["codegen", "compiler-bench", "bench", "test", "format"] as const;
type Mode = (typeof MODES)[number];

/** Largest pid that any kernel hands out (PID_MAX_LIMIT in include/linux/threads.h). */
const PID_MAX = 0x400000;

/** What the options ask for. Throws {@link UsageError} where they contradict each other or a value makes no sense. */
export function readInvocation({ options, operands }: ParsedArguments): Invocation {
  const given = new Given(options);
  if (given.has("help")) return { kind: "help" };
  if (given.has("version")) return { kind: "version" };
  if (given.has("info")) return { kind: "info" };
  if (given.has("list-tools")) return { kind: "list-tools" };
  const shell = given.last("completion");
  if (shell !== undefined) return { kind: "completion", shell };
  const mode = readMode(given);
  if (given.has("cmd") && given.has("pid")) throw new UsageError("-c and -p exclude each other");
  if (given.has("list")) return readList(given, operands);
  const { script, params } = readScript(given, operands);
  if (mode === "format") return { kind: "format", script, ...given.optional("output", "output") };
  return readRun(given, script, params, mode ?? "run");
}

function readList(given: Given, operands: readonly string[]): ListInvocation {
  if (operands.length > 1)
    throw new UsageError("-l takes one search", "join several with commas: -l 'kprobe:vfs_*,software:*'");
  const pid = readPid(given);
  return {
    kind: "list",
    verbose: given.has("verbose"),
    ...readDebugDirectories(given),
    ...(operands.length === 1 ? { search: operands[0] } : {}),
    ...given.optional("e", "program"),
    ...(pid === undefined ? {} : { pid }),
  };
}

function readRun(
  given: Given,
  script: ScriptLocation,
  params: readonly string[],
  mode: RunInvocation["mode"],
): RunInvocation {
  const pid = readPid(given);
  const unwindPid = readPid(given, "dwarf-pid");
  if (given.has("aot") && (pid !== undefined || given.has("cmd"))) throw new UsageError("--aot excludes -p and -c");
  if (given.has("aot") && mode !== "run") throw new UsageError(`--aot and --mode ${mode} exclude each other`);
  const filter = given.last("probe-filter");
  const pictures = { ...given.optional("flame", "flame"), ...given.optional("folded", "folded") };
  return {
    kind: "run",
    script,
    ...splitParams(params),
    includeDirs: given.all("I"),
    includeFiles: given.all("include"),
    ...(pid === undefined ? {} : { pid }),
    ...(unwindPid === undefined ? {} : { unwindPid }),
    ...given.optional("cmd", "command"),
    ...(filter === undefined ? {} : { probeFilter: readRegExp(filter) }),
    format: readFormat(given),
    ...readDebugDirectories(given),
    ...given.optional("output", "output"),
    bufferMode: given.oneOf("B", BUFFER_MODES) ?? "line",
    quiet: given.has("quiet"),
    verbose: given.has("verbose"),
    warnings: readWarnings(given),
    unsafe: given.has("unsafe"),
    withoutFeatures: readWithoutFeatures(given),
    dryRun: given.has("dry-run"),
    mode,
    stages: readStages(given),
    ...given.optional("emit-asm", "emitAsm"),
    ...given.optional("emit-elf", "emitElf"),
    ...given.optional("aot", "aot"),
    ...given.optional("traceable-functions", "traceableFunctions"),
    emitLlvm: given.has("emit-llvm"),
    ...(Object.keys(pictures).length === 0 ? {} : { pictures }),
    explain: given.has("explain"),
    ...readBudget(given),
    ...readTimes(given),
  };
}

function readBudget(given: Given): Pick<RunInvocation, "maxOverhead"> {
  const text = given.last("max-overhead");
  if (text === undefined) return {};
  const maxOverhead = parseShare(text);
  if (maxOverhead !== undefined) return { maxOverhead };
  throw new UsageError(`--max-overhead: '${text}' is no share of a CPU`, "write it as 1% or 0.01");
}

/** Longest delay of a timer of Node's: 24 days. */
const DELAY_MAX_MS = 0x7fff_ffff;
const REFRESH_MS = 1000;

function readTimes(given: Given): Pick<RunInvocation, "everyMs" | "durationMs" | "liveRefreshMs"> {
  const everyMs = readDelay(given, "every");
  const durationMs = readDelay(given, "duration");
  const refreshMs = readDelay(given, "refresh");
  const live = given.has("live");
  if (live && everyMs !== undefined) throw new UsageError("--live and --every exclude each other");
  if (live && given.last("format") === "json") throw new UsageError("--live is for people: it excludes -f json");
  if (!live && refreshMs !== undefined) throw new UsageError("--refresh is of --live");
  return {
    ...(everyMs === undefined ? {} : { everyMs }),
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(live ? { liveRefreshMs: refreshMs ?? REFRESH_MS } : {}),
  };
}

function readDelay(given: Given, key: "every" | "duration" | "refresh"): number | undefined {
  const text = given.last(key);
  if (text === undefined) return undefined;
  const ns = parseDuration(text);
  if (ns === undefined)
    throw new UsageError(`--${key}: '${text}' is not a duration`, "write it as in scripts: 500ms, 10s, 2m");
  const ms = Number(ns) / 1e6;
  if (ms < 1 || ms > DELAY_MAX_MS) throw new UsageError(`--${key}: '${text}' is not between 1ms and 24d`);
  return ms;
}

/** `-e` goes before a file, which then is the first parameter. */
function readScript(given: Given, operands: readonly string[]): { script: ScriptLocation; params: readonly string[] } {
  const text = given.last("e");
  if (text !== undefined) return { script: { kind: "text", text }, params: operands };
  if (operands.length === 0) throw new UsageError("a script is needed: a FILE, - for standard input, or -e 'PROGRAM'");
  const [path, ...params] = operands;
  return { script: path === "-" ? { kind: "stdin" } : { kind: "file", path }, params };
}

/** Lists as $PATH is one. */
function readDebugDirectories(given: Given): { readonly debugDirectories?: readonly string[] } {
  const paths = given.all("debuginfo").flatMap((value) => value.split(":").filter((path) => path !== ""));
  return paths.length > 0 ? { debugDirectories: paths } : {};
}

function readPid(given: Given, key: "pid" | "dwarf-pid" = "pid"): number | undefined {
  const text = given.last(key);
  if (text === undefined) return undefined;
  const digits = /^\d+/.exec(text)?.[0];
  if (digits === undefined) throw new UsageError(`Failed to parse pid: invalid integer: ${text}`);
  if (digits !== text) throw new UsageError(`Failed to parse pid: invalid trailing bytes: ${text}`);
  const pid = Number(text);
  if (pid === 0 || pid > PID_MAX) throw new UsageError(`Pid out of range: ${text}`);
  return pid;
}

/** Three options are short for a mode. */
function readMode(given: Given): Mode | undefined {
  const short = [
    ...(given.has("fmt") ? (["format"] as const) : []),
    ...(given.has("test") ? (["test"] as const) : []),
    ...(given.has("bench") ? (["bench"] as const) : []),
  ];
  const asked = [...new Set([...short, ...given.all("mode").map((mode) => oneOf("--mode", mode, MODES))])];
  if (asked.length > 1) throw new UsageError(`the modes ${asked.join(" and ")} exclude each other`);
  return asked[0];
}

function readFormat(given: Given): OutputFormat {
  const text = given.last("format") ?? "text";
  const format = FORMATS.find((each) => each === text);
  if (format !== undefined) return format;
  throw new UsageError(`Invalid output format "${text}"`, "Valid formats: 'text', 'json'");
}

function readRegExp(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Invalid --probe-filter regex '${text}': ${reason}`);
  }
}

function readWarnings(given: Given): WarningLevel {
  const more = given.all("warnings").length;
  if (more > 1) throw new UsageError("-kk is no longer a level of its own", "-k warns of failed reads and lookups");
  if (more === 1 && given.has("no-warnings")) throw new UsageError("-k and --no-warnings exclude each other");
  return given.has("no-warnings") ? 0 : more === 1 ? 2 : 1;
}

function readWithoutFeatures(given: Given): ReadonlySet<SwitchableFeature> {
  const names = given.words("no-feature").map((word) => oneOf("--no-feature", word, FEATURES));
  return new Set(names);
}

function readStages(given: Given): ReadonlySet<DebugStage> {
  const names = Object.keys(STAGES);
  return new Set(given.words("debug").flatMap((word) => STAGES[oneOf("--debug", word, names)]));
}

function oneOf<T extends string>(written: string, value: string, known: readonly T[]): T {
  const found = known.find((each) => each === value);
  if (found !== undefined) return found;
  const near = suggestionFor(value, known);
  throw new UsageError(
    `${written}: '${value}' is none of ${known.join(", ")}`,
    near === undefined ? undefined : `did you mean ${near}?`,
  );
}

/** The options, by what they are known by. */
class Given {
  readonly #options: ParsedArguments["options"];
  constructor(options: ParsedArguments["options"]) {
    this.#options = options;
  }
  has(key: OptionKey): boolean {
    return this.#options.some((option) => option.key === key);
  }
  all(key: OptionKey): readonly string[] {
    return this.#options.filter((option) => option.key === key).map((option) => option.value);
  }
  last(key: OptionKey): string | undefined {
    return this.all(key).at(-1);
  }
  /** The words of comma lists. */
  words(key: OptionKey): readonly string[] {
    return this.all(key).flatMap((value) => value.split(",").filter((word) => word !== ""));
  }
  oneOf<T extends string>(key: OptionKey, known: readonly T[]): T | undefined {
    const option = this.#options.findLast((each) => each.key === key);
    return option && oneOf(option.written, option.value, known);
  }
  optional<Name extends string>(key: OptionKey, name: Name): { readonly [name in Name]?: string } {
    const value = this.last(key);
    return value === undefined ? {} : ({ [name]: value } as { readonly [name in Name]?: string });
  }
}
