import { existsSync } from "node:fs";
import type { Column } from "../columns.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { clockColumn } from "../times.ts";
import { type Given, type Machine, type Plan, type Row, type Tool, ToolError } from "../tool.ts";
import { commColumn } from "../units.ts";

/** By number, in the kernel's words: enum rdma_cm_event_type of include/rdma/rdma_cm.h. */
const EVENTS = [
  ...["address resolved", "address error", "route resolved", "route error", "connect request", "connect response"],
  ...["connect error", "unreachable", "rejected", "established", "disconnected", "device removal"],
  ...["multicast join", "multicast error", "address change", "timewait exit"],
];

/** Of addresses: AF_INET, AF_INET6 and AF_IB of include/linux/socket.h. */
const FAMILIES: Readonly<Record<number, string>> = { 2: "IPv4", 10: "IPv6", 27: "IB" };

/** `beetrace rdmaucma` */
export const tool: Tool = {
  name: "rdmaucma",
  summary: "connections of programs over RDMA: how they come about and end",
  group: "network",
  options: [
    { long: "debug", letter: "D", help: "print the script first" },
    { long: "extra", letter: "x", help: "the process, and the status: an error, or why it was rejected" },
  ],
  examples: [
    ["beetrace rdmaucma", "all of them"],
    ["beetrace rdmaucma -x", "with the process and the status"],
    ["beetrace rdmaucma --name qemu", "of processes named so"],
  ],
  hooks: "raw tracepoint cm_event_handler of the module rdma_cm",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  if (!machine.hasTracepoint("rdma_cma", "cm_event_handler") || !machine.hasSymbol("ucma_event_handler"))
    throw new ToolError("the kernel has no RDMA connection manager for programs now", "modprobe rdma_ucm (Linux 5.11)");
  if (machine.structSize("rdma_id_private") === undefined && !existsSync("/sys/kernel/btf/rdma_cm"))
    throw new ToolError("the kernel does not tell the types of its module rdma_cm: CONFIG_DEBUG_INFO_BTF_MODULES");
  const script = TOOL_SCRIPTS["rdmaucma/rdmaucma.bt"];
  const intro = "Tracing RDMA Userspace Connection Manager Access event... Hit Ctrl-C to end.";
  return { script, intro: `${given.has("debug") ? script : ""}${intro}`, columns: columns(given), toRow };
}

/** Addresses that are not of IP are null. */
function toRow({ event, family, laddr, lport, raddr, rport, ...row }: Row): Row {
  const isIp = family === 2 || family === 10;
  return {
    ...row,
    event: EVENTS[Number(event)] ?? `event ${event}`,
    family: FAMILIES[Number(family)] ?? `family ${family}`,
    ...(isIp ? { laddr, lport, raddr, rport } : { laddr: null, lport: null, raddr: null, rport: null }),
  };
}

function columns(given: Given): readonly Column[] {
  const end =
    (port: string): Column["text"] =>
    (address, row) =>
      address === null ? "-" : `${address}:${row[port]}`;
  return [
    { ...clockColumn(-9), title: "Timestamp" },
    ...(given.has("extra") ? [{ title: "PID", field: "pid", width: -7 }, commColumn(16)] : []),
    { title: "Event", field: "event", width: -16 },
    ...(given.has("extra") ? [{ title: "Status", field: "status", width: -6 }] : []),
    { title: "Family", field: "family", width: -6 },
    { title: "Local", field: "laddr", width: -45, text: end("lport") },
    { title: "Remote", field: "raddr", width: -45, text: end("rport") },
  ];
}
