import type { Block } from "../blocks.ts";
import type { Column, Row } from "../columns.ts";
import { cacheSizes, PAGE_MAPS, pageHooks } from "../page-cache.ts";
import type { Given, Machine, Plan, Screen, Tool } from "../tool.ts";
import { intervalMs } from "../top.ts";
import { userName } from "../who.ts";

const INTERVAL = 5;

/** `beetrace cachetop` */
export const tool: Tool = {
  name: "cachetop",
  summary: "processes by what they ask of the page cache, refreshed",
  group: "files",
  options: [{ long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" }],
  positionals: [
    { name: "interval", kind: "number", help: `seconds between two outputs; default ${INTERVAL}` },
    { name: "count", kind: "int", help: "how many outputs" },
  ],
  examples: [
    ["beetrace cachetop", "refreshed each five seconds; letters choose what it is sorted by, q ends"],
    ["beetrace cachetop 1", "each second"],
  ],
  hooks:
    "fentry, else kprobe filemap_add_folio, folio_mark_accessed, mark_buffer_dirty, and raw tracepoint " +
    "writeback_dirty_folio; else tracepoints filemap:mm_filemap_{add_to_page_cache,get_pages,fault,map_pages} and " +
    "block:block_{touch,dirty}_buffer",
  plan,
};

const padded = (width: number) => (value: unknown) => String(value).padStart(width);
const share = (value: unknown) => `${Number(value).toFixed(1).padStart(9)}%`;

/** Titles are flush left, numbers flush right. */
const COLUMNS: readonly Column[] = [
  { title: "PID", field: "pid", width: -8, text: padded(8) },
  { title: "UID", field: "user", width: -8, text: (user) => String(user).slice(0, 8) },
  { title: "CMD", field: "comm", width: -16 },
  { title: "HITS", field: "hits", width: -8, text: padded(8) },
  { title: "MISSES", field: "misses", width: -8, text: padded(8) },
  { title: "DIRTIES", field: "dirties", width: -8, text: padded(8) },
  { title: "READ_HIT%", field: "read_hit", width: -10, text: share },
  { title: "WRITE_HIT%", field: "write_hit", width: -10, text: share },
];

function plan(given: Given, machine: Machine): Plan {
  return {
    ...pageHooks(machine, "cachetop"),
    screen: {
      maps: PAGE_MAPS,
      intervalMs: intervalMs(given, INTERVAL),
      ...(given.has("count") ? { count: given.int("count") ?? 0 } : {}),
      clears: true,
      blocks: (maps, { time }): readonly Block[] => [
        { kind: "lines", text: titleLine(time) },
        { kind: "table", columns: COLUMNS, rows: rows(maps).sort((a, b) => Number(b.hits) - Number(a.hits)) },
      ],
    },
  };
}

function titleLine(time: string): string {
  const { buffers_mb, cached_mb } = cacheSizes();
  return `${time} Buffers MB: ${buffers_mb.toFixed(0)} / Cached MB: ${cached_mb.toFixed(0)}\n`;
}

type Calls = Record<(typeof PAGE_MAPS)[number], number>;

function rows(maps: Parameters<Screen["blocks"]>[0]): Row[] {
  const all = new Map<string, Calls>();
  for (const name of PAGE_MAPS)
    for (const { key, value } of maps(name).entries) {
      const id = JSON.stringify(key);
      const calls = all.get(id) ?? { "@added": 0, "@accessed": 0, "@buffers": 0, "@dirtied": 0 };
      all.set(id, { ...calls, [name]: Number(value) });
    }
  return [...all].map(([id, calls]) => row(JSON.parse(id) as [number, number, string], calls));
}

/** Here a hit is every access, a miss every page that is added or written to, as this tool has always counted. */
function row([pid, uid, comm]: [number, number, string], calls: Calls): Row {
  const hits = calls["@accessed"] + calls["@buffers"];
  const misses = calls["@added"] + calls["@dirtied"];
  const percent = (count: number) => (count === 0 ? 0 : (100 * count) / (hits + misses));
  return {
    pid,
    uid,
    user: userName(uid) ?? `UNKNOWN(${uid})`,
    comm,
    hits,
    misses,
    dirties: calls["@buffers"],
    read_hit: percent(calls["@accessed"]),
    write_hit: percent(calls["@added"]),
  };
}
