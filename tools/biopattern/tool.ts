import type { JsonStats } from "@beetrace/output";
import { DISK_OPTION, diskParams } from "../block.ts";
import type { Row } from "../columns.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import type { MapEntries, Tool } from "../tool.ts";

/** `beetrace biopattern` */
export const tool: Tool = {
  name: "biopattern",
  summary: "how much of each disk's I/O is random, how much sequential",
  group: "disks",
  hasNoTasks: true,
  options: [DISK_OPTION],
  positionals: [
    { name: "interval", kind: "number", help: "seconds between two outputs" },
    { name: "count", kind: "int", help: "how many outputs" },
  ],
  examples: [
    ["beetrace biopattern", "until Ctrl-C"],
    ["beetrace biopattern -d vda 1 10", "of one disk, ten times a second's"],
  ],
  hooks: "raw tracepoint block_rq_complete",
  plan: (given) => {
    return {
      script: TOOL_SCRIPTS["biopattern/biopattern.bt"],
      params: diskParams(given),
      columns: [
        { title: "TIME", field: "time", width: -9 },
        { title: "DISK", field: "disk", width: -7 },
        { title: "%RND", field: "random_percent", width: 5 },
        { title: "%SEQ", field: "sequential_percent", width: 5 },
        { title: "COUNT", field: "count", width: 8 },
        { title: "KBYTES", field: "kbytes", width: 10 },
      ],
      screen: {
        maps: ["@bytes"],
        ...(given.has("interval") ? { intervalMs: (given.int("interval") ?? 1) * 1000 } : {}),
        ...(given.has("count") ? { count: given.int("count") ?? 0 } : {}),
        blocks: (maps, { time }) => [{ kind: "rows", rows: rows(maps("@bytes"), time) }],
      },
    };
  },
};

function rows({ entries }: MapEntries, time: string): Row[] {
  const disks = [...new Set(entries.map(({ key }) => (key as readonly unknown[])[0] as string))].sort();
  return disks.map((disk) => {
    const [random, sequential] = [false, true].map((sequentially) => statsOf(entries, disk, sequentially));
    const count = random.count + sequential.count;
    return {
      time,
      disk,
      random_percent: Math.floor((random.count * 100) / count),
      sequential_percent: Math.floor((sequential.count * 100) / count),
      count,
      kbytes: Math.floor((random.total + sequential.total) / 1024),
    };
  });
}

function statsOf(entries: MapEntries["entries"], disk: string, sequentially: boolean) {
  const entry = entries.find(({ key }) => JSON.stringify(key) === JSON.stringify([disk, sequentially]));
  const { count, total } = (entry?.value ?? { count: 0, total: 0 }) as unknown as JsonStats;
  return { count: Number(count), total: Number(total) };
}
