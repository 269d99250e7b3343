import { type Column, secondsColumn } from "../columns.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { FAMILY_OPTIONS, socketFilter } from "../socket-filter.ts";
import { type Given, type MapEntries, type Row, type Screen, type Tool, ToolError } from "../tool.ts";
import { commColumn } from "../units.ts";
import { DnsNames, dnsAnswer } from "./dns.ts";

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
    { long: "dns", letter: "d", help: "the name that the address was asked for by" },
    { long: "count", letter: "c", help: "how many for each pair of addresses and port, at the end" },
  ],
  examples: [
    ["beetrace tcpconnect", "all connections"],
    ["beetrace tcpconnect --dport 443", "to HTTPS servers"],
    ["beetrace tcpconnect -u www-data -L", "of a user, with the local port"],
    ["beetrace tcpconnect -d", "with names, from the answers of name servers"],
    ["beetrace tcpconnect -c", "which destinations how often"],
  ],
  hooks:
    "raw tracepoint inet_sock_set_state; with -L also tracepoint syscalls:sys_exit_connect; with -d also tracepoints syscalls:sys_{enter,exit}_{recvfrom,recvmsg,read}",
  plan: (given) => {
    const localPort = given.has("lport") || given.has("source-port");
    const counts = given.has("count");
    const names = given.has("dns") ? new DnsNames() : undefined;
    if (names !== undefined && counts)
      throw new ToolError(
        "--dns shows a name for each connection, --count has one line for many",
        "choose one of the two",
      );
    return {
      script:
        TOOL_SCRIPTS["tcpconnect/tcpconnect.bt"] +
        (localPort && !counts ? TOOL_SCRIPTS["tcpconnect/local-port.bt"] : "") +
        (names !== undefined ? TOOL_SCRIPTS["tcpconnect/dns.bt"] : "") +
        socketFilter(given, { remote: ["port", "dport"] }),
      params: { count: counts, lport: localPort },
      intro: "Tracing connect ... Hit Ctrl-C to end",
      ...(counts ? { screen: COUNTS } : { columns: columns(given, localPort) }),
      ...(names !== undefined ? { toRow: namedRow(names) } : {}),
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
    ...(given.has("dns") ? [{ title: "QUERY", field: "query", width: 0 }] : []),
  ];
}

/** The row of a connection, which may have been asked for by a name; answers with names have none. */
function namedRow(names: DnsNames) {
  return (record: Row): Row | undefined => {
    if (!Array.isArray(record.answer)) return { ...record, query: names.text(String(record.daddr), Number(record.ns)) };
    const answer = dnsAnswer(Uint8Array.from(record.answer));
    if (answer !== undefined) names.add(answer, Number(record.ns));
    return undefined;
  };
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
