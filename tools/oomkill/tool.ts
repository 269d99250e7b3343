import { readFileSync } from "node:fs";
import type { Column } from "../columns.ts";
import { timeOfDay } from "../presentation.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Machine, type Row, type Tool, ToolError } from "../tool.ts";

/** `beetrace oomkill` */
export const tool: Tool = {
  name: "oomkill",
  summary: "processes that are killed as there is no memory left, and for whom",
  group: "memory",
  options: [],
  examples: [
    ["beetrace oomkill", "each kill, with the load"],
    ["beetrace oomkill --json", "for programs"],
  ],
  hooks: "fentry or kprobe oom_kill_process; without either raw tracepoint mark_victim (Linux 6.8)",
  plan: (_given, machine) => ({
    script: scriptFor(machine),
    intro: "Tracing OOM kills... Ctrl-C to stop.",
    columns: COLUMNS,
    toRow: ({ pages, ...row }) => ({ ...row, pages: pages === -1 ? null : pages, loadavg: loadAverage() }),
  }),
};

function scriptFor(machine: Machine): string {
  const hooked = (hook: string) => TOOL_SCRIPTS["oomkill/process.bt"].replace("HOOK", hook);
  if (machine.hasFentry("oom_kill_process")) return hooked("fentry:oom_kill_process { killed(args.oc); }");
  if (machine.hasKprobe("oom_kill_process"))
    return hooked("kprobe:oom_kill_process { killed((struct oom_control *)arg0); }");
  if (machine.hasTracepointField("oom", "mark_victim", "comm")) return TOOL_SCRIPTS["oomkill/victim.bt"];
  throw new ToolError("oomkill needs fentry or kprobes, or Linux 6.8 with its tracepoint oom:mark_victim");
}

function loadAverage(): string {
  return readFileSync("/proc/loadavg", "utf8").trim();
}

/** A sentence, as BCC has it. */
const COLUMNS: readonly Column[] = [
  {
    title: "",
    field: "pid",
    width: 0,
    text: (_, { pid, comm, victim_pid, victim_comm, pages, loadavg }: Row) =>
      `${timeOfDay()} Triggered by PID ${pid} ("${comm}"), OOM kill of PID ${victim_pid} ("${victim_comm}"), ` +
      `${pages ?? "?"} pages, loadavg: ${loadavg}`,
  },
];
