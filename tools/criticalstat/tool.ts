import type { JsonValue } from "@beetrace/output";
import { stackLines } from "../row-stacks.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type Machine, type Plan, type Row, type Tool, ToolError } from "../tool.ts";

const MIN_US = 100;

/** `beetrace criticalstat` */
export const tool: Tool = {
  name: "criticalstat",
  summary: "long stretches of the kernel in which a processor takes no interrupts, or gives no other task a turn",
  group: "kernel",
  options: [
    { long: "preemptoff", letter: "p", help: "stretches without preemption" },
    { long: "irqoff", letter: "i", help: "stretches without interrupts (default)" },
    {
      long: "duration",
      letter: "d",
      argument: "US",
      kind: "int",
      help: `only stretches of so many microseconds or more (default ${MIN_US})`,
    },
  ],
  examples: [
    ["beetrace criticalstat", `no interrupts for ${MIN_US} us or more`],
    ["beetrace criticalstat -d 500", "for half a millisecond or more"],
    ["beetrace criticalstat -p", "no preemption"],
  ],
  hooks: "raw tracepoints irq_disable, irq_enable or preempt_disable, preempt_enable; cpu_idle",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  if (given.has("preemptoff") && given.has("irqoff"))
    throw new ToolError("--preemptoff and --irqoff exclude each other");
  const minUs = given.int("duration") ?? MIN_US;
  if (minUs === 0) throw new ToolError("--duration has to be more than 0: every stretch would be shown");
  const [what, script] = given.has("preemptoff")
    ? (["preempt", SCRIPT.replaceAll("irq_", "preempt_")] as const)
    : (["irq", SCRIPT] as const);
  if (!given.has("ebpf")) requireTracepoint(what, machine);
  return {
    script,
    params: { min_us: minUs },
    intro: `Finding critical section with ${what} disabled for ${minUs}us or more... Hit Ctrl-C to end.`,
    columns: [{ title: "", field: "comm", width: 0, text: (_, row) => head(row) }],
    below,
  };
}

const SCRIPT = TOOL_SCRIPTS["criticalstat/criticalstat.bt"];

/** The options of the kernel that bring the tracepoints of a kind; distributions leave them out for what they cost. */
const OPTIONS = { irq: "CONFIG_IRQSOFF_TRACER", preempt: "CONFIG_PREEMPT_TRACER" } as const;

function requireTracepoint(what: keyof typeof OPTIONS, machine: Machine): void {
  const tracepoint = `${what}_disable`;
  if (!machine.hasTracepoint("preemptirq", tracepoint))
    throw new ToolError(
      `this kernel has no tracepoint preemptirq:${tracepoint}: it was built without CONFIG_PREEMPTIRQ_TRACEPOINTS`,
      `boot a kernel that was built with ${OPTIONS[what]}, which brings it`,
    );
}

const RULE = "=".repeat(35);

function head({ comm, pid, tid, cpu, ns }: Row): string {
  const total = (Number(ns) / 1000).toFixed(3);
  return `${RULE}\nTASK: ${comm} (pid ${pid} tid ${tid} cpu ${cpu}) Total Time: ${total}us\n`;
}

function below(row: Row): string {
  const stack = stackLines(row.kernel_stack, { indent: "  ", modules: false });
  // The kernel finds callers by frame pointers.
  const caller = (name: JsonValue) => (name === "0" ? "[unknown]" : name);
  return `Section start: ${row.start} -> ${caller(row.start_caller)}
Section end:   ${row.end} -> ${caller(row.end_caller)}
${stack}${RULE}

`;
}
