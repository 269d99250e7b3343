import type { JsonValue } from "@beetrace/output";
import type { Column } from "../columns.ts";
import { controlGroup, controlGroupParams } from "../control-groups.ts";
import { stackLines } from "../row-stacks.ts";
import { clockColumn } from "../times.ts";
import { type Given, type Machine, type Plan, type Row, type Tool, ToolError } from "../tool.ts";
import { message } from "./format.ts";
import { readProbe, type TraceProbe } from "./probe.ts";

const STRING_BYTES = 80;

/** `beetrace trace` */
export const tool: Tool = {
  name: "trace",
  summary: "a line of one's own for each pass of a function, tracepoint or static probe",
  group: "kernel",
  options: [
    {
      long: "buffer-pages",
      letter: "b",
      argument: "PAGES",
      kind: "int",
      help: "size of the buffer of events (a power of two)",
    },
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    { long: "tid", letter: "L", argument: "TID", kind: "int", help: "this thread only" },
    { long: "verbose", letter: "v", help: "print the script first, and at the end what each probe cost" },
    {
      long: "string-size",
      letter: "Z",
      argument: "BYTES",
      kind: "int",
      help: `most of a string (default ${STRING_BYTES})`,
    },
    { long: "include-self", letter: "S", help: "the tool's own process too" },
    { long: "max-events", letter: "M", argument: "N", kind: "int", help: "end after so many lines" },
    { long: "timestamp", letter: "t", help: "seconds since the tool began" },
    { long: "unix-timestamp", letter: "u", help: "with -t: seconds since 1970" },
    { long: "time", letter: "T", help: "the time of day" },
    { long: "print_cpu", letter: "C", help: "the processor" },
    { long: "cgroup-path", letter: "c", argument: "PATH", help: "only tasks of this control group and those below" },
    { long: "name", letter: "n", argument: "TEXT", help: "only tasks whose name contains this" },
    { long: "msg-filter", letter: "f", argument: "TEXT", help: "only lines whose message contains this" },
    { long: "bin_cmp", letter: "B", help: "STRCMP with any bytes, which it always does" },
    { long: "sym_file_list", letter: "s", argument: "FILES", help: "files of symbols; they are found without" },
    { long: "kernel-stack", letter: "K", help: "the kernel's stack under each line" },
    { long: "user-stack", letter: "U", help: "the process' stack under each line" },
    { long: "address", letter: "a", help: "addresses in stacks" },
    {
      long: "include",
      letter: "I",
      argument: "HEADER",
      kind: "list",
      help: "a header for what the kernel's types lack",
    },
    { long: "aggregate", letter: "A", help: "with -M: each line once, with how often it came" },
  ],
  positionals: [
    {
      name: "probe",
      kind: "text",
      isMany: true,
      help: '[p|r|t|u]:[where]:name[(signature)] [(predicate)] ["format"[, value…]]',
    },
  ],
  examples: [
    ["beetrace trace 'c:open (arg2 == 42) \"%s %d\", arg1, arg2'", "a function of libc"],
    ["beetrace trace 'r::__x64_sys_openat (retval < 0) \"%d\", retval'", "system calls that failed"],
    ["beetrace trace 't:block:block_rq_complete \"sectors=%d\", args->nr_sector'", "a tracepoint"],
    ["beetrace trace -K -M 5 'kfree_skb'", "a function of the kernel, with five stacks"],
  ],
  hooks: "kprobe, kretprobe, uprobe, uretprobe, tracepoint or usdt, as the probes say",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const texts = given.list("probe");
  if (texts.length === 0) throw new ToolError("trace needs a probe", "beetrace trace 'c:malloc \"size = %d\", arg1'");
  if (given.has("pid") && given.has("tid")) throw new ToolError("--pid and --tid exclude each other");
  if (given.has("aggregate") && !given.has("max-events")) throw new ToolError("--aggregate needs --max-events");
  const probes = texts.map((text) => readProbe(text, machine, given.int("string-size") ?? STRING_BYTES));
  const script = `import "filter.bt";\n${probes.map((probe, index) => probeText(probe, index, given)).join("")}`;
  const pages = given.int("buffer-pages");
  const lines = new Lines(given, probes);
  return {
    script,
    ...(given.has("cgroup-path") ? { params: controlGroupParams(controlGroup(given.text("cgroup-path") ?? "")) } : {}),
    ...(pages === undefined ? {} : { config: { perf_rb_pages: pages } }),
    ...(given.has("pid") ? { pid: given.int("pid") ?? 0 } : {}),
    ...(given.has("include") ? { includes: { files: given.list("include"), folders: [process.cwd()] } } : {}),
    ...(given.has("verbose") ? { intro: script } : {}),
    columns: columns(given, probes),
    toRow: (record, stop) => lines.row(record, stop),
    below: (row) => stacksOf(given, row),
    ...(given.has("aggregate")
      ? { screen: { maps: [], blocks: () => [{ kind: "lines" as const, text: lines.aggregate() }] } }
      : {}),
  };
}

