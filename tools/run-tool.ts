/** Runs a tool: reads its options, makes its script, shows what comes of it. */
import { resolve } from "node:path";
import { isatty } from "node:tty";
import { isAtLeast, kernelVersion } from "@beetrace/ebpf";
import { parseShare } from "@beetrace/std";
import { liveTarget, type Presentation, type RunOptions, run } from "@beetrace/tracer";
import { containerGroup } from "./containers.ts";
import { controlGroup, controlGroupParams } from "./control-groups.ts";
import { paletteOf } from "./heat-colors.ts";
import { machineOf } from "./machine.ts";
import { readGiven, readTime } from "./options.ts";
import { type Format, ToolPrinter } from "./presentation.ts";
import { TOOL_SCRIPTS } from "./scripts.ts";
import { type Answer, type Given, type Plan, type Tool, ToolError } from "./tool.ts";
import { TopView } from "./top-view.ts";
import { userId } from "./who.ts";

/** What a run of a tool is told beside its arguments. */
export interface ToolRunOptions {
  readonly environment: RunOptions["environment"];
  readonly color: boolean;
}

/** Prints text to where results go. */
type Print = (text: string) => void;

/** Runs a tool with these arguments; gives the exit code. Throws {@link ToolError} for wrong use. */
export async function runTool(
  tool: Tool,
  argv: readonly string[],
  options: ToolRunOptions,
  print: Print,
): Promise<number> {
  const given = readGiven(tool, argv);
  const plan = planOf(tool, given);
  if ("answer" in plan) {
    print(plan.answer);
    return 0;
  }
  if (given.has("ebpf")) {
    print(sourceOf(plan));
    return 0;
  }
  checkPace(plan);
  return run(runOptions(tool, given, plan, options));
}

function checkPace({ screen }: Plan): void {
  if ((screen?.intervalMs ?? 1) <= 0) throw new ToolError("the interval has to be more than 0");
  if ((screen?.count ?? 1) <= 0) throw new ToolError("there has to be at least one output");
}

function planOf(tool: Tool, given: Given): Plan | Answer {
  using target = liveTarget({});
  return tool.plan(given, machineOf(target));
}

/** A script that tools import. */
function importedScript(path: string): string | undefined {
  const isOld = path === CONTROL_GROUP && !isAtLeast(kernelVersion(), "6.1");
  return TOOL_SCRIPTS[isOld ? "control-group-old.bt" : path];
}

/** The script that another takes the place of before Linux 6.1. */
const CONTROL_GROUP = "control-group.bt";
const STDIN = 0;
const STDOUT = 1;

function runOptions(tool: Tool, given: Given, plan: Plan, { environment, color }: ToolRunOptions): RunOptions {
  const durationMs = hasTime(tool, given) ? readTime(given.text("duration") ?? "", "--duration") : plan.durationMs;
  return {
    source: sourceOf(plan),
    sourceName: `${tool.name}.bt`,
    namedParams: namedParams(plan, given),
    readImport: (path) => {
      const text = importedScript(path);
      return text === undefined ? undefined : [{ name: `tools/${path}`, text }];
    },
    environment,
    color,
    hidesCompilerWarnings: true,
    unsafe: given.has("unsafe") || plan.changesSystem === true,
    reportsCosts: given.has("verbose"),
    ...(plan.pid === undefined ? {} : { pid: plan.pid }),
    ...(plan.command === undefined ? {} : { command: plan.command }),
    ...(plan.probeFilter === undefined ? {} : { probeFilter: plan.probeFilter }),
    ...(plan.includes === undefined ? {} : { includeFiles: plan.includes.files, includeDirs: plan.includes.folders }),
    ...(durationMs === undefined ? {} : { durationMs }),
    ...budgetOf(given),
    ...intervalOf(given, plan),
    presentation: presentation(tool, given, plan, color),
  };
}

/** A tool's probes need each other: it goes on with all of them or with none. */
function budgetOf(given: Given): Pick<RunOptions, "maxOverhead" | "onOverrun"> {
  const text = given.text("max-overhead");
  if (text === undefined) return {};
  const maxOverhead = parseShare(text);
  if (maxOverhead === undefined)
    throw new ToolError(`--max-overhead: '${text}' is no share of a CPU`, "write it as 1% or 0.01");
  return { maxOverhead, onOverrun: "end" };
}

/** Whether the time after which it ends was given: a tool's own --duration that is a number is of what it shows. */
function hasTime(tool: Tool, given: Given): boolean {
  return given.has("duration") && tool.options.find(({ long }) => long === "duration")?.kind !== "int";
}

