import type { Column } from "../columns.ts";
import { FILE_IO_HOOKS, fileIoProbes, TRANSFER_SORT, transferOrder, transfers } from "../file-io.ts";
import { type Folder, folderAt } from "../mounts.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type Machine, type Plan, type Tool, ToolError } from "../tool.ts";
import { INTERVAL_AND_COUNT, TOP_OPTIONS, topIntro, topScreen } from "../top.ts";
import { kilobytes } from "../units.ts";
import { matchingFolders } from "./glob.ts";

/** `beetrace dirtop` */
export const tool: Tool = {
  name: "dirtop",
  summary: "folders by what is read and written in them, refreshed",
  group: "files",
  options: [
    {
      long: "root-directories",
      letter: "d",
      argument: "FOLDERS",
      help: "these, with commas between: /srv/*/data,/home",
    },
    ...TOP_OPTIONS,
    TRANSFER_SORT,
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
  ],
  positionals: INTERVAL_AND_COUNT,
  examples: [
    ["beetrace dirtop -d '/var/*'", "refreshed each second"],
    ["beetrace dirtop -d '/srv/*/data,/srv/*/log' -C 5 10", "ten tables of five seconds, one under another"],
  ],
  hooks: FILE_IO_HOOKS,
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const folders = foldersOf(given);
  const probes = fileIoProbes(machine, {});
  const order = transferOrder(given);
  const isWanted = folders.map(({ inode, device }) => `(inode == ${inode} && device == ${device})`).join(" || ");
  const considered = folders.map(({ path, inode }) => `Considering ${path} with inode_id ${inode}\n`).join("");
  return {
    ...probes,
    script: `${TOOL_SCRIPTS["dirtop/dirtop.bt"]}\nmacro is_wanted(inode, device) {\n  ${isWanted}\n}\n${probes.script}`,
    intro: considered + topIntro(given),
    screen: topScreen(given, {
      maps: ["@reads", "@writes"],
      columns: COLUMNS,
      rows: (maps) => transfers(maps("@reads"), maps("@writes"), (key) => ({ path: pathOf(folders, key) })).sort(order),
      isDetaching: true,
    }),
  };
}

interface NamedFolder extends Folder {
  readonly path: string;
}

/** Of several names of a folder the first. */
function foldersOf(given: Given): readonly NamedFolder[] {
  const patterns = given.text("root-directories");
  if (patterns === undefined) throw new ToolError("dirtop needs folders", "beetrace dirtop -d '/var/*'");
  const all = patterns
    .split(",")
    .flatMap((pattern) => matchingFolders(pattern).map((path) => ({ path, ...folderAt(path) })));
  if (all.length === 0) throw new ToolError(`there is no folder '${patterns}'`);
  return all.filter((folder, index) => all.findIndex((each) => isSame(each, folder)) === index);
}

function isSame(a: Folder, b: Folder): boolean {
  return a.inode === b.inode && a.device === b.device;
}

function pathOf(folders: readonly NamedFolder[], key: unknown): string {
  const [inode, device] = key as [number, number];
  return folders.find((folder) => isSame(folder, { inode, device }))?.path ?? "?";
}

const COLUMNS: readonly Column[] = [
  { title: "READS", field: "reads", width: -6 },
  { title: "WRITES", field: "writes", width: -6 },
  { title: "R_Kb", field: "rbytes", width: -8, text: kilobytes },
  { title: "W_Kb", field: "wbytes", width: -8, text: kilobytes },
  { title: "PATH", field: "path", width: 0 },
];
