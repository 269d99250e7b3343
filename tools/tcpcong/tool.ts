import type { JsonValue } from "@beetrace/output";
import type { Block } from "../blocks.ts";
import type { Column } from "../columns.ts";
import { histograms } from "../histograms.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { FAMILY_OPTIONS, socketFilter } from "../socket-filter.ts";
import { socketTasks } from "../socket-tasks.ts";
import { type Given, type Machine, type MapEntries, type Plan, type Row, type Tool, ToolError } from "../tool.ts";

/** States of congestion control by number: enum tcp_ca_state of include/uapi/linux/tcp.h. */
const STATES = ["open", "disorder", "cwr", "recovery", "loss"] as const;

/** `beetrace tcpcong` */
export const tool: Tool = {
  name: "tcpcong",
  summary: "how long TCP connections are in which state of congestion control",
  group: "network",
  options: [
    {
      long: "localport",
      letter: "L",
      argument: "PORTS",
      kind: "list",
      help: "only these local ports: 80 or 8000-8999",
    },
    { long: "remoteport", letter: "R", argument: "PORTS", kind: "list", help: "only these remote ports" },
    { long: "timestamp", letter: "T", help: "the time above each output" },
    { long: "dist", letter: "d", help: "a histogram for each state" },
    { long: "microseconds", letter: "u", help: "in microseconds" },
    ...FAMILY_OPTIONS,
  ],
  positionals: [
    { name: "interval", kind: "number", help: "seconds between two outputs; default until Ctrl-C" },
    { name: "outputs", kind: "int", help: "how many outputs" },
  ],
  examples: [
    ["beetrace tcpcong", "all connections, until Ctrl-C"],
    ["beetrace tcpcong -T 1 3", "three times a second's, with the time"],
    ["beetrace tcpcong -d -R 443", "histograms, of connections to a port"],
  ],
  hooks:
    "raw tracepoints tcp_cong_state_set, tcp_destroy_sock; with a filter by process, thread or name sock_send_length and " +
    "inet_sock_set_state",
  hasHistograms: true,
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  if (!machine.hasTracepoint("tcp", "tcp_cong_state_set"))
    throw new ToolError("tcpcong needs the tracepoint tcp:tcp_cong_state_set, of Linux 5.19");
  const tasks = socketTasks(given, machine);
  const interval = given.int("interval");
  const isMicro = given.has("microseconds");
  const dist = given.has("dist");
  return {
    script:
      TOOL_SCRIPTS["tcpcong/tcpcong.bt"] +
      tasks.script +
      socketFilter(given, { local: ["localport"], remote: ["remoteport"] }),
    params: { ...tasks.params, dist, divisor: isMicro ? 1 : 1000 },
    intro: "Tracing tcp congestion control status duration... Hit Ctrl-C to end.",
    screen: {
      maps: ["@spent"],
      ...(interval === undefined ? {} : { intervalMs: interval * 1000 }),
      ...(given.has("outputs") ? { count: given.int("outputs") ?? 0 } : {}),
      blocks: (maps, { time }): readonly Block[] => [
        { kind: "lines", text: given.has("timestamp") ? `\n${time}\n` : "\n" },
        ...(dist ? stateHistograms(maps("@spent"), isMicro) : tables(connections(maps("@spent")), isMicro)),
      ],
    },
  };
}

function stateHistograms(spent: MapEntries, isMicro: boolean): readonly Block[] {
  const name = (state: JsonValue) => STATES[Number(state)] ?? state;
  return histograms(spent, isMicro ? "usecs" : "msecs", (state) => `tcp_congest_state = ${name(state)}`);
}

/** A row for each connection, by local port: microseconds in each state, and how often that changed. */
function connections({ entries }: MapEntries): readonly Row[] {
  const all = new Map<string, Row>();
  for (const { key, value } of entries) {
    const [ip, laddr, lport, raddr, rport, state] = key as readonly (string | number)[];
    const { total, count } = value as { total: number; count: number };
    const id = [laddr, lport, raddr, rport].join(" ");
    const none = { open_us: 0, disorder_us: 0, recovery_us: 0, cwr_us: 0, loss_us: 0 };
    const known = all.get(id) ?? { ip, laddr, lport, raddr, rport, ...none, changes: 0 };
    const field = `${STATES[Number(state)]}_us`;
    all.set(id, {
      ...known,
      [field]: Number(known[field] ?? 0) + Number(total),
      changes: Number(known.changes) + Number(count),
    });
  }
  return [...all.values()].sort((a, b) => Number(a.lport) - Number(b.lport));
}

function tables(rows: readonly Row[], isMicro: boolean): readonly Block[] {
  const of = (version: number) => rows.filter(({ ip }) => ip === version);
  const tableOf = (suffix: string, width: number, own: readonly Row[]): readonly Block[] =>
    own.length === 0 ? [] : [{ kind: "table", columns: columns(suffix, width, isMicro), rows: own }];
  return [...tableOf("", 21, of(4)), ...tableOf("6", 32, of(6))];
}

function columns(suffix: string, width: number, isMicro: boolean): readonly Column[] {
  const unit = isMicro ? "us" : "ms";
  const time = (us: JsonValue) => String(isMicro ? us : Math.floor(Number(us) / 1000));
  return [
    { title: `LAddrPort${suffix}`, field: "laddr", width: -width, text: (_, { laddr, lport }) => `${laddr}/${lport}` },
    { title: `RAddrPort${suffix}`, field: "raddr", width: -width, text: (_, { raddr, rport }) => `${raddr}/${rport}` },
    { title: `Open_${unit}`, field: "open_us", width: -7, text: time },
    { title: `Dod_${unit}`, field: "disorder_us", width: -6, text: time },
    { title: `Rcov_${unit}`, field: "recovery_us", width: -7, text: time },
    { title: `Cwr_${unit}`, field: "cwr_us", width: -7, text: time },
    { title: `Los_${unit}`, field: "loss_us", width: -6, text: time },
    { title: "Chgs", field: "changes", width: -5 },
  ];
}
