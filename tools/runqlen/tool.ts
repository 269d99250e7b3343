import type { Block } from "../blocks.ts";
import { INTERVAL_AND_OUTPUTS, intervalAndOutputs, spaceAbove } from "../pacing.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import type { Given, Machine, MapEntries, Plan, Tool } from "../tool.ts";

/** `beetrace runqlen` */
export const tool: Tool = {
  name: "runqlen",
  summary: "how many tasks wait for a processor, sampled",
  group: "scheduler",
  options: [
    { long: "timestamp", letter: "T", help: "the time above each output" },
    { long: "runqocc", letter: "O", help: "the share of samples in which a task waited" },
    { long: "cpus", letter: "C", help: "each processor by itself" },
    { long: "host", letter: "H", help: "of the whole processor: other control groups and classes of tasks too" },
    { long: "frequency", letter: "f", argument: "HZ", kind: "int", help: "samples a second (default 99)" },
  ],
  positionals: INTERVAL_AND_OUTPUTS,
  examples: [
    ["beetrace runqlen", "until Ctrl-C"],
    ["beetrace runqlen -C 1 10", "each processor, ten times a second's"],
    ["beetrace runqlen -O 1", "how often a task waited"],
  ],
  hooks: "perf event cpu-clock, on each processor",
  hasHistograms: true,
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const perCpu = given.has("cpus");
  return {
    script: TOOL_SCRIPTS["runqlen/runqlen.bt"].replace("hz:99", `hz:${given.int("frequency") ?? 99}`),
    // Linux 6.14 has renamed it.
    params: {
      cpus: perCpu,
      field: machine.hasField("cfs_rq", "nr_queued") ? "nr_queued" : "nr_running",
      host: given.has("host"),
    },
    intro: "Sampling run queue length... Hit Ctrl-C to end.",
    screen: {
      maps: ["@waiting"],
      ...intervalAndOutputs(given),
      blocks: (maps, moment) => [
        spaceAbove(given, moment),
        ...byCpu(maps("@waiting")).map(([cpu, counts]) =>
          given.has("runqocc")
            ? occupancy(counts, perCpu ? cpu : undefined)
            : histogram(counts, perCpu ? cpu : undefined),
        ),
      ],
    },
  };
}

/** Samples by how many waited, of each processor; all are one where they are not told apart. */
function byCpu({ entries }: MapEntries): readonly (readonly [cpu: number, counts: readonly number[]])[] {
  const cpus = new Map<number, number[]>();
  for (const { key, value } of entries) {
    const [cpu, length] = key as readonly [number, number];
    const counts = cpus.get(cpu) ?? [];
    counts[length] = Number(value);
    cpus.set(cpu, counts);
  }
  const filled = [...cpus].map(([cpu, counts]) => [cpu, Array.from(counts, (count) => count ?? 0)] as const);
  return filled.sort(([a], [b]) => a - b);
}

function histogram(counts: readonly number[], cpu: number | undefined): Block {
  return { kind: "linear", unit: "runqlen", counts, ...(cpu === undefined ? {} : { section: `cpu = ${cpu}` }) };
}

function occupancy(counts: readonly number[], cpu: number | undefined): Block {
  const samples = counts.reduce((sum, count) => sum + count, 0);
  const percent = samples === 0 ? 0 : (100 * (samples - counts[0])) / samples;
  const text =
    cpu === undefined
      ? `runqocc: ${percent.toFixed(2)}%\n`
      : `runqocc, CPU ${String(cpu).padEnd(3)} ${percent.toFixed(2).padStart(6)}%\n`;
  return { kind: "lines", text, rows: [{ ...(cpu === undefined ? {} : { cpu }), runqocc: percent, samples }] };
}
