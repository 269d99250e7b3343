import type { JsonStats } from "@beetrace/output";
import { DISK_OPTION, diskParams } from "../block.ts";
import { type Column, cut, fixed, type Row } from "../columns.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type MapEntries, type Tool, ToolError } from "../tool.ts";
import { INTERVAL_AND_COUNT, TOP_OPTIONS, topIntro, topScreen } from "../top.ts";
import { kilobytes } from "../units.ts";

/** What rows are sorted by. */
const ORDERS: Readonly<Record<string, string>> = { io: "io", size: "bytes", time: "ns", all: "bytes" };

/** `beetrace biotop` */
export const tool: Tool = {
  name: "biotop",
  summary: "processes by their block I/O",
  group: "disks",
  options: [
    ...TOP_OPTIONS,
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    { long: "sort", letter: "s", argument: "ORDER", help: "by io, size or time; default size" },
    DISK_OPTION,
  ],
  positionals: INTERVAL_AND_COUNT,
  examples: [
    ["beetrace biotop", "refreshed each second"],
    ["beetrace biotop -C 5 3", "three tables of five seconds, one under another"],
  ],
  hooks: "raw tracepoints block_getrq, block_rq_issue, block_rq_complete",
  plan: (given) => {
    const order = orderOf(given);
    return {
      script: TOOL_SCRIPTS["biotop/biotop.bt"],
      params: diskParams(given),
      intro: topIntro(given),
      screen: topScreen(given, {
        maps: ["@bytes", "@ns"],
        columns: COLUMNS,
        rows: (maps) => rows(maps("@bytes"), maps("@ns")).sort((a, b) => Number(b[order]) - Number(a[order])),
      }),
    };
  },
};

const COLUMNS: readonly Column[] = [
  { title: "PID", field: "pid", width: -7 },
  { title: "COMM", field: "comm", width: -16, text: (comm) => (comm === "" ? "?" : cut(16)(comm)) },
  { title: "D", field: "operation", width: 1 },
  { title: "MAJ", field: "major", width: -3 },
  { title: "MIN", field: "minor", width: -3 },
  { title: "DISK", field: "disk", width: -8 },
  { title: "I/O", field: "io", width: 5 },
  { title: "Kbytes", field: "bytes", width: 7, text: kilobytes },
  { title: "AVGms", field: "average_ms", width: 6, text: fixed(2) },
];

function orderOf(given: Given): string {
  const name = given.text("sort") ?? "size";
  const order = ORDERS[name];
  if (order === undefined) throw new ToolError(`--sort: '${name}' is no order`, "known are io, size, time");
  return order;
}

function rows(bytes: MapEntries, ns: MapEntries): Row[] {
  const times = new Map(ns.entries.map(({ key, value }) => [JSON.stringify(key), Number(value)]));
  return bytes.entries.map(({ key, value }) => {
    const { count, total } = value as unknown as JsonStats;
    const time = times.get(JSON.stringify(key)) ?? 0;
    return {
      ...(key as Row),
      io: count as number,
      bytes: total as number,
      ns: time,
      average_ms: time / Number(count) / 1e6,
    };
  });
}