/** Of what is drawn as it changes, each second unless something else was asked for. */
const LIVE_INTERVAL_MS = 1000;

function intervalOf(given: Given, { screen }: Plan): { everyMs?: number } {
  const everyMs = screen?.intervalMs ?? (screen !== undefined && given.has("live") ? LIVE_INTERVAL_MS : undefined);
  return everyMs === undefined ? {} : { everyMs };
}

function presentation(tool: Tool, given: Given, plan: Plan, color: boolean): Presentation {
  const { screen } = plan;
  const format = formatOf(given);
  // Where it is an option of the tool, the tool shows it as text by itself.
  const timestamps = format === "text" ? hasCommon(tool, given, "timestamp") : given.has("timestamp");
  const isTerminal = isatty(STDOUT) && process.env.TERM !== "dumb";
  const hasScreen = screen?.clears === true && format === "text" && isTerminal && isatty(STDIN);
  const view = hasScreen ? new TopView(`${tool.name}: waiting for the first table\n`, color) : undefined;
  let printer: ToolPrinter | undefined;
  return {
    maps: screen?.maps ?? [],
    reads: screen?.reads ?? [],
    printer: (out, err, resolver, stop) => {
      const live = { title: tool.name, palette: paletteOf(color, process.env) };
      const options = { plan, format, timestamps, isTerminal, stop, view, ...(given.has("live") ? { live } : {}) };
      printer = new ToolPrinter(out, err, resolver, options);
      return printer;
    },
    onInterval: () => printer?.interval() ?? false,
    onEnd: () => printer?.end(),
    ...(view && { screen: { lines: (size, written) => view.lines(size, written), onKey: (key) => view.press(key) } }),
  };
}

/** Whether the option of all tools was given: one of the tool's own of that name means something else. */
function hasCommon(tool: Tool, given: Given, name: string): boolean {
  return given.has(name) && !tool.options.some(({ long }) => long === name);
}

function formatOf(given: Given): Format {
  if (given.has("json") && given.has("csv")) throw new ToolError("--json and --csv exclude each other");
  return given.has("json") ? "json" : given.has("csv") ? "csv" : "text";
}

/** The script, with its settings in front. */
function sourceOf({ config, script }: Plan): string {
  if (config === undefined) return script;
  const settings = Object.entries(config).map(([name, value]) => `  ${name} = ${value};\n`);
  return `config = {\n${settings.join("")}}\n\n${script}`;
}

/** The filters that all tools have; a script that takes none of them has options of its own. */
function namedParams(plan: Plan, given: Given): string[] {
  const command = plan.command === undefined ? {} : { command: true };
  const filters = imports(plan.script, "filter.bt") ? { ...filterParams(given), ...command } : {};
  return Object.entries({ ...filters, ...plan.params }).map(([name, value]) => `--${name}=${value}`);
}

/** Whether a script imports one of the tools' scripts, itself or through another. */
function imports(script: string, path: string): boolean {
  const paths = [...script.matchAll(/^import "([^"]+)";/gm)].map(([, imported]) => imported);
  return paths.some((imported) => imported === path || imports(TOOL_SCRIPTS[imported] ?? "", path));
}

function filterParams(given: Given): Record<string, string | number> {
  const params: Record<string, string | number> = {};
  for (const name of ["pid", "tid"]) Object.assign(params, listParams(name, given.ints(name)));
  if (given.has("uid")) params.uid = userId(given.text("uid") ?? "");
  if (given.has("name")) params.name = given.text("name") ?? "";
  for (const name of ["cgroupmap", "mntnsmap"]) if (given.has(name)) params[name] = resolve(given.text(name) ?? "");
  return Object.assign(params, groupParams(given));
}

function groupParams(given: Given): Readonly<Record<string, number>> {
  const [path, container] = [given.text("cgroup"), given.text("container")];
  if (path !== undefined && container !== undefined) throw new ToolError("--cgroup and --container exclude each other");
  if (path !== undefined) return controlGroupParams(controlGroup(path));
  return container === undefined ? {} : controlGroupParams(controlGroup(containerGroup(container)));
}

/** As many numbers as BCC's tools take of one option: filter.bt has so many. */
const LIST_MAX = 5;

/** `pid`, `pid2`, `pid3` … */
function listParams(name: string, numbers: readonly number[]): Record<string, number> {
  if (numbers.length > LIST_MAX) throw new ToolError(`--${name}: ${LIST_MAX} at most`);
  return Object.fromEntries(numbers.map((number, index) => [index === 0 ? name : `${name}${index + 1}`, number]));
}
