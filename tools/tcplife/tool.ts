import { type Column, secondsColumn } from "../columns.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { FAMILY_OPTIONS, socketFilter } from "../socket-filter.ts";
import { clockColumn } from "../times.ts";
import type { Given, Tool } from "../tool.ts";
import { commColumn, kilobytes, milliseconds } from "../units.ts";

/** `beetrace tcplife` */
export const tool: Tool = {
  name: "tcplife",
  summary: "TCP sessions: how long they lived, what they carried",
  group: "network",
  options: [
    { long: "time", letter: "T", help: "the time of day" },
    { long: "timestamp", letter: "t", help: "seconds since the first session that ended" },
    { long: "wide", letter: "w", help: "columns for IPv6, and the IP version" },
    { long: "csv", letter: "s", help: "comma-separated values" },
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    { long: "localport", letter: "L", argument: "PORTS", kind: "list", help: "only these local ports: 80,443" },
    { long: "remoteport", letter: "D", argument: "PORTS", kind: "list", help: "only these remote ports: 80,443" },
    ...FAMILY_OPTIONS,
    { long: "min", letter: "m", argument: "MS", kind: "number", help: "only sessions that lived so long" },
  ],
  examples: [
    ["beetrace tcplife", "all sessions, as they end"],
    ["beetrace tcplife -m 1000", "those that lived a second or longer"],
    ["beetrace tcplife -D 80,443", "with web servers"],
    ["beetrace tcplife --csv > sessions.csv", "for programs"],
  ],
  hooks: "raw tracepoint inet_sock_set_state",
  plan: (given) => ({
    script: TOOL_SCRIPTS["tcplife/tcplife.bt"] + socketFilter(given, { local: ["localport"], remote: ["remoteport"] }),
    params: { min: Math.round(Number(given.text("min") ?? 0) * 1e6) },
    columns: columns(given),
  }),
};

function columns(given: Given): readonly Column[] {
  const wide = given.has("wide");
  const address = wide ? -39 : -15;
  return [
    ...(given.has("time") ? [clockColumn()] : []),
    ...(given.has("timestamp") ? [secondsColumn("TIME(s)", "ns", -9, 6)] : []),
    { title: "PID", field: "pid", width: -5 },
    commColumn(wide ? 16 : 10),
    ...(wide ? [{ title: "IP", field: "ip", width: -2 }] : []),
    { title: "LADDR", field: "laddr", width: address },
    { title: "LPORT", field: "lport", width: -5 },
    { title: "RADDR", field: "raddr", width: address },
    { title: "RPORT", field: "rport", width: -5 },
    { title: "TX_KB", field: "tx_bytes", width: wide ? 6 : 5, text: kilobytes },
    { title: "RX_KB", field: "rx_bytes", width: wide ? 6 : 5, text: kilobytes },
    { title: "MS", field: "age_ns", width: 0, text: milliseconds(2) },
  ];
}
