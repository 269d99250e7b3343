import { type Column, secondsColumn } from "../columns.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { FAMILY_OPTIONS, socketFilter } from "../socket-filter.ts";
import type { Given, Tool } from "../tool.ts";
import { commColumn, milliseconds } from "../units.ts";

/** `beetrace tcpconnlat` */
export const tool: Tool = {
  name: "tcpconnlat",
  summary: "how long TCP connections take until the other end answers",
  group: "network",
  options: [
    { long: "timestamp", letter: "t", help: "seconds since the first connection" },
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    { long: "lport", letter: "L", help: "the local port" },
    ...FAMILY_OPTIONS,
  ],
  positionals: [{ name: "duration_ms", kind: "number", help: "only what took so many milliseconds or longer" }],
  examples: [
    ["beetrace tcpconnlat", "all connections"],
    ["beetrace tcpconnlat 100", "those that took 100 ms or longer"],
    ["beetrace tcpconnlat -L -p 1234", "of a process, with the local port"],
  ],
  hooks: "raw tracepoint inet_sock_set_state",
  plan: (given) => ({
    script: TOOL_SCRIPTS["tcpconnlat/tcpconnlat.bt"] + socketFilter(given, {}),
    params: { min: Math.round(Number(given.text("duration_ms") ?? 0) * 1e6) },
    columns: columns(given),
  }),
};

function columns(given: Given): readonly Column[] {
  return [
    ...(given.has("timestamp") ? [secondsColumn("TIME(s)", "ns", -9, 3)] : []),
    { title: "PID", field: "pid", width: -7 },
    commColumn(12),
    { title: "IP", field: "ip", width: -2 },
    { title: "SADDR", field: "saddr", width: -16 },
    ...(given.has("lport") ? [{ title: "LPORT", field: "lport", width: -6 }] : []),
    { title: "DADDR", field: "daddr", width: -16 },
    { title: "DPORT", field: "dport", width: -5 },
    { title: "LAT(ms)", field: "latency_ns", width: 0, text: milliseconds(2) },
  ];
}
