import type { Block } from "../blocks.ts";
import { type Column, fixed } from "../columns.ts";
import { VERBOSE } from "../options.ts";
import { DETACHING } from "../pacing.ts";
import { cacheSizes, hitsAndMisses, PAGE_MAPS, pageHooks } from "../page-cache.ts";
import { clockColumn } from "../times.ts";
import type { Given, Machine, Plan, Row, Screen, Tool } from "../tool.ts";
import { INTERVAL_AND_COUNT, intervalMs } from "../top.ts";

/** `beetrace cachestat` */
export const tool: Tool = {
  name: "cachestat",
  summary: "the page cache: how often it has what is asked for",
  group: "files",
  options: [{ long: "timestamp", letter: "T", help: "the time of day" }, VERBOSE],
  positionals: INTERVAL_AND_COUNT,
  examples: [
    ["beetrace cachestat", "each second"],
    ["beetrace cachestat -T 1 10", "ten times, with the time"],
    ["beetrace cachestat --name postgres", "what tasks of this name ask for"],
  ],
  hooks:
    "fentry, else kprobe filemap_add_folio, folio_mark_accessed, mark_buffer_dirty, and raw tracepoint " +
    "writeback_dirty_folio; else tracepoints filemap:mm_filemap_{add_to_page_cache,get_pages,fault,map_pages} and " +
    "block:block_{touch,dirty}_buffer",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const count = given.int("count") ?? 0;
  let shown = 0;
  return {
    ...pageHooks(machine, "cachestat"),
    columns: columns(given),
    screen: {
      maps: PAGE_MAPS,
      intervalMs: intervalMs(given),
      ...(count > 0 ? { count } : {}),
      blocks: (maps, { isLast }): readonly Block[] => {
        const isEnough = ++shown === count;
        return [{ kind: "rows", rows: [row(maps)] }, ...(isLast && !isEnough ? [DETACHING] : [])];
      },
    },
  };
}

function row(maps: Parameters<Screen["blocks"]>[0]): Row {
  const [added, accessed, buffers, dirtied] = PAGE_MAPS.map((name) => Number(maps(name).entries[0]?.value ?? 0));
  const { hits, misses } = hitsAndMisses({ added, accessed, buffers, dirtied });
  const hit_ratio = hits + misses === 0 ? 0 : (100 * hits) / (hits + misses);
  return { hits, misses, dirties: buffers, hit_ratio, ...cacheSizes() };
}

function columns(given: Given): readonly Column[] {
  return [
    ...(given.has("timestamp") ? [clockColumn()] : []),
    { title: "HITS", field: "hits", width: 8 },
    { title: "MISSES", field: "misses", width: 8 },
    { title: "DIRTIES", field: "dirties", width: 8 },
    { title: "HITRATIO", field: "hit_ratio", width: 8, text: (ratio) => `${Number(ratio).toFixed(2)}%` },
    { title: "BUFFERS_MB", field: "buffers_mb", width: 12, text: fixed(0) },
    { title: "CACHED_MB", field: "cached_mb", width: 10, text: fixed(0) },
  ];
}
