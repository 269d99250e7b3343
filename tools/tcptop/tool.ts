import type { Block } from "../blocks.ts";
import type { Column } from "../columns.ts";
import { loadLine } from "../load.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { FAMILY_OPTIONS, socketFilter } from "../socket-filter.ts";
import { type Given, type Machine, type MapEntries, type Plan, type Row, type Tool, ToolError } from "../tool.ts";
import { commColumn, kilobytes } from "../units.ts";

/** `beetrace tcptop` */
export const tool: Tool = {
  name: "tcptop",
  summary: "TCP connections by what they send and receive, refreshed",
  group: "network",
  options: [
    { long: "noclear", letter: "C", help: "keep the screen" },
    { long: "nosummary", letter: "S", help: "no line about the system's load" },
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    ...FAMILY_OPTIONS,
    { long: "sort", letter: "s", argument: "ORDER", help: "by all (default), sent or received" },
    { long: "rows", letter: "r", also: ["maxrows"], argument: "N", kind: "int", help: "at most so many connections" },
  ],
  positionals: [
    { name: "interval", kind: "number", help: "seconds between two screens, default 1" },
    { name: "count", kind: "int", help: "how many screens" },
  ],
  examples: [
    ["beetrace tcptop", "every second"],
    ["beetrace tcptop -C 5 12", "a minute, five seconds a screen, for a log"],
    ["beetrace tcptop -s sent -r 10", "the ten that send most"],
  ],
  hooks:
    "raw tracepoints sock_send_length, sock_recv_length, else fexit tcp_sendmsg, tcp_recvmsg, else kprobe, kretprobe " +
    "tcp_sendmsg and kprobe tcp_cleanup_rbuf",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const interval = given.int("interval") ?? 1;
  const order = orderOf(given);
  return {
    script: TOOL_SCRIPTS["tcptop/transfers.bt"] + TOOL_SCRIPTS[`tcptop/${hook(machine)}.bt`] + socketFilter(given, {}),
    intro: `Tracing... Output every ${interval} secs. Hit Ctrl-C to end`,
    screen: {
      maps: ["@sent", "@received"],
      intervalMs: interval * 1000,
      clears: !given.has("noclear"),
      ...(given.has("count") ? { count: given.int("count") ?? 0 } : {}),
      blocks: (maps, { time }) => [
        { kind: "lines", text: given.has("noclear") ? "\n" : "" },
        { kind: "lines", text: given.has("nosummary") ? "" : `${loadLine(time)}\n` },
        ...tables(
          connections(maps("@sent"), maps("@received")).toSorted((a, b) => order(b) - order(a)),
          given.int("rows"),
        ),
      ],
    },
  };
}

function hook(machine: Machine): string {
  if (machine.hasTracepoint("sock", "sock_send_length")) return "tracepoint";
  if (machine.hasFentry("tcp_sendmsg")) return "fexit";
  if (machine.hasKprobe("tcp_sendmsg")) return "kprobe";
  throw new ToolError("tcptop needs the tracepoint sock:sock_send_length, of Linux 6.3, or fentry, or kprobes");
}

interface Connection extends Row {
  readonly ip: number;
  readonly rx_bytes: number;
  readonly tx_bytes: number;
}

function connections(sent: MapEntries, received: MapEntries): readonly Connection[] {
  const all = new Map<string, Connection>();
  const add = ({ entries }: MapEntries, field: "rx_bytes" | "tx_bytes") => {
    for (const { key, value } of entries) {
      const id = JSON.stringify(key);
      const [pid, comm, ip, laddr, lport, raddr, rport] = key as [
        number,
        string,
        number,
        string,
        number,
        string,
        number,
      ];
      const known = all.get(id) ?? { pid, comm, ip, laddr, lport, raddr, rport, rx_bytes: 0, tx_bytes: 0 };
      all.set(id, { ...known, [field]: Number(value) });
    }
  };
  add(sent, "tx_bytes");
  add(received, "rx_bytes");
  return [...all.values()];
}

const ORDERS: Readonly<Record<string, (connection: Connection) => number>> = {
  all: ({ rx_bytes, tx_bytes }) => rx_bytes + tx_bytes,
  sent: ({ tx_bytes }) => tx_bytes,
  received: ({ rx_bytes }) => rx_bytes,
};

function orderOf(given: Given): (connection: Connection) => number {
  const name = given.text("sort") ?? "all";
  const order = ORDERS[name];
  if (order === undefined)
    throw new ToolError(`--sort: there is no order '${name}'`, `known are ${Object.keys(ORDERS).join(", ")}`);
  return order;
}

function tables(all: readonly Connection[], most = all.length): readonly Block[] {
  const rows = all.slice(0, most);
  const of = (version: number) => rows.filter(({ ip }) => ip === version);
  const v6 = of(6);
  return [
    { kind: "table", columns: columns("", 21), rows: of(4) },
    ...(v6.length === 0
      ? []
      : [{ kind: "lines", text: "\n" } as const, { kind: "table", columns: columns("6", 32), rows: v6 } as const]),
  ];
}

function columns(suffix: string, width: number): readonly Column[] {
  return [
    { title: "PID", field: "pid", width: -7 },
    commColumn(12),
    { title: `LADDR${suffix}`, field: "laddr", width: -width, text: (_, { laddr, lport }) => `${laddr}:${lport}` },
    { title: `RADDR${suffix}`, field: "raddr", width: -width, text: (_, { raddr, rport }) => `${raddr}:${rport}` },
    { title: "RX_KB", field: "rx_bytes", width: 6, text: kilobytes },
    { title: "TX_KB", field: "tx_bytes", width: 6, text: kilobytes },
  ];
}
