import type { Row } from "../columns.ts";
import { loadLine } from "../load.ts";
import { INTERVAL_AND_OUTPUTS, intervalAndOutputs } from "../pacing.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type MapEntries, type Plan, type Tool, ToolError } from "../tool.ts";

const ROWS = 20;
const ORDERS = { name: "cache", count: "allocs", size: "bytes" } as const;

/** `beetrace slabratetop` */
export const tool: Tool = {
  name: "slabratetop",
  summary: "caches of the kernel from which most memory is taken",
  group: "memory",
  options: [
    { long: "noclear", letter: "C", help: "do not clear the screen" },
    {
      long: "maxrows",
      letter: "r",
      also: ["rows"],
      argument: "ROWS",
      kind: "int",
      help: `so many rows at most; default ${ROWS}, or what fits`,
    },
    { long: "sort", letter: "s", argument: "KEY", help: "by name, count or size (default)" },
    { long: "pid", letter: "p", argument: "PID", kind: "ints", help: "what this process takes only" },
  ],
  positionals: INTERVAL_AND_OUTPUTS,
  examples: [
    ["beetrace slabratetop", "each second"],
    ["beetrace slabratetop -p 181", "of a process"],
    ["beetrace slabratetop -C -r 5 10 3", "five rows, three times each ten seconds, below each other"],
  ],
  hooks: "raw tracepoint kmem_cache_alloc",
  plan,
};

function plan(given: Given): Plan {
  const sort = given.text("sort") ?? "size";
  if (!isOrder(sort)) throw new ToolError(`--sort: '${sort}' is none of name, count, size`);
  const clears = !given.has("noclear");
  return {
    script: TOOL_SCRIPTS["slabratetop/slabratetop.bt"],
    screen: {
      maps: ["@allocated"],
      ...intervalAndOutputs(given, 1),
      clears,
      blocks: (maps, { time }) => [
        { kind: "lines", text: `${clears ? "" : "\n"}${loadLine(time)}\n` },
        {
          kind: "table",
          columns: [
            { title: "CACHE", field: "cache", width: -32 },
            { title: "ALLOCS", field: "allocs", width: 6 },
            { title: "BYTES", field: "bytes", width: 10 },
          ],
          rows: rowsOf(maps("@allocated"), ORDERS[sort]),
          most: given.int("maxrows"),
          usual: ROWS,
        },
      ],
    },
  };
}

function isOrder(word: string): word is keyof typeof ORDERS {
  return Object.hasOwn(ORDERS, word);
}

function rowsOf({ entries }: MapEntries, order: "cache" | "allocs" | "bytes"): readonly Row[] {
  const rows = entries.map(({ key, value }) => {
    const { count, total } = value as { count: number; total: number };
    return { cache: String(key), allocs: Number(count), bytes: Number(total) };
  });
  if (order === "cache") return rows.sort((a, b) => (a.cache < b.cache ? -1 : 1));
  return rows.sort((a, b) => b[order] - a[order]);
}
