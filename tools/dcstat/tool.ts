import type { Column } from "../columns.ts";
import { dcacheHooks } from "../dcache.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import type { Given, Machine, MapEntries, Plan, Tool } from "../tool.ts";
import { INTERVAL_AND_COUNT, intervalMs } from "../top.ts";

/** `beetrace dcstat` */
export const tool: Tool = {
  name: "dcstat",
  summary: "the cache of names of files: how often it has what is looked up",
  group: "files",
  options: [],
  positionals: INTERVAL_AND_COUNT,
  examples: [
    ["beetrace dcstat", "each second"],
    ["beetrace dcstat 5 10", "ten times, five seconds each"],
  ],
  hooks: "fentry, else kprobe lookup_fast; fexit, else kretprobe d_lookup",
  plan,
};

const COUNTS = ["refs", "slow", "miss"] as const;

function plan(given: Given, machine: Machine): Plan {
  const interval = intervalMs(given);
  return {
    script: dcacheHooks(machine, "dcstat", TOOL_SCRIPTS["dcstat/dcstat.bt"]),
    columns: columns(interval / 1000),
    screen: {
      maps: COUNTS.map((name) => `@${name}`),
      intervalMs: interval,
      ...(given.has("count") ? { count: given.int("count") ?? 0 } : {}),
      blocks: (maps, { time, elapsedMs }) => {
        const [refs = 0, slow = 0, miss = 0] = COUNTS.map((name) => total(maps(`@${name}`)));
        const hit_ratio = refs === 0 ? null : (100 * (refs - miss)) / refs;
        return [{ kind: "rows", rows: [{ time, seconds: Math.round(elapsedMs) / 1000, refs, slow, miss, hit_ratio }] }];
      },
    },
  };
}

function total({ entries }: MapEntries): number {
  return Number(entries[0]?.value ?? 0);
}

function columns(seconds: number): readonly Column[] {
  return [
    { title: "TIME", field: "time", width: -10, text: (time) => `${time}:` },
    ...COUNTS.map((name) => ({
      title: `${name.toUpperCase()}/s`,
      field: name,
      width: 8,
      text: (count: unknown) => String(Math.floor(Number(count) / seconds)),
    })),
    {
      title: "HIT%",
      field: "hit_ratio",
      width: 8,
      text: (ratio) => (ratio === null ? "-%" : Number(ratio).toFixed(2)),
    },
  ];
}
