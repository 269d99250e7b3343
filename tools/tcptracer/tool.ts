import type { JsonValue } from "@beetrace/output";
import { type Column, secondsColumn } from "../columns.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { FAMILY_OPTIONS, socketFilter } from "../socket-filter.ts";
import { acceptHook } from "../tcp-accept.ts";
import type { Given, Machine, Plan, Row, Tool } from "../tool.ts";

/** `beetrace tcptracer` */
export const tool: Tool = {
  name: "tcptracer",
  summary: "TCP connections that are made, accepted and closed",
  group: "network",
  options: [
    { long: "timestamp", letter: "t", help: "seconds since the first event" },
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    { long: "netns", letter: "N", argument: "ID", kind: "int", help: "only this network namespace, by its number" },
    ...FAMILY_OPTIONS,
    {
      long: "verbose",
      letter: "v",
      help: "whole words and the network namespace, and at the end what each probe cost",
    },
    { long: "print-uid", letter: "U", help: "the user's number" },
    { long: "uid", letter: "u", argument: "USER", help: "processes of this user only, by number or name" },
  ],
  examples: [
    ["beetrace tcptracer", "all connections"],
    ["beetrace tcptracer -t -p 4321", "of a process, with times"],
    ["beetrace tcptracer -v", "with the network that they are in"],
  ],
  hooks:
    "raw tracepoint inet_sock_set_state; fexit or kretprobe inet_csk_accept, else tracepoint " +
    "syscalls:sys_exit_{accept,accept4}; fentry or kprobe tcp_close where there is one",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  return {
    script:
      TOOL_SCRIPTS["tcptracer/tcptracer.bt"] +
      acceptHook(machine) +
      TOOL_SCRIPTS[`tcptracer/close-${closeHook(machine)}.bt`] +
      socketFilter(given, {}),
    params: { netns: given.int("netns") ?? 0 },
    intro: "Tracing TCP established connections. Ctrl-C to end.",
    columns: columns(given),
  };
}

function closeHook(machine: Machine): string {
  if (machine.hasFentry("tcp_close")) return "fentry";
  return machine.hasKprobe("tcp_close") ? "kprobe" : "state";
}

const LETTERS: Readonly<Record<string, string>> = { connect: "C", accept: "A", close: "X" };

function columns(given: Given): readonly Column[] {
  const wide = given.has("verbose");
  const address = (value: JsonValue, { ip }: Row) => (ip === 6 ? `[${value}]` : String(value));
  return [
    ...(given.has("timestamp")
      ? [wide ? secondsColumn("TIME(ns)", "ns", -13, 0, 1) : secondsColumn("TIME(s)", "ns", -8, 3)]
      : []),
    ...(given.has("print-uid") ? [{ title: "UID", field: "uid", width: -6 }] : []),
    wide
      ? { title: "TYPE", field: "type", width: -12 }
      : { title: "T", field: "type", width: -2, text: (type) => LETTERS[String(type)] ?? "U" },
    { title: "PID", field: "pid", width: -6 },
    { title: "COMM", field: "comm", width: -16 },
    { title: "IP", field: "ip", width: -2 },
    { title: "SADDR", field: "saddr", width: -16, text: address },
    { title: "DADDR", field: "daddr", width: -16, text: address },
    { title: "SPORT", field: "sport", width: -6 },
    { title: "DPORT", field: "dport", width: wide ? -7 : -6 },
    ...(wide ? [{ title: "NETNS", field: "netns", width: -8 }] : []),
  ];
}
