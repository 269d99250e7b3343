import { answer } from "../answer.ts";
import type { Column } from "../columns.ts";
import { requireKprobes } from "../function-pattern.ts";
import { type Answer, type Given, type Machine, type Plan, type Row, type Tool, ToolError } from "../tool.ts";
import { ksnoopScript } from "./script.ts";
import { callText, hex, type ShownValue } from "./show.ts";
import { readTraced, type Shown, type Traced } from "./spec.ts";

/** `beetrace ksnoop` */
export const tool: Tool = {
  name: "ksnoop",
  summary: "calls of kernel functions with their arguments and results, typed and whole",
  group: "kernel",
  options: [
    { long: "pid", letter: "p", argument: "PID", kind: "ints", help: "this process only" },
    { long: "pages", letter: "P", argument: "N", kind: "int", help: "size of the buffer of events (a power of two)" },
    { long: "stack", letter: "s", help: "each function only within a call of the one before it" },
    { long: "verbose", letter: "v", help: "the task's name and pid namespace, too; at the end what each probe cost" },
  ],
  positionals: [
    {
      name: "function",
      kind: "text",
      isMany: true,
      help: "trace or info, then name or name(arg, arg->member > 5, return)",
    },
  ],
  examples: [
    ["beetrace ksnoop info vfs_read", "the prototype of a function"],
    ["beetrace ksnoop trace ip_send_skb", "its arguments and its result, at each call"],
    ['beetrace ksnoop trace "ip_send_skb(skb->len > 128, return)"', "of some calls, one member and the result"],
    ["beetrace ksnoop trace -s udp_sendmsg ip_send_skb", "the second only within the first"],
  ],
  hooks: "fentry and fexit, else kprobe and kretprobe",
  plan,
};

function plan(given: Given, machine: Machine): Plan | Answer {
  const [first, ...others] = given.list("function");
  const isInfo = first !== undefined && others.length > 0 && "info".startsWith(first);
  const names =
    isInfo || (first !== undefined && others.length > 0 && "trace".startsWith(first)) ? others : given.list("function");
  if (names.length === 0) throw new ToolError("ksnoop needs a function", "beetrace ksnoop trace vfs_read");
  const functions = names.map((name) => readTraced(name, machine));
  if (isInfo) return info(given, functions);
  const isTyped = functions.every(({ name }) => machine.hasFentry(name));
  if (!isTyped) requireKprobes(machine);
  const pages = given.int("pages");
  return {
    script: ksnoopScript(functions, { isTyped, isNested: given.has("stack") }),
    ...(pages === undefined ? {} : { config: { perf_rb_pages: pages } }),
    columns: columns(given.has("verbose")),
    toRow: calls(functions),
    below: ({ values }) => callText(values as unknown as readonly ShownValue[]),
  };
}

function info(given: Given, functions: readonly Traced[]): Answer {
  const rows = functions.map(({ name, prototype: { parameters, result } }) => ({
    name,
    result: result ?? "void",
    parameters: parameters.map(({ type, name: parameter }) => ({ type, name: parameter })),
  }));
  return answer(given, rows, () =>
    rows
      .map(({ name, result, parameters }) => {
        const list = parameters.map(({ type, name: parameter }) => `${type} ${parameter}`).join(", ");
        return `${result} ${name}(${list});\n`;
      })
      .join(""),
  );
}

/** What a call had at its entry is kept for its return, where that decides. */
function calls(functions: readonly Traced[]): NonNullable<Plan["toRow"]> {
  const entries = new Map<string, readonly ShownValue[]>();
  return (record) => {
    const traced = functions[Number(record.function)];
    const { when, ns, cpu, pid, tid, comm, pid_ns } = record;
    const own = traced.shown.flatMap((shown, at) => (shown.when === when ? [shownValue(shown, at, record)] : []));
    const key = `${record.function} ${tid}`;
    if (traced.waits && when === "entry") {
      entries.set(key, own);
      return undefined;
    }
    const values = [...(entries.get(key) ?? []), ...own];
    entries.delete(key);
    return { ns, cpu, pid_ns, pid, tid, comm, function: traced.name, when, values: values as unknown as Row[] };
  };
}

function shownValue({ name, type, member, isFollowed }: Shown, at: number, record: Row): ShownValue {
  const value = record[`v${at}`];
  if (member !== undefined || !type?.endsWith("*"))
    return { name, type: member === undefined ? (type ?? null) : null, value };
  return { name, type, pointer: hex(value), value: isFollowed ? record[`d${at}`] : null };
}

function columns(verbose: boolean): readonly Column[] {
  const name: Column = { title: "FUNCTION/ARGS", field: "function", width: 0, text: (func) => `${func}(` };
  const time: Column = { title: "TIME", field: "ns", width: 16 };
  const cpu: Column = { title: "CPU", field: "cpu", width: 4 };
  const pid: Column = { title: "PID", field: "pid", width: 8 };
  if (!verbose) return [time, cpu, pid, name];
  const namespace: Column = { title: "NAMESPACE", field: "pid_ns", width: 8 };
  return [time, cpu, namespace, pid, { title: "COMM", field: "comm", width: 16 }, { ...name, width: 32 }];
}