/** A probe of the script: a record for each pass. */
function probeText({ point, filter, values }: TraceProbe, index: number, given: Given): string {
  const own = given.has("include-self") ? [] : [`pid != ${process.pid}`];
  // What is filtered by its message is so here: until then the kernel cannot know when it is enough.
  const most = given.has("msg-filter") ? undefined : given.int("max-events");
  const enough = most === undefined ? [] : [`@sent < ${most}`];
  const conditions = [...own, "traced()", ...(filter === undefined ? [] : [filter]), ...enough];
  const fields = [
    `probe = ${index}`,
    "ns = nsecs(monotonic)",
    "cpu = cpu",
    "pid = pid",
    "tid = tid",
    "comm = comm",
    ...values.map((value, at) => `v${at} = ${value}`),
    ...(given.has("kernel-stack") ? ["kernel_stack = kstack(perf)"] : []),
    ...(given.has("user-stack") ? ["user_stack = ustack(perf)"] : []),
  ];
  return `\n${point}\n{\n  if (${conditions.join(" && ")}) {\n    print((${fields.join(", ")}));\n${most === undefined ? "" : "    @sent++;\n"}  }\n}\n`;
}

/** The lines that are shown, and how many they were. */
class Lines {
  readonly #given: Given;
  readonly #probes: readonly TraceProbe[];
  readonly #counts = new Map<string, number>();
  #count = 0;

  constructor(given: Given, probes: readonly TraceProbe[]) {
    this.#given = given;
    this.#probes = probes;
  }

  row({ probe: index, ...record }: Row, stop: () => void): Row | undefined {
    const most = this.#given.int("max-events");
    if (most !== undefined && this.#count >= most) return undefined;
    const probe = this.#probes[Number(index)];
    const values = probe.values.map((_, at) => record[`v${at}`]);
    const text = message(probe.format, probe.conversions, values);
    if (!text.includes(this.#given.text("msg-filter") ?? "")) return undefined;
    if (++this.#count === most) stop();
    const plain = Object.entries(record).filter(([name]) => !/^v\d+$/.test(name));
    const row: Row = { ...Object.fromEntries(plain), func: probe.name, values, message: text };
    if (!this.#given.has("aggregate")) return row;
    this.#add(row);
    return undefined;
  }

  #add(row: Row): void {
    const [pid, tid] = [row.pid, row.tid].map((id) => String(id).padEnd(7));
    const line = `${pid} ${tid} ${String(row.comm).padEnd(15)} ${String(row.func).padEnd(16)} ${row.message}\n`;
    const text = line + stacksOf(this.#given, row);
    this.#counts.set(text, (this.#counts.get(text) ?? 0) + 1);
  }

  /** Each line once, the most frequent first. */
  aggregate(): string {
    const sorted = [...this.#counts].sort(([, a], [, b]) => b - a);
    return sorted.map(([text, count]) => `${text}-->COUNT ${count}\n\n`).join("");
  }
}

function stacksOf(given: Given, row: Row): string {
  if (!given.has("kernel-stack") && !given.has("user-stack")) return "";
  const style = { addresses: given.has("address") };
  return `${stackLines(row.kernel_stack, style)}${stackLines(row.user_stack, style)}\n`;
}

function columns(given: Given, probes: readonly TraceProbe[]): readonly Column[] {
  return [
    ...(given.has("timestamp")
      ? [secondsColumn(given.has("unix-timestamp"))]
      : given.has("time")
        ? [clockColumn()]
        : []),
    ...(given.has("print_cpu") ? [{ title: "CPU", field: "cpu", width: -3 }] : []),
    { title: "PID", field: "pid", width: -7 },
    { title: "TID", field: "tid", width: -7 },
    { title: "COMM", field: "comm", width: -15 },
    { title: "FUNC", field: "func", width: -16 },
    { title: probes.every(({ format }) => format === "") ? "" : "-", field: "message", width: 0 },
  ];
}

/** Seconds since the tool began, or since 1970. */
function secondsColumn(isUnix: boolean): Column {
  const start = process.hrtime.bigint();
  const zero = isUnix ? Date.now() / 1000 : 0;
  const width = isUnix ? 17 : 8;
  const text = (ns: JsonValue) => ((Number(ns) - Number(start)) / 1e9 + zero).toFixed(6).slice(0, width);
  return { title: "TIME", field: "ns", width: -width, text };
}
