import { type Column, cut } from "../columns.ts";
import { FILE_IO_HOOKS, fileIoProbes, TRANSFER_SORT, transferOrder, transfers } from "../file-io.ts";
import { type Folder, folderAt } from "../mounts.ts";
import { VERBOSE } from "../options.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type Machine, type Plan, type Tool, ToolError } from "../tool.ts";
import { INTERVAL_AND_COUNT, TOP_OPTIONS, topIntro, topScreen } from "../top.ts";
import { kilobytes } from "../units.ts";

/** `beetrace filetop` */
export const tool: Tool = {
  name: "filetop",
  summary: "files by what is read and written, refreshed",
  group: "files",
  options: [
    { long: "all-files", letter: "a", help: "what is no regular file too: sockets, pipes, terminals" },
    ...TOP_OPTIONS,
    TRANSFER_SORT,
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    { long: "read-only", help: "only reads" },
    { long: "write-only", help: "only writes" },
    { long: "directory", letter: "d", argument: "FOLDER", help: "only files that are directly in this folder" },
    VERBOSE,
  ],
  positionals: INTERVAL_AND_COUNT,
  examples: [
    ["beetrace filetop", "refreshed each second"],
    ["beetrace filetop -C 5 10", "ten tables of five seconds, one under another"],
    ["beetrace filetop -d /var/log --write-only", "what is written to files of a folder"],
  ],
  hooks: FILE_IO_HOOKS,
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  if (given.has("read-only") && given.has("write-only"))
    throw new ToolError("--read-only and --write-only exclude each other");
  const probes = fileIoProbes(machine, { reads: !given.has("write-only"), writes: !given.has("read-only") });
  const order = transferOrder(given);
  const path = given.text("directory");
  const folder: Folder | undefined = path === undefined ? undefined : folderAt(path);
  return {
    ...probes,
    script: TOOL_SCRIPTS["filetop/filetop.bt"] + probes.script,
    params: { ...probes.params, all: given.has("all-files"), folder: folder?.inode ?? 0, device: folder?.device ?? 0 },
    intro: `${path === undefined ? "" : `Tracing directory: ${path} (Inode: ${folder?.inode})\n`}${topIntro(given)}`,
    screen: topScreen(given, {
      maps: ["@reads", "@writes"],
      columns: COLUMNS,
      rows: (maps) => transfers(maps("@reads"), maps("@writes"), nameOf).sort(order),
      isDetaching: true,
    }),
  };
}

function nameOf(key: unknown) {
  const [tid, comm, inode, device, type, file] = key as [number, string, number, number, string, string];
  return { tid, comm, inode, device, type, file };
}

/** As many characters of a name as there are. */
const NAME = 32;

const COLUMNS: readonly Column[] = [
  { title: "TID", field: "tid", width: -7 },
  { title: "COMM", field: "comm", width: -16, text: cut(16) },
  { title: "READS", field: "reads", width: -6 },
  { title: "WRITES", field: "writes", width: -6 },
  { title: "R_Kb", field: "rbytes", width: -7, text: kilobytes },
  { title: "W_Kb", field: "wbytes", width: -7, text: kilobytes },
  { title: "T", field: "type", width: 1 },
  {
    title: "FILE",
    field: "file",
    width: 0,
    text: (name) => (String(name).length > NAME ? `${String(name).slice(0, NAME - 3)}...` : String(name)),
  },
];
