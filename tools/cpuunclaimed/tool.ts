import { cpus } from "node:os";
import type { Block } from "../blocks.ts";
import { csvHeader, csvRow, type Row } from "../columns.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type Machine, type Moment, type Plan, type Tool, ToolError } from "../tool.ts";
import { INTERVAL_AND_COUNT, intervalMs } from "../top.ts";
import { claims, type Group, groupsOf, type Sample, spanNs } from "./samples.ts";

const HZ = 99;
/** A jump of time that begins the next group. */
const GAP_NS = 0.8e9 / HZ;
/** How often samples are printed one by one. */
const SAMPLES_MS = 200;

/** `beetrace cpuunclaimed` */
export const tool: Tool = {
  name: "cpuunclaimed",
  summary: "processors that are idle although tasks wait for others",
  group: "scheduler",
  hasNoTasks: true,
  options: [
    { long: "csv", letter: "j", help: "the samples, as comma-separated values" },
    { long: "fullcsv", letter: "J", help: "the samples, also how long after each other they were taken" },
    { long: "timestamp", letter: "T", help: "the time of day in front of each line" },
  ],
  positionals: INTERVAL_AND_COUNT,
  examples: [
    ["beetrace cpuunclaimed", "each second"],
    ["beetrace cpuunclaimed -T 5 10", "each five seconds, ten times, with the time"],
    ["beetrace cpuunclaimed -j", "all samples"],
  ],
  hooks: `perf event cpu-clock, ${HZ} times a second on each processor`,
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  if (!machine.hasField("cfs_rq", "rq"))
    throw new ToolError("cpuunclaimed needs a kernel with CONFIG_FAIR_GROUP_SCHED");
  const lists = given.has("csv") || given.has("fullcsv");
  if (lists && given.has("interval")) throw new ToolError("--csv and --fullcsv have no interval");
  const seconds = given.text("interval") ?? "1";
  let samples: Sample[] = [];
  const wholeGroups = (isLast: boolean): readonly Group[] => {
    const groups = groupsOf(samples, GAP_NS);
    samples = isLast ? [] : [...(groups.at(-1) ?? [])];
    return isLast ? groups : groups.slice(0, -1);
  };
  let lines = 0;
  return {
    script: TOOL_SCRIPTS["cpuunclaimed/cpuunclaimed.bt"],
    // Since Linux 6.14 what is queued may also be asleep already.
    params: { field: machine.hasField("cfs_rq", "h_nr_runnable") ? "h_nr_runnable" : "h_nr_running" },
    ...(lists ? {} : { intro: `Sampling run queues... Output every ${seconds} seconds. Hit Ctrl-C to end.` }),
    toRow: ({ ns, cpu, tasks }) => {
      samples.push({ ns: Number(ns), cpu: Number(cpu), tasks: Number(tasks) });
      return undefined;
    },
    screen: {
      maps: [],
      intervalMs: lists ? SAMPLES_MS : intervalMs(given),
      ...(given.has("count") ? { count: given.int("count") ?? 0 } : {}),
      blocks: (_, moment) => {
        const groups = wholeGroups(moment.isLast);
        if (!lists) return summary(groups, given, moment);
        const rows = groups.map((group) => groupRow(group, given, moment));
        const text = rows.map((row) => (lines++ === 0 ? csvHeader(row) : "") + csvRow(row)).join("");
        return [{ kind: "lines", text, rows }];
      },
    },
  };
}

/**
 * Samples of a group that were not taken at about one time say nothing of who is idle while others wait: processors that
 * slept, or had their clock late.
 */
function summary(groups: readonly Group[], given: Given, { time }: Moment): readonly Block[] {
  const together = groups.filter((group) => spanNs(group) <= GAP_NS / 2);
  const { busy, unclaimed } = claims(together, cpus().length);
  const prefix = given.has("timestamp") ? `${time} ` : "";
  const percent = (share: number) => (100 * share).toFixed(2);
  const text = `${prefix}%CPU ${percent(busy).padStart(6)}%, unclaimed idle ${percent(unclaimed)}%\n`;
  const skewed = groups.length - together.length;
  return [
    {
      kind: "lines",
      text,
      rows: [{ busy_percent: 100 * busy, unclaimed_percent: 100 * unclaimed, samples: together.length, skewed }],
    },
    ...(skewed * 2 > groups.length ? [{ kind: "notice" as const, text: SKEWED }] : []),
  ];
}

const SKEWED =
  "WARNING: most samples of the processors were taken at different times (they may have slept): -J shows how far\n";

/** Fields are named as BCC has them. */
function groupRow(group: Group, given: Given, { time }: Moment): Row {
  const each = (name: string, value: (sample: Sample) => number) =>
    Object.fromEntries(
      Array.from(cpus(), (_, cpu) => {
        const sample = group.find((one) => one.cpu === cpu);
        return [`${name}${cpu}`, sample === undefined ? 0 : value(sample)];
      }),
    );
  return {
    ...(given.has("timestamp") && given.has("fullcsv") ? { TIME: time } : {}),
    TIMESTAMP_ns: group[0].ns,
    ...each("CPU", ({ tasks }) => tasks),
    ...(given.has("fullcsv") ? each("OFFSET_ns_CPU", ({ ns }) => ns - group[0].ns) : {}),
  };
}
