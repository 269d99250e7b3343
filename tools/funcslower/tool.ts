import type { JsonValue } from "@beetrace/output";
import { type Column, cut, secondsColumn } from "../columns.ts";
import { entryProbes, readPlace } from "../function-pattern.ts";
import { stackFunctions } from "../row-stacks.ts";
import { clockColumn } from "../times.ts";
import { type Given, type Machine, type Plan, type Row, type Tool, ToolError } from "../tool.ts";

const ARGUMENTS_MAX = 6;

/** `beetrace funcslower` */
export const tool: Tool = {
  name: "funcslower",
  summary: "calls of functions that take long",
  group: "kernel",
  options: [
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    {
      long: "min-ms",
      letter: "m",
      argument: "MS",
      kind: "number",
      help: "only those of so many milliseconds (default 1)",
    },
    { long: "min-us", letter: "u", argument: "US", kind: "number", help: "only those of so many microseconds" },
    { long: "arguments", letter: "a", argument: "N", kind: "int", help: "the first N arguments, as integers" },
    { long: "time", letter: "T", help: "the time of day" },
    { long: "timestamp", letter: "t", help: "seconds since the first" },
    { long: "verbose", letter: "v", help: "print the script first, and at the end what each probe cost" },
    { long: "folded", letter: "f", help: "stacks folded, a line each" },
    { long: "user-stack", letter: "U", help: "the process' stack" },
    { long: "kernel-stack", letter: "K", help: "the kernel's stack" },
  ],
  positionals: [{ name: "function", kind: "text", isMany: true, help: "func of the kernel, or lib:func" }],
  examples: [
    ["beetrace funcslower -m 10 vfs_write", "calls of 10 ms and more"],
    ["beetrace funcslower -p 135 -u 10 c:open c:read", "of libc, of 10 us and more, in a process"],
    ["beetrace funcslower -a 2 -U c:open", "with two arguments, and who called"],
  ],
  hooks: "kprobe and kretprobe, or uprobe and uretprobe",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const functions = given.list("function");
  if (functions.length === 0) throw new ToolError("funcslower needs a function", "beetrace funcslower -m 10 vfs_write");
  const count = given.int("arguments") ?? 0;
  if (count < 0 || count > ARGUMENTS_MAX) throw new ToolError(`--arguments: 0 to ${ARGUMENTS_MAX}`);
  const script = `import "filter.bt";\n${functions.map((name, index) => probeText(name, index, given, machine)).join("")}`;
  const folded = given.has("folded");
  const [value, unit] = threshold(given);
  const verbose = given.has("verbose") ? `${script}\n` : "";
  return {
    script,
    ...(given.has("pid") ? { pid: given.int("pid") ?? 0 } : {}),
    ...(folded ? {} : { intro: `${verbose}Tracing function calls slower than ${value} ${unit}... Ctrl+C to quit.` }),
    columns: folded ? [{ title: "", field: "comm", width: 0, text: foldedLine }] : columns(given),
    toRow: (record) => rowOf(record, functions, count),
    ...(folded ? {} : { below: stacksText }),
  };
}

function threshold(given: Given): readonly [value: number, unit: "ms" | "us", ns: number] {
  if (given.has("min-us") && !given.has("min-ms"))
    return [given.int("min-us") ?? 0, "us", Math.floor((given.int("min-us") ?? 0) * 1e3)];
  const value = given.int("min-ms") ?? 1;
  return [value, "ms", Math.floor(value * 1e6)];
}

/** Numbers of 64 bits come in halves: the text of a record cannot hold them whole. */
function halves(name: string, value: string): string {
  return `${name}_high = (uint64)${value} >> 32, ${name}_low = (uint64)${value} & 0xffffffff`;
}

