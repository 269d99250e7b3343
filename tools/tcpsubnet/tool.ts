import type { Block } from "../blocks.ts";
import { timeOfDay } from "../presentation.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type Machine, type MapEntries, type Plan, type Tool, ToolError } from "../tool.ts";
import { readSubnets, type Subnet, subnetMacro } from "./subnets.ts";

const SUBNETS = "127.0.0.1/32,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,0.0.0.0/0";

/** `beetrace tcpsubnet` */
export const tool: Tool = {
  name: "tcpsubnet",
  summary: "what is sent by TCP to each subnet, at intervals",
  group: "network",
  options: [
    { long: "verbose", letter: "v", help: "print the script first, and at the end what each probe cost" },
    { long: "json", letter: "J", help: "one JSON object for each interval" },
    { long: "format", letter: "f", argument: "UNIT", help: "b, k, m: bits, Kbits, Mbits; B (default), K, M: bytes" },
    { long: "interval", letter: "i", argument: "SECONDS", kind: "int", help: "seconds between two outputs; default 1" },
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
  ],
  positionals: [
    { name: "subnets", kind: "text", help: `with commas between; the first that fits counts; default ${SUBNETS}` },
  ],
  examples: [
    ["beetrace tcpsubnet", "loopback, private networks, the rest"],
    ["beetrace tcpsubnet 192.0.2.0/24,0.0.0.0/0", "one network and the rest"],
    ["beetrace tcpsubnet -fK -i 5", "in kilobytes, every five seconds"],
  ],
  hooks: "raw tracepoint sock_send_length, else fentry tcp_sendmsg, else kprobe tcp_sendmsg",
  plan,
};

/** By how much bytes are divided. */
const UNITS: Readonly<Record<string, number>> = {
  b: 1 / 8,
  k: 1024 / 8,
  m: 1024 ** 2 / 8,
  B: 1,
  K: 1024,
  M: 1024 ** 2,
};

function plan(given: Given, machine: Machine): Plan {
  const subnets = readSubnets(given.text("subnets") ?? SUBNETS);
  const unit = UNITS[given.text("format") ?? "B"];
  if (unit === undefined) throw new ToolError("--format: one of b, k, m, B, K, M");
  const interval = given.int("interval") ?? 1;
  const script =
    TOOL_SCRIPTS["tcpsubnet/tcpsubnet.bt"] + TOOL_SCRIPTS[`tcpsubnet/${hook(machine)}.bt`] + subnetMacro(subnets);
  return {
    script,
    intro: `${given.has("verbose") ? script : ""}Tracing... Output every ${interval} secs. Hit Ctrl-C to end`,
    screen: {
      maps: ["@bytes"],
      intervalMs: interval * 1000,
      blocks: (maps): readonly Block[] => [entriesBlock(sums(maps("@bytes"), subnets), unit, given.has("json"))],
    },
  };
}

function hook(machine: Machine): string {
  if (machine.hasTracepoint("sock", "sock_send_length")) return "tracepoint";
  if (machine.hasFentry("tcp_sendmsg")) return "fentry";
  if (machine.hasKprobe("tcp_sendmsg")) return "kprobe";
  throw new ToolError("tcpsubnet needs the tracepoint sock:sock_send_length, of Linux 6.3, or fentry, or kprobes");
}

/** Bytes for each subnet that had some, the most first. */
function sums(
  { entries }: MapEntries,
  subnets: readonly Subnet[],
): readonly (readonly [subnet: string, bytes: number])[] {
  return entries
    .map(({ key, value }) => [subnets[Number(key)].text, Number(value)] as const)
    .toSorted(([, a], [, b]) => b - a);
}

/** A line each; the JSON of the BCC tool is one object. */
function entriesBlock(bytes: ReturnType<typeof sums>, unit: number, isJson: boolean): Block {
  const date = monthDayYear(new Date());
  const time = timeOfDay();
  const entries = bytes.map(([subnet, count]) => [subnet, Math.floor(count / unit)] as const);
  const lines = entries.map(([subnet, count]) => `${subnet.padEnd(21)} ${String(count).padStart(6)}\n`);
  return {
    kind: "lines",
    text: `[${date} ${time}]\n${lines.join("")}`,
    rows: isJson
      ? [{ date, entries: Object.fromEntries(entries), time }]
      : entries.map(([subnet, count]) => ({ date, time, subnet, sent: count })),
  };
}

/** `11/22/26`, as the date is in the C locale. */
function monthDayYear(at: Date): string {
  return [at.getMonth() + 1, at.getDate(), at.getFullYear() % 100]
    .map((part) => String(part).padStart(2, "0"))
    .join("/");
}
