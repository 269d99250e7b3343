/** What softirqs and hardirqs have in common: times or counts of interrupts by name. */
import type { JsonValue } from "@beetrace/output";
import type { Block } from "./blocks.ts";
import { histograms } from "./histograms.ts";
import { intervalAndOutputs, spaceAbove } from "./pacing.ts";
import { type Given, type MapEntries, type Plan, type Screen, ToolError, type ToolOption } from "./tool.ts";

/** How one of them calls things. */
export interface IrqKind {
  /** `SOFTIRQ` */
  readonly title: string;
  /** Of the column of names. */
  readonly width: number;
  /** The option for counts. */
  readonly counts: "events" | "count";
  readonly name: (key: JsonValue) => string;
}

/** Their options; `counts` is the name of the one for counts. */
export function irqOptions(counts: IrqKind["counts"]): readonly ToolOption[] {
  return [
    { long: "timestamp", letter: "T", help: "the time above each output" },
    { long: "nanoseconds", letter: "N", help: "in nanoseconds" },
    { long: counts, letter: "C", help: "how many there were in place of their time" },
    { long: "dist", letter: "d", also: ["distributed"], help: "a histogram for each" },
    { long: "cpu", letter: "c", argument: "CPU", kind: "int", help: "on this processor only" },
  ];
}

/** The parameters of their scripts, and what they show of `@irqs`. Throws {@link ToolError}. */
export function irqPlan(given: Given, kind: IrqKind): Pick<Plan, "params" | "screen"> & { readonly screen: Screen } {
  const counts = given.has(kind.counts);
  if (counts && (given.has("dist") || given.has("nanoseconds")))
    throw new ToolError(`--${kind.counts} has no times: it excludes --dist and --nanoseconds`);
  const divisor = counts || given.has("nanoseconds") ? 1 : 1000;
  const unit = counts ? "count" : divisor === 1 ? "nsecs" : "usecs";
  return {
    params: {
      [kind.counts]: counts,
      cpu: given.int("cpu") ?? -1,
      ...(counts ? {} : { dist: given.has("dist") }),
      ...(given.has("dist") ? { divisor } : {}),
    },
    screen: {
      maps: ["@irqs"],
      ...intervalAndOutputs(given),
      blocks: (maps, moment) => [
        spaceAbove(given, moment),
        ...(given.has("dist")
          ? histograms(maps("@irqs"), unit, (key) => `${kind.title.toLowerCase()} = ${kind.name(key)}`)
          : [totals(maps("@irqs"), kind, unit, divisor)]),
      ],
    },
  };
}

/** The largest first. */
function totals({ entries }: MapEntries, { title, width, name }: IrqKind, unit: string, divisor: number): Block {
  const field = unit === "count" ? "count" : `total_${unit}`;
  const rows = entries
    .map(({ key, value }) => ({ name: name(key), total: Number(value) }))
    .sort((a, b) => b.total - a.total)
    .map((row) => ({ [title.toLowerCase()]: row.name, [field]: Math.floor(row.total / divisor) }));
  return {
    kind: "table",
    columns: [
      { title, field: title.toLowerCase(), width: -width },
      { title: `TOTAL_${unit}`, field, width: 11 },
    ],
    rows,
  };
}

/** include/linux/interrupt.h: the order of the enumeration, the names of /proc/softirqs in BCC's spelling. */
const SOFTIRQS = [
  "hi",
  "timer",
  "net_tx",
  "net_rx",
  "block",
  "irq_poll",
  "tasklet",
  "sched",
  "hrtimer",
  "rcu",
] as const;

/** The name of a soft interrupt, by its vector. */
export function softirqName(vector: JsonValue): string {
  return SOFTIRQS[Number(vector)] ?? String(vector);
}
