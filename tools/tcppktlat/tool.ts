import type { Column } from "../columns.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { FAMILY_OPTIONS, socketFilter } from "../socket-filter.ts";
import { clockColumn } from "../times.ts";
import type { Given, Tool } from "../tool.ts";
import { milliseconds } from "../units.ts";

/** `beetrace tcppktlat` */
export const tool: Tool = {
  name: "tcppktlat",
  summary: "how long data that came by TCP waits until the program takes it",
  group: "network",
  options: [
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    { long: "tid", letter: "t", argument: "TID", kind: "int", help: "this thread only" },
    { long: "timestamp", letter: "T", help: "the time of day" },
    { long: "lport", letter: "l", argument: "PORTS", kind: "list", help: "only these local ports: 80,443" },
    { long: "rport", letter: "r", argument: "PORTS", kind: "list", help: "only these remote ports: 80,443" },
    { long: "wide", letter: "w", help: "columns for IPv6" },
    ...FAMILY_OPTIONS,
  ],
  positionals: [{ name: "min_us", kind: "int", help: "only what waits longer than so many microseconds" }],
  examples: [
    ["beetrace tcppktlat", "all reads"],
    ["beetrace tcppktlat -l 443 1000", "of a server, what waits longer than a millisecond"],
  ],
  hooks: "raw tracepoints tcp_probe, tcp_rcv_space_adjust, tcp_destroy_sock",
  plan: (given) => ({
    script: TOOL_SCRIPTS["tcppktlat/tcppktlat.bt"] + socketFilter(given, { local: ["lport"], remote: ["rport"] }),
    params: { min_us: given.int("min_us") ?? 0 },
    columns: columns(given),
  }),
};

function columns(given: Given): readonly Column[] {
  const address = given.has("wide") ? -26 : -15;
  return [
    ...(given.has("timestamp") ? [{ ...clockColumn(), title: "TIME(s)" }] : []),
    { title: "PID", field: "pid", width: -7 },
    { title: "TID", field: "tid", width: -7 },
    { title: "COMM", field: "comm", width: -16 },
    { title: "LADDR", field: "laddr", width: address },
    { title: "LPORT", field: "lport", width: -5 },
    { title: "RADDR", field: "raddr", width: address },
    { title: "RPORT", field: "rport", width: -5 },
    { title: "MS", field: "latency_ns", width: 0, text: milliseconds(2) },
  ];
}
