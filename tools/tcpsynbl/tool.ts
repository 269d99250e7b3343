import type { Block } from "../blocks.ts";
import { histograms } from "../histograms.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { FAMILY_OPTIONS, socketFilter } from "../socket-filter.ts";
import { type Given, type Machine, type Plan, type Tool, ToolError } from "../tool.ts";

/** `beetrace tcpsynbl` */
export const tool: Tool = {
  name: "tcpsynbl",
  summary: "how many TCP connections wait to be accepted when one more comes",
  group: "network",
  options: [
    ...FAMILY_OPTIONS,
    { long: "timestamp", letter: "T", help: "the time above each output" },
    { long: "port", letter: "P", argument: "PORTS", kind: "list", help: "only at these ports: 80,443" },
  ],
  positionals: [
    { name: "interval", kind: "number", help: "seconds between two outputs; default until Ctrl-C" },
    { name: "count", kind: "int", help: "how many outputs" },
  ],
  examples: [
    ["beetrace tcpsynbl", "all listening sockets, by their limit"],
    ["beetrace tcpsynbl -P 443 1", "of one port, every second"],
  ],
  hooks: "kprobe tcp_v4_syn_recv_sock, tcp_v6_syn_recv_sock, else raw tracepoint inet_sock_set_state",
  hasHistograms: true,
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const task = ["pid", "tid", "name"].find((option) => given.has(option));
  if (task !== undefined)
    throw new ToolError(`--${task}: who listens is not known of a socket`, "choose by --port, --uid or --container");
  const interval = given.int("interval");
  return {
    script:
      TOOL_SCRIPTS["tcpsynbl/tcpsynbl.bt"] +
      TOOL_SCRIPTS[`tcpsynbl/${hook(machine)}.bt`] +
      socketFilter(given, { local: ["port"] }),
    intro: "Tracing SYN backlog size. Ctrl-C to end.",
    screen: {
      maps: ["@backlog"],
      ...(interval === undefined ? {} : { intervalMs: interval * 1000 }),
      ...(given.has("count") ? { count: given.int("count") ?? 0 } : {}),
      blocks: (maps, { time }): readonly Block[] => [
        { kind: "lines", text: given.has("timestamp") ? `\n${time}\n` : "\n" },
        ...histograms(maps("@backlog"), "backlog", (most) => `backlog_max = ${most}`),
      ],
    },
  };
}

/** The functions see connections that find no place as well; they have more arguments than fentry takes. */
function hook(machine: Machine): string {
  return machine.hasKprobe("tcp_v4_syn_recv_sock") ? "kprobe" : "state";
}
