import type { JsonValue } from "@beetrace/output";
import type { Block } from "../blocks.ts";
import { histograms } from "../histograms.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { addressFilter, FAMILY_OPTIONS, socketFilter } from "../socket-filter.ts";
import { socketTasks } from "../socket-tasks.ts";
import { checkExclusive } from "../task-stacks.ts";
import type { Given, Machine, MapEntries, Plan, Tool } from "../tool.ts";

/** `beetrace tcprtt` */
export const tool: Tool = {
  name: "tcprtt",
  summary: "round-trip times of TCP connections",
  group: "network",
  options: [
    { long: "interval", letter: "i", argument: "SECONDS", kind: "number", help: "seconds between two outputs" },
    { long: "duration", letter: "d", argument: "TIME", help: "end after this time: seconds, or 500ms, 2m" },
    { long: "timestamp", letter: "T", help: "the time above each output" },
    { long: "milliseconds", letter: "m", also: ["millisecond"], help: "in milliseconds" },
    { long: "lport", letter: "p", argument: "PORTS", kind: "list", help: "only these local ports: 80,443" },
    { long: "rport", letter: "P", argument: "PORTS", kind: "list", help: "only these remote ports: 80,443" },
    { long: "laddr", letter: "a", argument: "ADDRESS", help: "only this local address" },
    { long: "raddr", letter: "A", argument: "ADDRESS", help: "only this remote address" },
    { long: "byladdr", letter: "b", help: "a histogram for each local address" },
    { long: "byraddr", letter: "B", help: "a histogram for each remote address" },
    { long: "extension", letter: "e", help: "the mean above each histogram" },
    { long: "debug", letter: "D", help: "print the script first" },
    ...FAMILY_OPTIONS,
  ],
  examples: [
    ["beetrace tcprtt", "all connections, until Ctrl-C"],
    ["beetrace tcprtt -i 1 -d 10 -m", "ten times a second's, in milliseconds"],
    ["beetrace tcprtt -p 443 -B -e", "of a server, each client by itself, with its mean"],
    ["beetrace tcprtt -A 192.0.2.10 -P 5432", "to a database"],
  ],
  hooks:
    "raw tracepoint tcp_probe; with a filter by process, thread or name raw tracepoints sock_send_length and " +
    "inet_sock_set_state",
  hasHistograms: true,
  plan,
};

const HEADINGS = { local: "Local Address", remote: "Remote Address", "": "All Addresses" } as const;

function plan(given: Given, machine: Machine): Plan {
  checkExclusive(given, "byladdr", "byraddr");
  const by = given.has("byladdr") ? "local" : given.has("byraddr") ? "remote" : "";
  const tasks = socketTasks(given, machine);
  const interval = given.int("interval");
  const unit = given.has("milliseconds") ? "msecs" : "usecs";
  const script =
    TOOL_SCRIPTS["tcprtt/tcprtt.bt"] +
    tasks.script +
    socketFilter(given, { local: ["lport"], remote: ["rport"] }) +
    addressFilter(given, { local: "laddr", remote: "raddr" });
  return {
    script,
    params: { ...tasks.params, by, divisor: unit === "msecs" ? 1000 : 1, extension: given.has("extension") },
    intro: `${given.has("debug") ? script : ""}Tracing TCP RTT... Hit Ctrl-C to end.`,
    screen: {
      maps: ["@rtt", "@total"],
      ...(interval === undefined ? {} : { intervalMs: interval * 1000 }),
      blocks: (maps, { time }): readonly Block[] => [
        { kind: "lines", text: given.has("timestamp") ? `\n${time}\n` : "\n" },
        ...histograms(maps("@rtt"), unit, (address) => `${HEADINGS[by]} = ${address}${mean(address, maps("@total"))}`),
      ],
    },
  };
}

/** ` [AVG 324]` where stats were asked for. */
function mean(address: JsonValue, { entries }: MapEntries): string {
  const found = entries.find(({ key }) => key === address)?.value as { average: number } | undefined;
  return found === undefined ? "" : ` [AVG ${found.average}]`;
}
