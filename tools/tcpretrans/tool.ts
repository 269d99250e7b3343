import type { Column } from "../columns.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { FAMILY_OPTIONS, socketFilter } from "../socket-filter.ts";
import { tcpStateName } from "../tcp-states.ts";
import { clockColumn } from "../times.ts";
import { type Given, type Machine, type MapEntries, type Plan, type Row, type Tool, ToolError } from "../tool.ts";

/** `beetrace tcpretrans` */
export const tool: Tool = {
  name: "tcpretrans",
  summary: "TCP segments that are sent again",
  group: "network",
  options: [
    { long: "sequence", letter: "s", help: "sequence numbers" },
    { long: "lossprobe", letter: "l", help: "tail loss probes, marked L" },
    { long: "count", letter: "c", help: "how many for each connection" },
    ...FAMILY_OPTIONS,
    { long: "localport", letter: "L", argument: "PORTS", kind: "list", help: "only these local ports: 80,443" },
    { long: "remoteport", letter: "D", argument: "PORTS", kind: "list", help: "only these remote ports: 80,443" },
  ],
  positionals: [
    { name: "interval", kind: "number", help: "seconds between two counts" },
    { name: "outputs", kind: "int", help: "how many counts" },
  ],
  examples: [
    ["beetrace tcpretrans", "each one"],
    ["beetrace tcpretrans -l", "tail loss probes too"],
    ["beetrace tcpretrans -c", "which connections, at the end"],
    ["beetrace tcpretrans -c 1", "which connections, every second"],
  ],
  hooks:
    "raw tracepoint tcp_retransmit_skb; with -l fentry or kprobe tcp_send_loss_probe; with a filter by process, thread " +
    "or name raw tracepoints sock_send_length and inet_sock_set_state",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const counts = given.has("count") || given.has("interval");
  const hook = given.has("lossprobe") ? probeHook(machine) : undefined;
  const bySender = ["pid", "tid", "name", "mntnsmap"].some((option) => given.has(option));
  if (bySender && !machine.hasTracepoint("sock", "sock_send_length"))
    throw new ToolError(
      "a filter by process, thread, name or mount namespace needs the tracepoint sock:sock_send_length, of Linux 6.3",
      "filter by --uid, --cgroup or ports",
    );
  return {
    script:
      TOOL_SCRIPTS["tcpretrans/tcpretrans.bt"] +
      (bySender ? TOOL_SCRIPTS["tcpretrans/senders.bt"] : "") +
      (hook ? TOOL_SCRIPTS[`tcpretrans/${hook}.bt`] : "") +
      socketFilter(given, { local: ["localport"], remote: ["remoteport"] }),
    params: {
      lossprobe: given.has("lossprobe"),
      function: hook !== undefined,
      count: counts,
      by_sender: bySender,
      has_err: machine.hasTracepointField("tcp", "tcp_retransmit_skb", "err"),
    },
    intro: "Tracing retransmits ... Hit Ctrl-C to end",
    toRow: (record) => ({ ...record, state: tcpStateName(record.state) }),
    ...(counts ? { screen: countScreen(given) } : { columns: columns(given) }),
  };
}

/** The function sees loss probes with new data as well, which are no retransmits. */
function probeHook(machine: Machine): string | undefined {
  if (machine.hasFentry("tcp_send_loss_probe")) return "fentry";
  return machine.hasKprobe("tcp_send_loss_probe") ? "kprobe" : undefined;
}

const local = (_: unknown, { laddr, lport }: Row) => `${laddr}:${lport}`;
const remote = (_: unknown, { raddr, rport }: Row) => `${raddr}:${rport}`;

function columns(given: Given): readonly Column[] {
  const sequence = given.has("sequence");
  return [
    clockColumn(),
    { title: "PID", field: "pid", width: -7 },
    { title: "IP", field: "ip", width: -2 },
    { title: "LADDR:LPORT", field: "laddr", width: -20, text: local },
    { title: "T>", field: "type", width: -2, text: (type) => `${type}>` },
    { title: "RADDR:RPORT", field: "raddr", width: -20, text: remote },
    { title: "STATE", field: "state", width: sequence ? -12 : -4 },
    ...(sequence ? [{ title: "SEQ", field: "seq", width: -10 }] : []),
  ];
}

const COUNT_COLUMNS: readonly Column[] = [
  { title: "LADDR:LPORT", field: "laddr", width: -21, text: (_, { laddr, lport }) => `[${laddr}]#${lport}` },
  { title: "", field: "", width: 3, text: () => "<->" },
  { title: "RADDR:RPORT", field: "raddr", width: -25, text: (_, { raddr, rport }) => `[${raddr}]#${rport}` },
  { title: "RETRANSMITS", field: "retransmits", width: -10 },
];

function countScreen(given: Given) {
  const interval = given.int("interval");
  return {
    maps: ["@count"],
    ...(interval === undefined ? {} : { intervalMs: interval * 1000 }),
    ...(given.has("outputs") ? { count: given.int("outputs") ?? 0 } : {}),
    blocks: (maps: (name: string) => MapEntries) => [
      { kind: "lines" as const, text: "\n" },
      { kind: "table" as const, columns: COUNT_COLUMNS, rows: countRows(maps("@count")) },
    ],
  };
}

function countRows({ entries }: MapEntries) {
  return entries
    .map(({ key, value }) => {
      const [ip, laddr, lport, raddr, rport] = key as readonly (string | number)[];
      return { ip, laddr, lport, raddr, rport, retransmits: Number(value) };
    })
    .sort((a, b) => a.retransmits - b.retransmits);
}
