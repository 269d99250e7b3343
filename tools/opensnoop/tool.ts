import { readlinkSync } from "node:fs";
import { join } from "node:path";
import type { JsonValue } from "@beetrace/output";
import { type Column, secondsColumn } from "../columns.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type Row, type Tool, ToolError } from "../tool.ts";

/** Open flags by name: include/uapi/asm-generic/fcntl.h. */
const FLAGS: Readonly<Record<string, number>> = {
  O_WRONLY: 0o1,
  O_RDWR: 0o2,
  O_CREAT: 0o100,
  O_EXCL: 0o200,
  O_NOCTTY: 0o400,
  O_TRUNC: 0o1000,
  O_APPEND: 0o2000,
  O_NONBLOCK: 0o4000,
  O_DSYNC: 0o10000,
  O_DIRECTORY: 0o200000,
  O_NOFOLLOW: 0o400000,
  O_CLOEXEC: 0o2000000,
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
    { long: "extended_fields", letter: "e", help: "flags and mode" },
    {
      long: "flag_filter",
      letter: "f",
      argument: "O_FLAG",
      kind: "list",
      help: "only opens with this flag, such as O_WRONLY",
    },
    { long: "full-path", letter: "F", help: "the whole path of a relative name" },
    { long: "exec", argument: "COMMAND", help: "run this command and trace it only" },
  ],
  examples: [
    ["beetrace opensnoop", "all opens"],
    ["beetrace opensnoop -x", "only those that failed"],
    ["beetrace opensnoop -u www-data", "of a user"],
    ["beetrace opensnoop -n nginx --json", "of tasks named so, for programs"],
  ],
  hooks: "tracepoint syscalls:sys_{enter,exit}_{open,openat,openat2}",
  plan: (given) => ({
    script: TOOL_SCRIPTS["opensnoop/opensnoop.bt"],
    params: { failed: given.has("failed"), flags: flagMask(given) },
    columns: columns(given),
    ...(given.has("exec") ? { command: given.text("exec") ?? "" } : {}),
  }),
};

function flagMask(given: Given): number {
  return given.list("flag_filter").reduce((mask, name) => mask | flag(name), 0);
}

function flag(name: string): number {
  const bit = FLAGS[name.startsWith("O_") ? name : `O_${name}`];
  if (bit === undefined)
    throw new ToolError(`there is no open flag ${name}`, `known are ${Object.keys(FLAGS).join(", ")}`);
  return bit;
}

/** Of a relative name, what the process calls its directory now: BPF programs do not walk it. */
function fullPath(path: JsonValue, { pid }: Row): string {
  const name = String(path);
  if (name.startsWith("/")) return name;
  try {
    return join(readlinkSync(`/proc/${pid}/cwd`), name);
  } catch {
    return name; // the process has ended
  }
}

function columns(given: Given): readonly Column[] {
  const octal = (digits: number) => (value: unknown) => Number(value).toString(8).padStart(digits, "0");
  return [
    ...(given.has("timestamp") ? [secondsColumn("TIME(s)", "ns", -14, 9)] : []),
    ...(given.has("print-uid") ? [{ title: "UID", field: "uid", width: -6 }] : []),
    { title: given.has("tid") ? "TID" : "PID", field: given.has("tid") ? "tid" : "pid", width: -6 },
    { title: "COMM", field: "comm", width: -16 },
    { title: "FD", field: "fd", width: 4 },
    { title: "ERR", field: "err", width: 3 },
    ...(given.has("extended_fields")
      ? [
          { title: "FLAGS", field: "flags", width: -8, text: octal(8) },
          {
            title: "MODE",
            field: "mode",
            width: -4,
            text: (mode: unknown, row: { flags?: unknown }) => (Number(row.flags) & 0o100 ? octal(4)(mode) : "n/a"),
          },
        ]
      : []),
    { title: "PATH", field: "path", width: 0, ...(given.has("full-path") ? { text: fullPath } : {}) },
  ];
}