/** Of calls of one function within each other the inner one counts: the outer one's beginning is forgotten. */
function probeText(name: string, index: number, given: Given, machine: Machine): string {
  const place = readPlace(name, machine);
  if (place.kind !== "kernel" && place.kind !== "user")
    throw new ToolError(`'${name}' is neither a function of the kernel nor lib:function`);
  const { probe } = entryProbes(place, machine);
  const numbers = Array.from({ length: given.int("arguments") ?? 0 }, (_, at) => at);
  const key = `tid, (uint32)${index}`;
  const fields = [
    `function = ${index}`,
    "start_ns = $begun",
    "latency_ns = $end - $begun",
    "pid = pid",
    "tid = tid",
    "comm = comm",
    halves("retval", "retval"),
    ...numbers.map((at) => halves(`a${at}`, `@a${at}[${key}]`)),
    ...(given.has("kernel-stack") ? ["kernel_stack = kstack(perf)"] : []),
    ...(given.has("user-stack") ? ["user_stack = ustack(perf)"] : []),
  ];
  return `
${probe}
{
  if (traced()) {
    @begun[${key}] = (uint64)nsecs;
${numbers.map((at) => `    @a${at}[${key}] = (uint64)arg${at};\n`).join("")}  }
}

${probe.replace(/^(k|u)probe/, "$1retprobe")}
{
  if (has_key(@begun, (${key}))) {
    $end = (uint64)nsecs;
    $begun = @begun[${key}];
    if ($end - $begun >= ${threshold(given)[2]}) {
      print((${fields.join(", ")}));
    }
    delete(@begun, (${key}));
${numbers.map((at) => `    delete(@a${at}, (${key}));\n`).join("")}  }
}
`;
}

function rowOf(record: Row, functions: readonly string[], count: number): Row {
  const whole = (name: string) =>
    ((BigInt(String(record[`${name}_high`])) << 32n) | BigInt(String(record[`${name}_low`]))).toString(16);
  const { start_ns, latency_ns, pid, tid, comm } = record;
  const has = (name: string) => record[name] !== undefined;
  return {
    start_ns,
    pid,
    tid,
    comm,
    latency_ns,
    retval: `0x${whole("retval")}`,
    function: functions[Number(record.function)],
    ...(count > 0 ? { arguments: Array.from({ length: count }, (_, at) => `0x${whole(`a${at}`)}`) } : {}),
    ...(has("kernel_stack") ? { kernel_stack: record.kernel_stack } : {}),
    ...(has("user_stack") ? { user_stack: record.user_stack } : {}),
  };
}

function columns(given: Given): readonly Column[] {
  const [, unit] = threshold(given);
  const divisor = unit === "us" ? 1e3 : 1e6;
  const count = given.int("arguments") ?? 0;
  const call = (name: JsonValue, row: Row) => [name, ...(count > 0 ? (row.arguments as string[]) : [])].join(" ");
  return [
    ...(given.has("time")
      ? [clockColumn(-10)]
      : given.has("timestamp")
        ? [secondsColumn("TIME", "start_ns", -10, 6)]
        : []),
    { title: "COMM", field: "comm", width: -14, text: cut(14) },
    { title: "PID", field: "pid", width: -6 },
    { title: `LAT(${unit})`, field: "latency_ns", width: 7, text: (ns) => (Number(ns) / divisor).toFixed(2) },
    { title: "RVAL", field: "retval", width: 16, text: (value) => String(value).slice("0x".length) },
    { title: `FUNC${count > 0 ? " ARGS" : ""}`, field: "function", width: 0, text: call },
  ];
}

/** The kernel's first, innermost first. */
function stacksText({ kernel_stack, user_stack }: Row): string {
  return [...stackFunctions(kernel_stack), ...stackFunctions(user_stack)].map((name) => `    ${name}\n`).join("");
}

function foldedLine(comm: JsonValue, { kernel_stack, user_stack }: Row): string {
  const user = stackFunctions(user_stack).reverse();
  const kernel = stackFunctions(kernel_stack).reverse();
  const delimiter = user.length > 0 && kernel.length > 0 ? ["-"] : [];
  return `${[comm, ...user, ...delimiter, ...kernel].join(";")} 1`;
}
