import type { JsonValue } from "@beetrace/output";
import type { Column } from "../columns.ts";
import { regularExpression } from "../options.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { clockColumn, sinceStartColumn } from "../times.ts";
import type { Given, Plan, Row, Tool } from "../tool.ts";

const MAX_ARGS = 20;
/** Of all arguments together: what a program was called with may be 2 MiB. */
const ARGUMENT_BYTES = 4096;

/** `beetrace execsnoop` */
export const tool: Tool = {
  name: "execsnoop",
  summary: "programs that are executed",
  group: "processes",
  options: [
    { long: "time", letter: "T", help: "the time of day" },
    { long: "timestamp", letter: "t", help: "seconds since the tool began" },
    { long: "fails", letter: "x", help: "also those that failed" },
    { long: "uid", letter: "u", argument: "USER", help: "processes of this user only, by number or name" },
    { long: "quote", letter: "q", help: "arguments in quotation marks" },
    { long: "name", letter: "n", argument: "REGEX", help: "only programs whose task is named so" },
    { long: "line", letter: "l", argument: "REGEX", help: "only programs whose arguments match" },
    { long: "print-uid", letter: "U", help: "the user's number" },
    { long: "print-cpu", letter: "C", help: "the processor" },
    { long: "print-pcomm", letter: "M", help: "the parent's name" },
    { long: "max-args", argument: "N", kind: "int", help: `at most so many arguments (default ${MAX_ARGS})` },
    { long: "ppid", letter: "P", argument: "PID", kind: "int", help: "only children of this process" },
  ],
  examples: [
    ["beetrace execsnoop", "all programs that are executed"],
    ["beetrace execsnoop -x", "also attempts that fail"],
    ["beetrace execsnoop -n nginx", "programs by name"],
    ["beetrace execsnoop -l '--config' -q", "by argument, arguments in quotes"],
  ],
  hooks: "tracepoint syscalls:sys_exit_{execve,execveat}; with -x sys_enter_* too",
  plan,
};

function plan(given: Given): Plan {
  const most = given.int("max-args") ?? MAX_ARGS;
  const name = regularExpression(given, "name");
  const line = regularExpression(given, "line");
  return {
    script: TOOL_SCRIPTS["execsnoop/execsnoop.bt"] + (given.has("fails") ? TOOL_SCRIPTS["execsnoop/fails.bt"] : ""),
    // An expression without signs of its own is a part of the name: the kernel looks for it.
    params: {
      fails: given.has("fails"),
      ppid: given.int("ppid") ?? 0,
      "max-args": most,
      name: isPlain(name) ? (name?.source ?? "") : "",
    },
    config: { max_strlen: ARGUMENT_BYTES },
    columns: columns(given),
    toRow: rowMaker(most, given.has("quote")),
    keep: ({ comm, args }) => (name?.test(String(comm)) ?? true) && (line?.test(String(args)) ?? true),
  };
}

function isPlain(expression: RegExp | undefined): boolean {
  return expression !== undefined && /^[\w /-]+$/.test(expression.source);
}

/** Arguments of a call that failed come one by one before the record of the call itself. */
function rowMaker(most: number, quotes: boolean): (record: Row) => Row | undefined {
  const pending = new Map<JsonValue, string[]>();
  return ({ tid, arg, argv, ...rest }) => {
    const before = pending.get(tid) ?? [];
    if (arg !== undefined) {
      pending.set(tid, [...before, String(arg)]);
      return undefined;
    }
    pending.delete(tid);
    const all = argv === undefined ? before : argumentsOf(argv as readonly number[]);
    const shown = all.slice(0, most).map((text) => (quotes ? `"${text.replaceAll('"', '\\"')}"` : text));
    if (all.length > most) shown.push("...");
    return { ...rest, args: shown.join(" ").replaceAll("\n", "\\n") };
  };
}

/** Bytes as the kernel keeps arguments: each with a NUL behind it. */
function argumentsOf(bytes: readonly number[]): string[] {
  const text = Buffer.from(bytes).toString("utf8");
  return text.split("\0").slice(0, text.endsWith("\0") ? -1 : undefined);
}

function columns(given: Given): readonly Column[] {
  return [
    ...(given.has("time") ? [clockColumn()] : []),
    ...(given.has("timestamp") ? [sinceStartColumn(-7, 3)] : []),
    ...(given.has("print-uid") ? [{ title: "UID", field: "uid", width: -5 }] : []),
    { title: "COMM", field: "comm", width: -16 },
    { title: "PID", field: "pid", width: -7 },
    ...(given.has("print-pcomm") ? [{ title: "PCOMM", field: "pcomm", width: -16 }] : []),
    { title: "PPID", field: "ppid", width: -7, text: (ppid) => (ppid === 0 ? "?" : String(ppid)) },
    ...(given.has("print-cpu") ? [{ title: "CPU", field: "cpu", width: -4 }] : []),
    { title: "RET", field: "ret", width: 3 },
    { title: "ARGS", field: "args", width: 0 },
  ];
}
