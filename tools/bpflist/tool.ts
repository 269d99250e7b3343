import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { answer } from "../answer.ts";
import { headerLine, rowLine } from "../columns.ts";
import type { Answer, Given, Tool } from "../tool.ts";

/** `beetrace bpflist` */
export const tool: Tool = {
  name: "bpflist",
  summary: "processes that hold BPF programs, maps and links",
  group: "kernel",
  hasNoTasks: true,
  options: [
    {
      long: "verbosity",
      letter: "v",
      help: "what kind each link is of, and probes of tracefs; twice: those probes themselves",
    },
  ],
  examples: [
    ["beetrace bpflist", "who holds what"],
    ["beetrace bpflist -v", "and what the links are to"],
    ["beetrace bpflist -vv", "and all kprobes and uprobes of tracefs"],
  ],
  hooks: "none: it looks into /proc",
  plan,
};

function plan(given: Given): Answer {
  const verbosity = given.list("verbosity").length;
  const counts = new Map<string, Row>();
  const add = (pid: number, type: string) => {
    const key = `${pid} ${type}`;
    const row = counts.get(key) ?? { pid, comm: commOf(pid), type, count: 0 };
    counts.set(key, { ...row, count: row.count + 1 });
  };
  const events = verbosity > 0 ? (["kprobe", "uprobe"] as const).map((kind) => tracefsProbes(kind)) : [];
  for (const { kind, lines } of events) for (const line of lines) addOwner(kind, line, add);
  for (const pid of numbersIn("/proc")) for (const type of heldBy(pid, verbosity > 0)) add(pid, type);
  const rows = [...counts.values()].sort((a, b) => a.pid - b.pid);
  const listed =
    verbosity > 1 ? events.map(({ kind, lines }) => `open ${kind}s:\n${lines.join("\n")}\n\n`).join("") : "";
  return answer(given, rows, () => listed + table(rows));
}

type Row = { readonly pid: number; readonly comm: string; readonly type: string; readonly count: number };

/** Of each file descriptor that is BPF's: `prog`, `map`, `link`. */
function heldBy(pid: number, kinds: boolean): readonly string[] {
  return numbersIn(`/proc/${pid}/fd`).flatMap((fd) => {
    const type = /^anon_inode:(?:\[?btf\]?|bpf[-_]([\w-]+))$/.exec(textOf(() => readlinkSync(`/proc/${pid}/fd/${fd}`)));
    if (type === null) return [];
    if (type[1] !== "link" || !kinds) return [type[1] ?? "btf"];
    return [`link:${linkType(textOf(() => readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8")))}`];
  });
}

function linkType(fdinfo: string): string {
  return /^link_type:\s+(\S+)/m.exec(fdinfo)?.[1] ?? "unknown";
}

/** Probes that were made by text, not by perf events: BCC's older versions put the owner into their names. */
function addOwner(kind: string, line: string, add: (pid: number, type: string) => void): void {
  const pid = /_bcc_(\d+)\s/.exec(line)?.[1];
  if (pid !== undefined) add(Number(pid), kind);
}

function tracefsProbes(kind: "kprobe" | "uprobe"): { readonly kind: string; readonly lines: readonly string[] } {
  const root = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"].find((path) => existsSync(join(path, "events")));
  const text = root === undefined ? "" : textOf(() => readFileSync(join(root, `${kind}_events`), "utf8"));
  return { kind, lines: text.split("\n").filter((line) => line !== "") };
}

function commOf(pid: number): string {
  return textOf(() => readFileSync(`/proc/${pid}/comm`, "utf8")).trim() || "[unknown]";
}

function numbersIn(folder: string): readonly number[] {
  return textOf(() => readdirSync(folder).join("\n"))
    .split("\n")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Processes end, files are not everywhere: then there is no text. */
function textOf(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}

function table(rows: readonly Row[]): string {
  const width = Math.max(0, ...rows.map(({ type }) => type.length)) + 1;
  const columns = [
    { title: "PID", field: "pid", width: -6 },
    { title: "COMM", field: "comm", width: -16 },
    { title: "TYPE", field: "type", width: -width },
    { title: "COUNT", field: "count", width: 0 },
  ];
  return headerLine(columns) + rows.map((row) => rowLine(columns, row)).join("");
}
