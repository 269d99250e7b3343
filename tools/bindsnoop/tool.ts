import { getSystemErrorMap } from "node:util";
import type { JsonValue } from "@beetrace/output";
import { type Column, cut, secondsColumn } from "../columns.ts";
import { protocolName } from "../protocols.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { FAMILY_OPTIONS, socketFilter } from "../socket-filter.ts";
import type { Given, Machine, MapEntries, Plan, Row, Tool } from "../tool.ts";
import { commColumn } from "../units.ts";

/** `beetrace bindsnoop` */
export const tool: Tool = {
  name: "bindsnoop",
  summary: "sockets that are bound to addresses and ports",
  group: "network",
  options: [
    { long: "timestamp", letter: "t", help: "seconds since the first event" },
    { long: "wide", letter: "w", help: "columns for IPv6" },
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    { long: "port", letter: "P", also: ["ports"], argument: "PORTS", kind: "list", help: "only these ports: 80,443" },
    { long: "errors", letter: "E", also: ["failed"], help: "calls that fail too, with their error" },
    { long: "print-uid", letter: "U", help: "the user's number" },
    { long: "uid", letter: "u", argument: "USER", help: "processes of this user only, by number or name" },
    { long: "count", help: "how many for each address and port, at the end" },
    ...FAMILY_OPTIONS,
  ],
  examples: [
    ["beetrace bindsnoop", "all that succeed"],
    ["beetrace bindsnoop -E -P 8080", "who cannot have port 8080, and who has it"],
    ["beetrace bindsnoop --count", "which addresses are bound most"],
  ],
  hooks: "tracepoint syscalls:sys_{enter,exit}_bind",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const counts = given.has("count");
  return {
    script: TOOL_SCRIPTS["bindsnoop/bindsnoop.bt"] + socketFilter(given, { local: ["port"] }),
    params: {
      has_flags: machine.hasField("inet_sock", "inet_flags"),
      errors: given.has("errors"),
      count: counts,
    },
    intro: "Tracing binds ... Hit Ctrl-C to end",
    toRow: ({ options, protocol, ...rest }) => ({
      ...rest,
      protocol: protocolName(Number(protocol)),
      options: optionText(Number(options)),
    }),
    ...(counts ? { screen: COUNTS } : { columns: columns(given) }),
  };
}

/** IP_FREEBIND, IP_TRANSPARENT, IP_BIND_ADDRESS_NO_PORT, SO_REUSEADDR, SO_REUSEPORT: a letter each, or a point. */
function optionText(options: number): string {
  return [..."FTNRr"].map((letter, bit) => ((options >> bit) & 1 ? letter : ".")).join("");
}

function columns(given: Given): readonly Column[] {
  const wide = given.has("wide");
  const address = wide ? 39 : 15;
  return [
    ...(given.has("timestamp") ? [secondsColumn("TIME(s)", "ns", -9, 6)] : []),
    ...(given.has("print-uid") ? [{ title: "UID", field: "uid", width: 6 }] : []),
    ...(given.has("errors")
      ? [{ title: "RC", field: "ret", width: wide ? -25 : 3, ...(wide ? { text: errorText } : {}) }]
      : []),
    { title: "PID", field: "pid", width: wide ? 10 : 8 },
    commColumn(12),
    { title: "PROT", field: "protocol", width: -4, text: cut(4) },
    { title: "ADDR", field: "addr", width: -address, text: cut(address) },
    { title: "PORT ", field: "port", width: 5 },
    { title: " OPTS", field: "options", width: -5 },
    { title: "IF", field: "interface", width: 2 },
  ];
}

/** `address already in use` */
function errorText(ret: JsonValue): string {
  return ret === 0 ? "" : (getSystemErrorMap().get(Number(ret))?.[1] ?? String(ret));
}

const COUNT_COLUMNS: readonly Column[] = [
  { title: "LADDR", field: "addr", width: -32 },
  { title: "LPORT", field: "port", width: 20 },
  { title: "    BINDS", field: "binds", width: 0, text: (binds) => `    ${binds}` },
];

const COUNTS = {
  maps: ["@binds"],
  blocks: (maps: (name: string) => MapEntries) => [
    { kind: "lines" as const, text: "\n" },
    { kind: "table" as const, columns: COUNT_COLUMNS, rows: countRows(maps("@binds")) },
  ],
};

/** IPv4 first, the most frequent of each first. */
function countRows({ entries }: MapEntries): readonly Row[] {
  return entries
    .map(({ key, value }) => {
      const [ip, addr, port] = key as readonly [number, string, number];
      return { ip, addr, port, binds: Number(value) };
    })
    .sort((a, b) => a.ip - b.ip || b.binds - a.binds);
}
