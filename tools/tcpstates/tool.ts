import { type Column, secondsColumn } from "../columns.ts";
import { Journal } from "../journal.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { FAMILY_OPTIONS, socketFilter } from "../socket-filter.ts";
import { tcpStateName } from "../tcp-states.ts";
import { clockColumn } from "../times.ts";
import type { Given, Plan, Row, Tool } from "../tool.ts";
import { commColumn, milliseconds } from "../units.ts";

/** `beetrace tcpstates` */
export const tool: Tool = {
  name: "tcpstates",
  summary: "changes of state of TCP sockets, and how long each state lasted",
  group: "network",
  options: [
    { long: "time", letter: "T", help: "the time of day" },
    { long: "timestamp", letter: "t", help: "seconds since the first change" },
    { long: "wide", letter: "w", help: "columns for IPv6, and the IP version" },
    { long: "csv", letter: "s", help: "comma-separated values" },
    { long: "localport", letter: "L", argument: "PORTS", kind: "list", help: "only these local ports: 80,443" },
    { long: "remoteport", letter: "D", argument: "PORTS", kind: "list", help: "only these remote ports: 80,443" },
    { long: "journal", letter: "Y", help: "writes each change to the journal of systemd as well" },
    ...FAMILY_OPTIONS,
  ],
  examples: [
    ["beetrace tcpstates", "all changes"],
    ["beetrace tcpstates -L 80 -t", "of a web server's sockets"],
    ["beetrace tcpstates -Y", "and an entry of the journal for each"],
    ["beetrace tcpstates --name nginx --json", "of the sockets of a program, for programs"],
  ],
  hooks: "raw tracepoint inet_sock_set_state",
  plan,
};

function plan(given: Given): Plan {
  const journal = given.has("journal") ? new Journal() : undefined;
  return {
    script:
      TOOL_SCRIPTS["tcpstates/tcpstates.bt"] + socketFilter(given, { local: ["localport"], remote: ["remoteport"] }),
    columns: columns(given),
    toRow: (record) => {
      const row = toRow(record);
      journal?.log(journalFields(row));
      return row;
    },
  };
}

/** An address has more digits than a number of JSON: it comes in two halves, and is text from here on. */
function toRow({ address_high, address_low, oldstate, newstate, ...rest }: Row): Row {
  const half = (value: unknown) => Number(value).toString(16).padStart(8, "0");
  return {
    ...rest,
    skaddr: half(address_high) + half(address_low),
    oldstate: tcpStateName(oldstate),
    newstate: tcpStateName(newstate),
  };
}

/** LOG_NOTICE of syslog(3): normal, but worth to be noted. */
const NOTICE = 5;

/** The names are those of BCC's tool, for who looks for them. */
function journalFields({ pid, comm, ip, laddr, lport, raddr, rport, oldstate, newstate, held_ns }: Row): Row {
  return {
    MESSAGE: `${comm} ${laddr} ${lport} → ${raddr} ${rport} ${oldstate} → ${newstate}`,
    PRIORITY: NOTICE,
    SYSLOG_IDENTIFIER: "tcpstates",
    OBJECT_PID: pid,
    OBJECT_COMM: comm,
    [`OBJECT_IPV${ip}_SOURCE_ADDRESS`]: laddr,
    OBJECT_TCP_SOURCE_PORT: lport,
    [`OBJECT_IPV${ip}_DESTINATION_ADDRESS`]: raddr,
    OBJECT_TCP_DESTINATION_PORT: rport,
    OBJECT_TCP_OLD_STATE: oldstate,
    OBJECT_TCP_NEW_STATE: newstate,
    OBJECT_TCP_SPAN_TIME: Math.trunc(Number(held_ns) / 1000),
  };
}

function columns(given: Given): readonly Column[] {
  const wide = given.has("wide");
  const address = wide ? -39 : -15;
  return [
    ...(given.has("time") ? [clockColumn()] : []),
    ...(given.has("timestamp") ? [secondsColumn("TIME(s)", "ns", -9, 6)] : []),
    { title: "SKADDR", field: "skaddr", width: -16 },
    { title: "C-PID", field: "pid", width: -5 },
    { ...commColumn(wide ? 16 : 10), title: "C-COMM" },
    ...(wide ? [{ title: "IP", field: "ip", width: -2 }] : []),
    { title: "LADDR", field: "laddr", width: address },
    { title: "LPORT", field: "lport", width: -5 },
    { title: "RADDR", field: "raddr", width: address },
    { title: "RPORT", field: "rport", width: -5 },
    { title: "OLDSTATE", field: "oldstate", width: -11 },
    { title: "->", field: "", width: 2, text: () => "->" },
    { title: "NEWSTATE", field: "newstate", width: -11 },
    { title: "MS", field: "held_ns", width: 0, text: milliseconds(3) },
  ];
}
