import { fixed, secondsColumn } from "../columns.ts";
import { queryProbes, withQueryProbes } from "../database.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type Machine, type Plan, type Tool, ToolError } from "../tool.ts";

/** Of a query's text. */
const QUERY_BYTES = 128;

/** `beetrace mysqld_qslower` */
export const tool: Tool = {
  name: "mysqld_qslower",
  summary: "queries of a MySQL server that take long",
  group: "databases",
  options: [],
  positionals: [
    { name: "server", kind: "int", help: "the server's process" },
    { name: "min_ms", kind: "number", help: "queries that take so long (default 1)" },
  ],
  examples: [
    ["beetrace mysqld_qslower 181", "1 ms and longer"],
    ["beetrace mysqld_qslower 181 0", "all queries"],
  ],
  hooks: "usdt query__start, query__done; without them uprobe and uretprobe dispatch_command",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const pid = given.int("server");
  if (pid === undefined)
    throw new ToolError("mysqld_qslower needs the server's process", "beetrace mysqld_qslower $(pidof mysqld)");
  const minMs = given.text("min_ms") ?? "1";
  const probes = queryProbes({ engine: "mysql", pids: [pid] }, machine);
  return {
    script: withQueryProbes(TOOL_SCRIPTS["dbslower/dbslower.bt"], probes),
    config: { max_strlen: QUERY_BYTES },
    params: { threshold: Math.round(Number(minMs) * 1e6), pid },
    intro: `Tracing MySQL server queries for PID ${pid} slower than ${minMs} ms...`,
    columns: [
      secondsColumn("TIME(s)", "ns", -14, 6),
      { title: "PID", field: "pid", width: -7 },
      { title: "MS", field: "latency_ns", width: 8, text: (ns) => fixed(3)(Number(ns) / 1e6) },
      { title: "QUERY", field: "query", width: 0 },
    ],
  };
}
