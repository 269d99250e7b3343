import { readFileSync } from "node:fs";
import type { Column, Row } from "../columns.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { checkExclusive } from "../task-stacks.ts";
import { type Given, type Machine, type MapEntries, type Plan, type Tool, ToolError } from "../tool.ts";
import { type ReasonName, reasonNames } from "./exit-reasons.ts";

/** `beetrace kvmexit` */
export const tool: Tool = {
  name: "kvmexit",
  summary: "why virtual machines are left for the host",
  group: "kernel",
  options: [
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this virtual machine only" },
    { long: "tid", letter: "t", argument: "TID", kind: "int", help: "this thread only" },
    { long: "tids", letter: "T", argument: "TIDS", kind: "ints", help: "these threads only: 395490,395491" },
    { long: "vcpu", letter: "v", argument: "N", kind: "int", help: "this processor of virtual machines only" },
    { long: "alltids", letter: "a", help: "each thread of --pid by itself" },
    {
      long: "max-parallelism",
      letter: "m",
      argument: "N",
      kind: "int",
      help: "has no effect: one thread adds up the counts in any case",
    },
    { long: "debug", letter: "d", help: "print the script first" },
  ],
  positionals: [{ name: "seconds", kind: "number", help: "for so long; default until Ctrl-C" }],
  examples: [
    ["beetrace kvmexit", "all virtual machines"],
    ["beetrace kvmexit -p 3195281 20", "of one, for 20 seconds"],
    ["beetrace kvmexit -p 3195281 -v 0", "of its first processor"],
    ["beetrace kvmexit -p 3195281 -a", "of each of its threads"],
  ],
  hooks: "tracepoint kvm:kvm_exit",
  plan,
};

const FORMAT = "/sys/kernel/tracing/events/kvm/kvm_exit/format";

function plan(given: Given, machine: Machine): Plan {
  if (!machine.hasTracepointField("kvm", "kvm_exit", "exit_reason"))
    throw new ToolError("this kernel does not run virtual machines of x86", "modprobe kvm_intel or kvm_amd");
  checkExclusive(given, "tid", "tids", "vcpu", "alltids");
  const seconds = given.text("seconds");
  const name = reasonNames(readFileSync(FORMAT, "latin1"));
  const columns = columnsFor(given);
  const script = TOOL_SCRIPTS["kvmexit/kvmexit.bt"];
  return {
    script,
    params: { ...(given.has("vcpu") ? { vcpu: given.int("vcpu") ?? 0 } : {}), ...threadParams(given.ints("tids")) },
    intro: `${given.has("debug") ? script : ""}Display kvm exit reasons and statistics for ${whose(given)}${
      seconds === undefined ? "... Hit Ctrl-C to end." : ` after sleeping ${seconds} secs.`
    }`,
    ...(seconds === undefined ? {} : { durationMs: Number(seconds) * 1000 }),
    screen: {
      maps: ["@exits"],
      blocks: (maps) => [{ kind: "table", columns, rows: rows(maps("@exits"), columns, name) }],
    },
  };
}

/** filter.bt has five. */
function threadParams(tids: readonly number[]): Readonly<Record<string, number>> {
  if (tids.length > 5) throw new ToolError("--tids: 5 at most");
  return Object.fromEntries(tids.map((tid, index) => [index === 0 ? "tid" : `tid${index + 1}`, tid]));
}

function whose(given: Given): string {
  if (given.has("tid")) return `TID ${given.text("tid")}`;
  if (given.has("tids")) return `TIDS ${given.text("tids")}`;
  const vcpu = given.has("vcpu") ? `VCPU ${given.text("vcpu")}` : "";
  if (!given.has("pid")) return vcpu === "" ? "all threads" : vcpu;
  const pid = `PID ${given.text("pid")}`;
  return given.has("alltids") ? `${pid} and its all threads` : `${pid} ${vcpu}`.trimEnd();
}

/** Processes and threads are told apart where several are looked at. */
function columnsFor(given: Given): readonly Column[] {
  const pid = { title: "PID", field: "pid", width: -8 };
  const tid = { title: given.has("tids") ? "TIDS" : "TID", field: "tid", width: -8 };
  const isOne = given.has("tid") || (given.has("pid") && !given.has("alltids") && !given.has("tids"));
  const ids = isOne ? [] : given.has("tids") || given.has("pid") ? [tid] : [pid, tid];
  return [
    ...ids,
    { title: "KVM_EXIT_REASON", field: "reason", width: -35 },
    { title: "COUNT", field: "count", width: -8 },
  ];
}

/** What the columns do not tell apart is one; by thread, the most frequent first. */
function rows({ entries }: MapEntries, columns: readonly Column[], name: ReasonName): readonly Row[] {
  const has = (field: string) => columns.some((column) => column.field === field);
  const found = new Map<
    string,
    { readonly pid: number; readonly tid: number; readonly reason: string; count: number }
  >();
  for (const { key, value } of entries) {
    const [pid, tid, isa, exitReason] = key as readonly [number, number, number, number];
    const row = { pid: has("pid") ? pid : 0, tid: has("tid") ? tid : 0, reason: name(isa, exitReason) };
    const id = JSON.stringify(row);
    found.set(id, { ...row, count: (found.get(id)?.count ?? 0) + Number(value) });
  }
  return [...found.values()]
    .sort((a, b) => a.pid - b.pid || a.tid - b.tid || b.count - a.count)
    .map(({ pid, tid, reason, count }) => ({
      ...(has("pid") ? { pid } : {}),
      ...(has("tid") ? { tid } : {}),
      reason,
      count,
    }));
}
