import { readFileSync } from "node:fs";
import type { Block } from "../blocks.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type Machine, type MapEntries, type Plan, type Tool, ToolError } from "../tool.ts";
import { commColumn } from "../units.ts";

/** `beetrace mptcpify` */
export const tool: Tool = {
  name: "mptcpify",
  summary: "makes the TCP sockets of programs MPTCP sockets",
  group: "network",
  options: [{ long: "targets", letter: "t", argument: "NAMES", help: "only programs of these names: iperf3,rsync" }],
  examples: [
    ["beetrace mptcpify", "all new sockets"],
    ["beetrace mptcpify -t curl,iperf3", "those of two programs"],
  ],
  hooks: "fmod_ret update_socket_protocol",
  plan,
};

const FUNCTION = "update_socket_protocol";
const ENABLED = "/proc/sys/net/mptcp/enabled";

function plan(given: Given, machine: Machine): Plan {
  const names = targets(given);
  checkMachine(machine);
  return {
    script: TOOL_SCRIPTS["mptcpify/mptcpify.bt"] + targetFilter(names),
    params: Object.fromEntries(names.map((name, index) => [`target${index}`, name])),
    changesSystem: true,
    intro: `MPTCP for the new TCP sockets of ${names.length === 0 ? "all programs" : names.join(", ")}... Hit Ctrl-C to end.`,
    columns: [{ title: "PID", field: "pid", width: -7 }, commColumn(16), { title: "IP", field: "ip", width: -2 }],
    screen: { maps: ["@sockets"], blocks: (maps) => [total(maps("@sockets"))] },
  };
}

/** What a program cannot do is said before its sockets fail. */
function checkMachine(machine: Machine): void {
  const enabled = mptcpEnabled();
  if (enabled === undefined) throw new ToolError("this kernel has no MPTCP", "it takes Linux 5.6 and CONFIG_MPTCP");
  if (!machine.hasFmodRet)
    throw new ToolError(
      "this kernel does not let BPF programs change what its functions return (fmod_ret)",
      "it takes Linux 5.7, CONFIG_FUNCTION_TRACER and CONFIG_DEBUG_INFO_BTF",
    );
  if (machine.parameters(FUNCTION).length === 0)
    throw new ToolError(
      `this kernel has no ${FUNCTION}, which decides on the protocol of a socket`,
      "it takes Linux 6.6",
    );
  if (!enabled)
    throw new ToolError("MPTCP is switched off: the sockets would fail", "sysctl net.mptcp.enabled=1 switches it on");
}

/** Absent where the kernel was built without. */
function mptcpEnabled(): boolean | undefined {
  try {
    return readFileSync(ENABLED, "latin1").trim() !== "0";
  } catch {
    return undefined;
  }
}

/** A task's name has so many characters at most. */
const NAME_LENGTH = 15;

function targets(given: Given): readonly string[] {
  const text = given.text("targets");
  if (text === undefined) return [];
  const names = text.split(",").map((name) => name.trim());
  if (names.includes(""))
    throw new ToolError(`--targets: a name is missing in '${text}'`, "write --targets curl,iperf3");
  return names.map((name) => name.slice(0, NAME_LENGTH));
}

/** The names are parameters of the script, so that they may have any characters. */
function targetFilter(names: readonly string[]): string {
  const tests = names.map((_, index) => `comm == getopt("target${index}", "")`);
  return `
// Whether the current task is one that --targets names.
macro is_target() {
  ${tests.length === 0 ? "true" : tests.join(" || ")}
}
`;
}

/** As text only: programs have the rows. */
function total({ entries }: MapEntries): Block {
  const counts = entries.map(({ key, value }) => ({ name: String(key), count: Number(value) }));
  const each = counts.sort((a, b) => b.count - a.count).map(({ name, count }) => `${name} ${count}`);
  const sum = counts.reduce((all, { count }) => all + count, 0);
  return { kind: "lines", text: `\nSockets changed: ${sum}${sum === 0 ? "" : ` (${each.join(", ")})`}\n` };
}
