import type { JsonValue } from "@beetrace/output";
import { type Column, secondsColumn } from "../columns.ts";
import { pathJoiner } from "../paths.ts";
import { stackLines } from "../row-stacks.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type Plan, type Row, type Tool, ToolError } from "../tool.ts";

const O_CREAT = 0o100;
const O_TMPFILE = 0o20200000;

/** Open flags by name, as C programs on x86-64 have them: include/uapi/asm-generic/fcntl.h. */
const FLAGS: Readonly<Record<string, number>> = {
  O_RDONLY: 0,
  O_WRONLY: 0o1,
  O_RDWR: 0o2,
  O_ACCMODE: 0o3,
  O_CREAT,
  O_EXCL: 0o200,
  O_NOCTTY: 0o400,
  O_TRUNC: 0o1000,
  O_APPEND: 0o2000,
  O_NONBLOCK: 0o4000,
  O_NDELAY: 0o4000,
  O_DSYNC: 0o10000,
  O_ASYNC: 0o20000,
  O_DIRECT: 0o40000,
  O_DIRECTORY: 0o200000,
  O_NOFOLLOW: 0o400000,
  O_NOATIME: 0o1000000,
  O_CLOEXEC: 0o2000000,
  O_SYNC: 0o4010000,
  O_RSYNC: 0o4010000,
  O_PATH: 0o10000000,
  O_TMPFILE,
};

/** `beetrace opensnoop` */
export const tool: Tool = {
  name: "opensnoop",
  summary: "files that are opened",
  group: "files",
  options: [
    { long: "timestamp", letter: "T", help: "seconds since the first event" },
    { long: "print-uid", letter: "U", help: "the user's number" },
    { long: "failed", letter: "x", help: "only opens that failed" },
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    { long: "tid", letter: "t", argument: "TID", kind: "int", help: "this thread only" },
    { long: "uid", letter: "u", argument: "USER", help: "processes of this user only, by number or name" },
    { long: "duration", letter: "d", argument: "TIME", help: "end after so many seconds" },
    { long: "name", letter: "n", argument: "TEXT", help: "only tasks whose name contains this" },
    { long: "extended_fields", letter: "e", also: ["extended-fields"], help: "flags and mode" },
    {
      long: "flag_filter",
      letter: "f",
      argument: "O_FLAG",
      kind: "list",
      help: "only opens with this flag, such as O_WRONLY",
    },
    { long: "callers", letter: "c", help: "the process' stack under each line" },
    { long: "full-path", letter: "F", help: "the whole path of a relative name" },
    {
      long: "buffer-pages",
      letter: "b",
      argument: "PAGES",
      kind: "int",
      help: "size of the buffer of events (a power of two)",
    },
    { long: "exec", argument: "COMMAND…", kind: "rest", help: "run this command and trace it only" },
  ],
  examples: [
    ["beetrace opensnoop", "all opens"],
    ["beetrace opensnoop -x", "only those that failed"],
    ["beetrace opensnoop -u www-data", "of a user"],
    ["beetrace opensnoop -c -n nginx", "who in the program opens them"],
    ["beetrace opensnoop -n nginx --json", "of tasks named so, for programs"],
  ],
  hooks: "tracepoint syscalls:sys_{enter,exit}_{open,openat,openat2}",
  plan,
};

function plan(given: Given): Plan {
  if (given.has("pid") && given.has("exec")) throw new ToolError("--pid and --exec exclude each other");
  const callers = given.has("callers");
  return {
    script: TOOL_SCRIPTS["opensnoop/opensnoop.bt"].replace("STACK", callers ? ", stack = ustack(perf)" : ""),
    params: { failed: given.has("failed"), flags: flagMask(given), "full-path": given.has("full-path") },
    config: bufferPages(given),
    columns: columns(given),
    toRow: pathJoiner("path"),
    ...(callers ? { below: ({ stack }: Row) => stackLines(stack) } : {}),
    ...(given.has("exec") ? { command: given.text("exec") ?? "" } : {}),
  };
}

function bufferPages(given: Given): { perf_rb_pages?: number } {
  const pages = given.int("buffer-pages");
  if (pages === undefined) return {};
  if (pages < 1 || !Number.isInteger(Math.log2(pages))) throw new ToolError("--buffer-pages: not a power of two");
  return { perf_rb_pages: pages };
}

function flagMask(given: Given): number {
  return given.list("flag_filter").reduce((mask, name) => mask | flag(name), 0);
}

function flag(name: string): number {
  const bit = FLAGS[name.startsWith("O_") ? name : `O_${name}`];
  if (bit === undefined)
    throw new ToolError(`there is no open flag ${name}`, `known are ${Object.keys(FLAGS).join(", ")}`);
  return bit;
}

function columns(given: Given): readonly Column[] {
  return [
    ...(given.has("timestamp") ? [secondsColumn("TIME(s)", "ns", -13, 9)] : []),
    ...(given.has("print-uid") ? [{ title: "UID", field: "uid", width: -5 }] : []),
    { title: given.has("tid") ? "TID" : "PID", field: given.has("tid") ? "tid" : "pid", width: -6 },
    { title: "COMM", field: "comm", width: -16 },
    { title: "FD", field: "fd", width: 4 },
    { title: "ERR", field: "err", width: 3 },
    ...(given.has("extended_fields")
      ? [
          { title: "FLAGS", field: "flags", width: -8, text: (flags: JsonValue) => octal(flags, 8) },
          { title: "MODE", field: "mode", width: -4, text: (mode: JsonValue, row: Row) => modeText(mode, row) },
        ]
      : []),
    { title: "PATH", field: "path", width: 0 },
  ];
}

function octal(value: JsonValue, digits: number): string {
  return Number(value).toString(8).padStart(digits, "0");
}

/** A mode counts where a file can be made. */
function modeText(mode: JsonValue, { flags }: Row): string {
  const creates = (Number(flags) & O_CREAT) !== 0 || (Number(flags) & O_TMPFILE) === O_TMPFILE;
  return mode === 0 && !creates ? "n/a" : octal(mode, 4);
}
