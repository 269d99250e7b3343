import { readlinkSync } from "node:fs";
import { basename } from "node:path";
import { secondsColumn } from "../columns.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import type { Row, Tool } from "../tool.ts";

/** `beetrace sofdsnoop` */
export const tool: Tool = {
  name: "sofdsnoop",
  summary: "file descriptors that are passed through sockets",
  group: "files",
  options: [
    { long: "timestamp", letter: "T", help: "seconds since the first event" },
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    { long: "tid", letter: "t", argument: "TID", kind: "int", help: "this thread only" },
    { long: "name", letter: "n", argument: "TEXT", help: "only tasks whose name contains this" },
    { long: "duration", letter: "d", argument: "TIME", help: "end after so many seconds" },
  ],
  examples: [
    ["beetrace sofdsnoop", "all that are sent and received"],
    ["beetrace sofdsnoop -T -n Web", "of tasks named so, with times"],
  ],
  hooks: "tracepoint syscalls:sys_{enter,exit}_{sendmsg,recvmsg}",
  plan: (given) => ({
    script: TOOL_SCRIPTS["sofdsnoop/sofdsnoop.bt"],
    toRow: named,
    columns: [
      ...(given.has("timestamp") ? [secondsColumn("TIME(s)", "ns", -13, 9)] : []),
      { title: "ACTION", field: "action", width: -6 },
      { title: "TID", field: "tid", width: -6 },
      { title: "COMM", field: "comm", width: -16 },
      { title: "SOCKET", field: "socket", width: -25 },
      { title: "FD", field: "fd", width: -5 },
      { title: "NAME", field: "name", width: 0 },
    ],
  }),
};

/** With what the socket and the file are called. */
function named({ socket_fd, socket, mode, inode, last, ...rest }: Row): Row {
  return {
    ...rest,
    socket: `${socket_fd}:socket:[${socket}]`,
    name: fileName(Number(rest.tid), Number(rest.fd), Number(mode), Number(inode), String(last)),
  };
}

/** The type of a file, in its mode: include/uapi/linux/stat.h. */
const S_IFMT = 0xf000;
const S_IFSOCK = 0xc000;
const S_IFIFO = 0x1000;

/** What /proc calls a file; the last part of its name where that is another file by now, or gone. */
function fileName(tid: number, fd: number, mode: number, inode: number, last: string): string {
  if ((mode & S_IFMT) === S_IFSOCK) return `socket:[${inode}]`;
  if ((mode & S_IFMT) === S_IFIFO && last === "") return `pipe:[${inode}]`;
  try {
    const path = readlinkSync(`/proc/${tid}/fd/${fd}`);
    if (basename(path.replace(/ \(deleted\)$/, "")) === last || path.includes(":")) return path;
  } catch {
    // The task has ended, or closed it.
  }
  return last || "N/A";
}
