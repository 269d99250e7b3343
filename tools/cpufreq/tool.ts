import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { JsonValue } from "@beetrace/output";
import type { Block } from "../blocks.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type MapEntries, type Plan, type Tool, ToolError } from "../tool.ts";

/** `beetrace cpufreq` */
export const tool: Tool = {
  name: "cpufreq",
  summary: "at which frequencies processors run, and for whom",
  group: "scheduler",
  options: [
    { long: "duration", letter: "d", argument: "TIME", help: "end after so many seconds" },
    { long: "frequency", letter: "f", argument: "HZ", kind: "int", help: "samples a second; default 99" },
  ],
  examples: [
    ["beetrace cpufreq", "until Ctrl-C"],
    ["beetrace cpufreq -d 5", "for five seconds"],
    ["beetrace cpufreq --name postgres", "of tasks named so, and of all"],
  ],
  hooks: "tracepoint power:cpu_frequency, and perf event cpu-clock on each processor",
  plan,
};

/** A bar of the histograms, in megahertz; the last is without end. */
const STEP = 200;

function plan(given: Given): Plan {
  const hz = given.int("frequency") ?? 99;
  if (hz < 1) throw new ToolError("--frequency has to be more than 0");
  const known = currentFrequencies().map(([cpu, khz]) => `  @khz[(uint64)${cpu}] = (uint64)${khz};\n`);
  const script = TOOL_SCRIPTS["cpufreq/cpufreq.bt"].replace("hz:99", `hz:${hz}`);
  return {
    script: `${script}\nBEGIN\n{\n${known.join("")}}\n`,
    intro: "Sampling CPU freq system-wide & by process. Ctrl-C to end.",
    screen: {
      maps: ["@tasks", "@system"],
      blocks: (maps) => {
        const system = histogram("syswide", maps("@system").entries, (key) => Number(key));
        const tasks = byTask(maps("@tasks"));
        return [{ kind: "lines", text: "\n" }, ...tasks, { kind: "lines", text: "\n" }, system];
      },
    },
  };
}

const FOLDER = "/sys/devices/system/cpu";

/** What each processor runs at now; from here on the kernel tells of changes. Throws {@link ToolError}. */
function currentFrequencies(): readonly (readonly [cpu: number, khz: number])[] {
  const found = readdirSync(FOLDER)
    .filter((name) => /^cpu\d+$/.test(name))
    .map((name) => [Number(name.slice(3)), `${FOLDER}/${name}/cpufreq/scaling_cur_freq`] as const)
    .filter(([, file]) => existsSync(file));
  if (found.length === 0)
    throw new ToolError(
      "the kernel does not set frequencies here",
      `no ${FOLDER}/cpu*/cpufreq: a virtual machine has none`,
    );
  return found.flatMap(([cpu, file]) => {
    const khz = frequencyIn(file);
    return khz === undefined ? [] : [[cpu, khz] as const];
  });
}

/** None of a processor that is switched off: its file is there, and cannot be read. */
function frequencyIn(file: string): number | undefined {
  try {
    const khz = Number(readFileSync(file, "latin1"));
    return Number.isSafeInteger(khz) ? khz : undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EBUSY") return undefined;
    throw error;
  }
}

/** In the order of the tasks' names, with an empty line behind each. */
function byTask({ entries }: MapEntries): readonly Block[] {
  const commOf = (key: JsonValue) => (key as readonly [string, number])[0];
  const comms = [...new Set(entries.map(({ key }) => commOf(key)))].sort();
  return comms.flatMap((comm): readonly Block[] => [
    histogram(
      comm,
      entries.filter(({ key }) => commOf(key) === comm),
      (key) => Number((key as readonly [string, number])[1]),
    ),
    { kind: "lines", text: "\n" },
  ]);
}

function histogram(unit: string, entries: MapEntries["entries"], step: (key: JsonValue) => number): Block {
  const counts: number[] = [];
  for (const { key, value } of entries) counts[step(key)] = Number(value);
  return { kind: "linear", unit, step: STEP, trimmed: true, counts: Array.from(counts, (count) => count ?? 0) };
}
