import { statSync } from "node:fs";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type Plan, type Tool, ToolError } from "../tool.ts";

/** `beetrace ttysnoop` */
export const tool: Tool = {
  name: "ttysnoop",
  summary: "what is written to a terminal, as it is written",
  group: "processes",
  options: [
    { long: "noclear", letter: "C", help: "do not clear the screen" },
    {
      long: "datasize",
      letter: "s",
      argument: "BYTES",
      kind: "int",
      help: "read so many bytes at a time; default 256",
    },
    { long: "datacount", letter: "c", argument: "N", kind: "int", help: "so often at each write; default 16" },
  ],
  positionals: [{ name: "device", kind: "text", help: "/dev/pts/2, or 2; /dev/console" }],
  examples: [
    ["beetrace ttysnoop /dev/pts/2", "of a terminal"],
    ["beetrace ttysnoop 2", "the same"],
    ["beetrace ttysnoop -C 2 -s 1024", "on a screen that is not cleared, of up to 16 KiB a write"],
  ],
  hooks: "tracepoint syscalls:sys_enter_{write,writev}",
  plan,
};

function plan(given: Given): Plan {
  const size = sizeOf(given, "datasize", 256, 1024);
  const raw = !given.has("json") && !given.has("csv");
  return {
    script: TOOL_SCRIPTS["ttysnoop/ttysnoop.bt"],
    params: { ...deviceParams(given), size, pieces: sizeOf(given, "datacount", 16, 256), raw },
    config: { max_strlen: size + 1 },
    clears: !given.has("noclear"),
  };
}

function sizeOf(given: Given, name: string, usual: number, most: number): number {
  const size = given.int(name) ?? usual;
  if (size < 1 || size > most) throw new ToolError(`--${name}: from 1 to ${most}`);
  return size;
}

/** The terminal's inode and the number of the file system that it is in, as the kernel keeps it: include/linux/kdev_t.h. */
function deviceParams(given: Given): { readonly inode: number; readonly device: number } {
  const name = given.text("device");
  if (name === undefined) throw new ToolError("ttysnoop needs a terminal", "beetrace ttysnoop /dev/pts/2");
  const path = name.startsWith("/") ? name : `/dev/pts/${name}`;
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new ToolError(`there is no terminal ${path}`, "tty prints the name of a terminal");
  if (!stat.isCharacterDevice()) throw new ToolError(`${path} is not a terminal`);
  const major = (stat.dev >> 8) & 0xfff;
  const minor = (stat.dev & 0xff) | ((stat.dev >> 12) & 0xfff00);
  return { inode: stat.ino, device: (major << 20) | minor };
}
