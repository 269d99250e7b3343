import { type Column, secondsColumn } from "../columns.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { FAMILY_OPTIONS, socketFilter } from "../socket-filter.ts";
import type { Given, MapEntries, Screen, Tool } from "../tool.ts";
import { commColumn } from "../units.ts";

/** `beetrace tcpconnect` */
export const tool: Tool = {
  name: "tcpconnect",
  summary: "TCP connections that are opened from here",
  group: "network",
  options: [
    { long: "timestamp", letter: "t", help: "seconds since the first connection" },
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    { long: "port", letter: "P", argument: "PORTS", kind: "list", help: "only to these ports: 80,443" },
    { long: "dport", argument: "PORTS", kind: "list", help: "the same" },
    ...FAMILY_OPTIONS,
    { long: "lport", letter: "L", help: "the local port" },
    { long: "source-port", letter: "s", help: "the same" },
    { long: "print-uid", letter: "U", help: "the user's number" },
    { long: "uid", letter: "u", argument: "USER", help: "processes of this user only, by number or name" },
    { long: "count", letter: "c", help: "how many for each pair of addresses and port, at the end" },
  ],
  examples: [
    ["beetrace tcpconnect", "all connections"],
    ["beetrace tcpconnect --dport 443", "to HTTPS servers"],
    ["beetrace tcpconnect -u www-data -L", "of a user, with the local port"],
    ["beetrace tcpconnect -c", "which destinations how often"],
  ],
  hooks: "raw tracepoint inet_sock_set_state; with -L also tracepoint syscalls:sys_exit_connect",
  plan: (given) => {
    const localPort = given.has("lport") || given.has("source-port");
    const counts = given.has("count");
    return {
      script:
        TOOL_SCRIPTS["tcpconnect/tcpconnect.bt"] +
        (localPort && !counts ? TOOL_SCRIPTS["tcpconnect/local-port.bt"] : "") +
        socketFilter(given, { remote: ["port", "dport"] }),
      params: { count: counts, lport: localPort },
      intro: "Tracing connect ... Hit Ctrl-C to end",
      ...(counts ? { screen: COUNTS } : { columns: columns(given, localPort) }),
    };
  },
};

function columns(given: Given, localPort: boolean): readonly Column[] {
  return [
    ...(given.has("timestamp") ? [secondsColumn("TIME(s)", "ns", -8, 3)] : []),
    ...(given.has("print-uid") ? [{ title: "UID", field: "uid", width: -5 }] : []),
    { title: "PID", field: "pid", width: -7 },
    commColumn(12),
    { title: "IP", field: "ip", width: -2 },
    { title: "SADDR", field: "saddr", width: -16 },
    ...(localPort ? [{ title: "LPORT", field: "lport", width: -6 }] : []),
    { title: "DADDR", field: "daddr", width: -16 },
    { title: "DPORT", field: "dport", width: -6 },
  ];
}

const COUNT_COLUMNS: readonly Column[] = [
  { title: "LADDR", field: "laddr", width: -25 },
  { title: "RADDR", field: "raddr", width: -25 },
  { title: "RPORT", field: "rport", width: -20 },
  { title: "CONNECTS", field: "connects", width: -10 },
];

const COUNTS: Screen = {
  maps: ["@connects"],
  blocks: (maps) => [
    { kind: "lines", text: "\n" },
    { kind: "table", columns: COUNT_COLUMNS, rows: countRows(maps("@connects")) },
  ],
};

function countRows({ entries }: MapEntries) {
  return entries
    .map(({ key, value }) => {
      const [laddr, raddr, rport] = key as readonly (string | number)[];
      return { laddr, raddr, rport, connects: Number(value) };
    })
    .sort((a, b) => b.connects - a.connects);
}
