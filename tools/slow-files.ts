/** Tools that show operations of a file system which take long. */
import { type Column, cut } from "./columns.ts";
import { hooksText } from "./file-latency.ts";
import { operationScript } from "./file-operations.ts";
import { FILE_SYSTEMS, type FileSystem, fileSystemOf, OPERATIONS, type Operation } from "./file-systems.ts";
import { clockColumn } from "./times.ts";
import { type Given, type Machine, type Plan, type Row, type Tool, ToolError, type ToolOption } from "./tool.ts";
import { kilobytes, milliseconds } from "./units.ts";

const DEFAULT_MS = 10;

const PID: ToolOption = { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" };
const DURATION: ToolOption = { long: "duration", letter: "d", argument: "TIME", help: "end after so many seconds" };

/** `ext4slower` and its like. */
export function slowTool(name: keyof typeof FILE_SYSTEMS, csvLetter = "j"): Tool {
  const fileSystem: FileSystem = FILE_SYSTEMS[name];
  const tool = `${name}slower`;
  return {
    name: tool,
    summary: `operations of ${fileSystem.title} that take long`,
    group: "files",
    options: [{ long: "csv", letter: csvLetter, help: "comma-separated values" }, PID, DURATION],
    positionals: [{ name: "min_ms", kind: "number", help: `longer than so many milliseconds; default ${DEFAULT_MS}` }],
    examples: [
      [`beetrace ${tool}`, `longer than ${DEFAULT_MS} ms`],
      [`beetrace ${tool} 1`, "longer than 1 ms"],
      [`beetrace ${tool} 0 -p 185`, "all of one process"],
      [`beetrace ${tool} -${csvLetter} 1`, "for programs"],
    ],
    hooks: hooksText(fileSystem, fileSystem.operations),
    plan: (given, machine) =>
      slowPlan(given, machine, fileSystem, fileSystem.operations, { comm: 14, letters: "RWOSG" }),
  };
}

/** `fsslower`: the file system is an option. */
export const ANY_SLOW: Tool = {
  name: "fsslower",
  summary: "operations of a file system that take long",
  group: "files",
  options: [
    { long: "type", letter: "t", argument: "NAME", help: `which: ${Object.keys(FILE_SYSTEMS).join(", ")}` },
    { long: "min", letter: "m", argument: "MS", kind: "number", help: `longer than this; default ${DEFAULT_MS}` },
    { long: "csv", letter: "c", help: "comma-separated values" },
    PID,
    DURATION,
  ],
  examples: [
    ["beetrace fsslower -t ext4", `longer than ${DEFAULT_MS} ms`],
    ["beetrace fsslower -t nfs -p 1216", "of one process"],
    ["beetrace fsslower -t xfs -c -d 1", "for a second, for programs"],
  ],
  hooks:
    "the functions of the file system that read, write, open and fsync files; system calls without fentry and kprobes",
  plan: (given, machine) => {
    const fileSystem = fileSystemOf(given.text("type"));
    return slowPlan(given, machine, fileSystem, fileSystem.operations, { comm: 16, letters: "RWOFG" });
  },
};

/** What the tools with BCC's names and those with libbpf's have differently. */
interface Looks {
  readonly comm: number;
  /** Of {@link OPERATIONS}. */
  readonly letters: string;
}

function slowPlan(
  given: Given,
  machine: Machine,
  fileSystem: FileSystem,
  operations: readonly Operation[],
  { comm, letters }: Looks,
): Plan {
  const minMs = Number(given.text("min_ms") ?? given.text("min") ?? DEFAULT_MS);
  if (minMs < 0) throw new ToolError("the least time has to be 0 or more");
  const { params, ...script } = operationScript("slow-files.bt", "@begun", fileSystem, operations, machine);
  const toRow = ({ operation, ...row }: Row): Row => ({ ...row, type: letters[Number(operation)] });
  return {
    ...script,
    params: { ...params, names: true, min: Math.round(minMs * 1000) },
    intro: `Tracing ${fileSystem.title} operations${minMs === 0 ? "" : ` slower than ${minMs} ms`}`,
    columns: columns(comm),
    toRow: given.has("csv") ? (record) => csvRow(toRow(record)) : toRow,
  };
}

function columns(comm: number): readonly Column[] {
  return [
    clockColumn(),
    { title: "COMM", field: "comm", width: -comm, text: cut(comm) },
    { title: "PID", field: "pid", width: -7 },
    { title: "T", field: "type", width: 1 },
    { title: "BYTES", field: "bytes", width: -7 },
    { title: "OFF_KB", field: "offset", width: -8, text: kilobytes },
    { title: "LAT(ms)", field: "latency_ns", width: 7, text: milliseconds(2) },
    { title: "FILENAME", field: "file", width: 0 },
  ];
}

/** The names that BCC's tools have in the first line. */
function csvRow({ end_ns, comm, pid, type, bytes, offset, latency_ns, file }: Row): Row {
  const microseconds = (ns: unknown) => Math.floor(Number(ns) / 1000);
  return {
    ENDTIME_us: microseconds(end_ns),
    TASK: comm,
    PID: pid,
    TYPE: type,
    BYTES: bytes,
    OFFSET_b: offset,
    LATENCY_us: microseconds(latency_ns),
    FILE: file,
  };
}
