import type { Block } from "../blocks.ts";
import { type Column, fixed } from "../columns.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type MapEntries, type Plan, type Tool, ToolError } from "../tool.ts";

const PERIOD = 100;
const SECONDS = 10;

/** `beetrace llcstat` */
export const tool: Tool = {
  name: "llcstat",
  summary: "references to the last cache, and how many of them missed",
  group: "scheduler",
  options: [
    {
      long: "sample_period",
      letter: "c",
      argument: "N",
      kind: "int",
      help: `one of so many references and misses is looked at (default ${PERIOD})`,
    },
    { long: "tid", letter: "t", help: "each thread by itself" },
  ],
  positionals: [{ name: "seconds", kind: "number", help: `end after so many seconds (default ${SECONDS})` }],
  examples: [
    ["beetrace llcstat", "all processes, for ten seconds"],
    ["beetrace llcstat -t -c 1000 60", "threads, a sample of 1000, for a minute"],
  ],
  hooks: "perf events cache-references and cache-misses of the processor",
  plan,
};

function plan(given: Given): Plan {
  const period = given.int("sample_period") ?? PERIOD;
  if (period < 1) throw new ToolError("--sample_period has to be 1 or more");
  const seconds = given.int("seconds") ?? SECONDS;
  return {
    script: TOOL_SCRIPTS["llcstat/llcstat.bt"].replaceAll("PERIOD", String(period)),
    params: { threads: given.has("tid") },
    intro: `Running for ${seconds} seconds or hit Ctrl-C to end.`,
    durationMs: seconds * 1000,
    screen: {
      maps: ["@references", "@misses"],
      blocks: (maps) => blocksOf(maps("@references"), maps("@misses"), period, given.has("tid")),
    },
  };
}

function blocksOf(references: MapEntries, misses: MapEntries, period: number, threads: boolean): readonly Block[] {
  const missed = new Map(misses.entries.map(({ key, value }) => [JSON.stringify(key), Number(value) * period]));
  const rows = references.entries
    .map(({ key, value }) => {
      const [pid, tid, cpu, comm] = key as readonly [number, number, number, string];
      const counts = { references: Number(value) * period, misses: missed.get(JSON.stringify(key)) ?? 0 };
      return { pid, ...(threads ? { tid } : {}), comm, cpu, ...counts, hit_percent: hitPercent(counts) };
    })
    .sort((a, b) => b.references - a.references);
  const total = {
    references: rows.reduce((sum, row) => sum + row.references, 0),
    misses: rows.reduce((sum, row) => sum + row.misses, 0),
  };
  const text = `Total References: ${total.references} Total Misses: ${total.misses} Hit Rate: ${hitPercent(total).toFixed(2)}%\n`;
  return [
    { kind: "table", columns: columns(threads), rows },
    { kind: "lines", text },
  ];
}

/** Both are sampled, so that there can be more misses than references. */
function hitPercent({ references, misses }: { readonly references: number; readonly misses: number }): number {
  return references === 0 ? 0 : (Math.max(0, references - misses) / references) * 100;
}

function columns(threads: boolean): readonly Column[] {
  return [
    { title: "PID", field: "pid", width: -8 },
    ...(threads ? [{ title: "TID", field: "tid", width: -8 }] : []),
    { title: "NAME", field: "comm", width: -16 },
    { title: "CPU", field: "cpu", width: -4 },
    { title: "REFERENCE", field: "references", width: 12 },
    { title: "MISS", field: "misses", width: 12 },
    { title: "HIT%", field: "hit_percent", width: 7, text: (percent) => `${fixed(2)(percent)}%` },
  ];
}
