import { type Column, secondsColumn } from "../columns.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { FAMILY_OPTIONS, socketFilter } from "../socket-filter.ts";
import type { Given, Tool } from "../tool.ts";
import { commColumn } from "../units.ts";

/** `beetrace solisten` */
export const tool: Tool = {
  name: "solisten",
  summary: "TCP sockets that begin to listen",
  group: "network",
  options: [
    { long: "show-netns", help: "the network namespace" },
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    { long: "netns", letter: "n", argument: "ID", kind: "int", help: "only this network namespace, by its number" },
    { long: "timestamp", letter: "t", help: "seconds since the first event" },
    { long: "failed", letter: "x", help: "calls that fail too, with what they return" },
    { long: "port", letter: "P", argument: "PORTS", kind: "list", help: "only these ports: 80,443" },
    ...FAMILY_OPTIONS,
  ],
  examples: [
    ["beetrace solisten", "all sockets"],
    ["beetrace solisten --show-netns", "with the network that they are in"],
    ["beetrace solisten -x", "also those that cannot listen"],
  ],
  hooks: "tracepoint syscalls:sys_{enter,exit}_listen",
  plan: (given) => ({
    script: TOOL_SCRIPTS["solisten/solisten.bt"] + socketFilter(given, { local: ["port"] }),
    params: { failed: given.has("failed"), netns: given.int("netns") ?? 0 },
    columns: columns(given),
  }),
};

function columns(given: Given): readonly Column[] {
  return [
    ...(given.has("timestamp") ? [secondsColumn("TIME(s)", "ns", -8, 3)] : []),
    { title: "PID", field: "pid", width: -7 },
    commColumn(12),
    ...(given.has("show-netns") ? [{ title: "NETNS", field: "netns", width: -12 }] : []),
    ...(given.has("failed") ? [{ title: "RET", field: "ret", width: -3 }] : []),
    { title: "PROTO", field: "ip", width: -6, text: (ip) => `TCPv${ip}` },
    { title: "BACKLOG", field: "backlog", width: -8 },
    { title: "PORT", field: "port", width: -5 },
    { title: "ADDR", field: "addr", width: 0 },
  ];
}
