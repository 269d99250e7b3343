import { readdirSync, readFileSync, statSync } from "node:fs";
import type { Block } from "../blocks.ts";
import type { Row } from "../columns.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type MapEntries, type Plan, type Tool, ToolError } from "../tool.ts";
import { type QueueCounts, queueCounts, SIZES, shortened, totalCounts } from "./queues.ts";

/** `beetrace netqtop` */
export const tool: Tool = {
  name: "netqtop",
  summary: "packets of the queues of a network interface, by size",
  group: "network",
  hasNoTasks: true,
  options: [
    { long: "name", letter: "n", argument: "INTERFACE", help: "the network interface" },
    { long: "interval", letter: "i", argument: "SECONDS", kind: "number", help: "between two outputs; default 1" },
    { long: "throughput", letter: "t", help: "bytes and packets a second" },
  ],
  examples: [
    ["beetrace netqtop -n eth0", "every second"],
    ["beetrace netqtop -n eth0 -i 5 -t", "every five, with rates"],
  ],
  hooks: "raw tracepoints net_dev_start_xmit, netif_receive_skb",
  plan,
};

function plan(given: Given): Plan {
  const name = given.text("name");
  if (name === undefined) throw new ToolError("Please specify a network interface.", "beetrace netqtop -n eth0");
  const seconds = Number(given.text("interval") ?? 1);
  if (seconds <= 0) throw new ToolError("print interval must be non-zero");
  const device = interfaceOf(name);
  return {
    script: TOOL_SCRIPTS["netqtop/netqtop.bt"],
    params: { interface: device.index, netns: statSync("/proc/self/ns/net").ino },
    screen: {
      maps: ["@sent", "@received"],
      intervalMs: seconds * 1000,
      blocks: (maps, { elapsedMs }): readonly Block[] => {
        const table = (direction: string, map: MapEntries, queues: number) =>
          queueTable(direction, queueCounts(map, queues), given.has("throughput"), elapsedMs / 1000);
        return [
          { kind: "lines", text: `${asctime(new Date())}\n` },
          table("TX", maps("@sent"), device.sending),
          { kind: "lines", text: "\n" },
          table("RX", maps("@received"), device.receiving),
          { kind: "lines", text: `${"-".repeat(given.has("throughput") ? 95 : 77)}\n` },
        ];
      },
    },
  };
}

interface Interface {
  readonly index: number;
  /** How many queues it has. */
  readonly sending: number;
  readonly receiving: number;
}

function interfaceOf(name: string): Interface {
  const folder = `/sys/class/net/${name}`;
  try {
    const queues = readdirSync(`${folder}/queues`);
    return {
      index: Number(readFileSync(`${folder}/ifindex`, "utf8")),
      sending: queues.filter((queue) => queue.startsWith("tx")).length,
      receiving: queues.filter((queue) => queue.startsWith("rx")).length,
    };
  } catch {
    throw new ToolError(`there is no network interface ${name}`, "ip link lists them");
  }
}

const WIDTH = 11;

/** A line for each queue and one for all; as rows without the latter. */
function queueTable(direction: string, queues: readonly QueueCounts[], rates: boolean, seconds: number): Block {
  const line = (cells: readonly string[]) => ` ${cells.map((cell) => cell.padEnd(WIDTH)).join("")}`.trimEnd();
  const lines = [
    direction,
    line(["QueueID", "avg_size", ...SIZES, ...(rates ? ["BPS", "PPS"] : [])]),
    ...queues.map((counts, queue) => line([String(queue), ...cells(counts, rates, seconds)])),
    line(["Total", ...cells(totalCounts(queues), rates, seconds)]),
  ];
  return {
    kind: "lines",
    text: `${lines.join("\n")}\n`,
    rows: queues.map((counts, queue) => queueRow(direction, queue, counts, seconds)),
  };
}

function cells({ packets, bytes, sizes }: QueueCounts, rates: boolean, seconds: number): readonly string[] {
  return [
    packets === 0 ? "0" : shortened(bytes / packets, false),
    ...sizes.map((count) => shortened(count, true)),
    ...(rates ? [shortened(bytes / seconds, false), shortened(packets / seconds, false)] : []),
  ];
}

function queueRow(direction: string, queue: number, { packets, bytes, sizes }: QueueCounts, seconds: number): Row {
  const [to64, to512, to2K, to16K, to64K] = sizes;
  const rates = { bytes_per_second: Math.round(bytes / seconds), packets_per_second: Math.round(packets / seconds) };
  return { direction, queue, packets, bytes, to64, to512, to2K, to16K, to64K, ...rates };
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `Sun Nov 22 04:03:49 2026`, as C's asctime() writes it. */
function asctime(at: Date): string {
  const time = at.toTimeString().slice(0, 8);
  return `${DAYS[at.getDay()]} ${MONTHS[at.getMonth()]} ${String(at.getDate()).padStart(2)} ${time} ${at.getFullYear()}`;
}
