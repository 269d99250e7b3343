import { statSync } from "node:fs";
import type { JsonValue } from "@beetrace/output";
import type { Column } from "../columns.ts";
import { stackLines } from "../row-stacks.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { FAMILY_OPTIONS, socketFilter } from "../socket-filter.ts";
import { socketTasks } from "../socket-tasks.ts";
import { checkExclusive } from "../task-stacks.ts";
import { tcpFlagNames, tcpStateName } from "../tcp-states.ts";
import { clockColumn } from "../times.ts";
import { type Given, type Machine, type Plan, type Row, type Tool, ToolError } from "../tool.ts";

/** `beetrace tcpdrop` */
export const tool: Tool = {
  name: "tcpdrop",
  summary: "TCP segments that the kernel drops, why and where",
  group: "network",
  options: [
    ...FAMILY_OPTIONS,
    { long: "netns-id", argument: "ID", kind: "int", help: "only this network namespace, by its number" },
    { long: "pid-netns", argument: "PID", kind: "int", help: "only the network namespace of this process" },
    { long: "sockets", letter: "s", help: "only segments whose socket is known" },
  ],
  examples: [
    ["beetrace tcpdrop", "all drops, with the code that led to them"],
    ["beetrace tcpdrop --pid-netns 4321", "in the network of a container"],
    ["beetrace tcpdrop --json", "for programs"],
  ],
  hooks:
    "raw tracepoint kfree_skb; with a filter by process, thread or name raw tracepoints sock_send_length and " +
    "inet_sock_set_state",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  if (!machine.hasTracepointField("skb", "kfree_skb", "reason"))
    throw new ToolError("tcpdrop needs the tracepoint skb:kfree_skb to tell reasons, as of Linux 5.17");
  const tasks = socketTasks(given, machine);
  const reasons = machine.enumerators("skb_drop_reason");
  return {
    script: TOOL_SCRIPTS["tcpdrop/tcpdrop.bt"] + tasks.script + socketFilter(given, {}),
    params: {
      ...tasks.params,
      has_rx_sk: machine.hasTracepointField("skb", "kfree_skb", "rx_sk"),
      netns: networkNamespace(given),
      sockets: given.has("sockets"),
    },
    toRow: ({ state, flags, code, stack, ...rest }) => ({
      ...rest,
      state: state === 0 ? "-" : tcpStateName(state),
      flags: tcpFlagNames(Number(flags)).join("|"),
      reason: reasonName(reasons, Number(code)),
      code,
      stack,
    }),
    columns: COLUMNS,
    below: ({ stack }) => `${stackLines(stack, { indent: "\t", modules: false })}\n`,
  };
}

/** The number of a network namespace; 0 where none is asked for. */
function networkNamespace(given: Given): number {
  checkExclusive(given, "netns-id", "pid-netns");
  const pid = given.int("pid-netns");
  if (pid === undefined) return given.int("netns-id") ?? 0;
  try {
    return statSync(`/proc/${pid}/ns/net`).ino;
  } catch {
    throw new ToolError(`--pid-netns: there is no process ${pid}`);
  }
}

/** `NETFILTER_DROP`; subsystems have reasons of their own, without names here. */
function reasonName(names: ReadonlyMap<number, string>, code: number): string {
  return names.get(code)?.replace(/^SKB_(DROP_REASON_)?/, "") ?? "UNKNOWN";
}

const source = (_: JsonValue, { saddr, sport }: Row) => `${saddr}:${sport}`;
const destination = (_: JsonValue, { daddr, dport }: Row) => `${daddr}:${dport}`;

const COLUMNS: readonly Column[] = [
  clockColumn(),
  { title: "PID", field: "pid", width: -7 },
  { title: "IP", field: "ip", width: -2 },
  { title: "SADDR:SPORT", field: "saddr", width: -20, text: source },
  { title: ">", field: "", width: 1, text: () => ">" },
  { title: "DADDR:DPORT", field: "daddr", width: -20, text: destination },
  { title: "STATE (FLAGS)", field: "state", width: -20, text: (state, { flags }) => `${state} (${flags})` },
  { title: "REASON (CODE)", field: "reason", width: 0, text: (reason, { code }) => `${reason} (${code})` },
];
