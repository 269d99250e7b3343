import { type Column, secondsColumn } from "../columns.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { FAMILY_OPTIONS, socketFilter } from "../socket-filter.ts";
import { acceptHook } from "../tcp-accept.ts";
import { clockColumn } from "../times.ts";
import type { Given, Tool } from "../tool.ts";
import { commColumn } from "../units.ts";

/** `beetrace tcpaccept` */
export const tool: Tool = {
  name: "tcpaccept",
  summary: "TCP connections that are accepted here",
  group: "network",
  options: [
    { long: "time", letter: "T", help: "the time of day" },
    { long: "timestamp", letter: "t", help: "seconds since the first connection" },
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    { long: "port", letter: "P", argument: "PORTS", kind: "list", help: "only at these local ports: 80,443" },
    ...FAMILY_OPTIONS,
  ],
  examples: [
    ["beetrace tcpaccept", "all connections"],
    ["beetrace tcpaccept -P 80,443", "those of a web server"],
    ["beetrace tcpaccept --container web --json", "those of a container, for programs"],
  ],
  hooks: "fexit inet_csk_accept, else kretprobe inet_csk_accept, else tracepoint syscalls:sys_exit_{accept,accept4}",
  plan: (given, machine) => ({
    script: TOOL_SCRIPTS["tcpaccept/accepted.bt"] + acceptHook(machine) + socketFilter(given, { local: ["port"] }),
    columns: columns(given),
  }),
};

function columns(given: Given): readonly Column[] {
  return [
    ...(given.has("time") ? [clockColumn()] : []),
    ...(given.has("timestamp") ? [secondsColumn("TIME(s)", "ns", -8, 3)] : []),
    { title: "PID", field: "pid", width: -7 },
    commColumn(12),
    { title: "IP", field: "ip", width: -2 },
    { title: "RADDR", field: "raddr", width: -16 },
    { title: "RPORT", field: "rport", width: -5 },
    { title: "LADDR", field: "laddr", width: -16 },
    { title: "LPORT", field: "lport", width: -5 },
  ];
}
