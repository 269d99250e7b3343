import { softirqName } from "../irq-times.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { clockColumn } from "../times.ts";
import type { Given, Plan, Tool } from "../tool.ts";

const MIN_US = 10_000;
const STAGES: Readonly<Record<string, string>> = { raise: "irq(hard) to softirq", run: "softirq runtime" };

/** `beetrace softirqslower` */
export const tool: Tool = {
  name: "softirqslower",
  summary: "soft interrupts that wait or run for long",
  group: "kernel",
  hasNoTasks: true,
  options: [{ long: "cpu", letter: "c", argument: "CPU", kind: "int", help: "on this processor only" }],
  positionals: [
    { name: "min_us", kind: "int", help: `only those of so many microseconds and more (default ${MIN_US})` },
  ],
  examples: [
    ["beetrace softirqslower", "10 ms and more"],
    ["beetrace softirqslower 100000", "100 ms and more"],
    ["beetrace softirqslower -c 1", "on processor 1"],
  ],
  hooks: "raw tracepoints softirq_raise, softirq_entry, softirq_exit",
  plan,
};

function plan(given: Given): Plan {
  const min = given.int("min_us") ?? MIN_US;
  return {
    script: TOOL_SCRIPTS["softirqslower/softirqslower.bt"],
    params: { min, cpu: given.int("cpu") ?? -1 },
    intro: `Tracing softirq latency higher than ${min} us... Hit Ctrl-C to end.`,
    columns: [
      clockColumn(),
      { title: "STAGE", field: "stage", width: -20, text: (stage) => STAGES[String(stage)] },
      { title: "SOFTIRQ", field: "softirq", width: -8 },
      { title: "LAT(us)", field: "latency_ns", width: -14, text: (ns) => String(Math.floor(Number(ns) / 1000)) },
      { title: "CPU", field: "cpu", width: -6 },
      { title: "COMM", field: "comm", width: -16 },
    ],
    toRow: ({ vec, stage, ...row }) => ({ stage, softirq: softirqName(vec), ...row }),
  };
}
