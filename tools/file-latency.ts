/** Tools that show how long operations of a file system take, a histogram for each kind. */
import { operationScript } from "./file-operations.ts";
import { FILE_SYSTEMS, type FileSystem, fileSystemOf, OPERATIONS, type Operation } from "./file-systems.ts";
import { histograms } from "./histograms.ts";
import { INTERVAL_AND_OUTPUTS, intervalAndOutputs } from "./pacing.ts";
import type { Given, Machine, Moment, Plan, Tool, ToolOption } from "./tool.ts";

const OPTIONS: readonly ToolOption[] = [
  { long: "milliseconds", letter: "m", help: "in milliseconds" },
  { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
];

const GROUP = { group: "files", positionals: INTERVAL_AND_OUTPUTS, hasHistograms: true } as const;

/** `ext4dist` and its like. */
export function latencyTool(name: keyof typeof FILE_SYSTEMS): Tool {
  const fileSystem: FileSystem = FILE_SYSTEMS[name];
  const tool = `${name}dist`;
  return {
    ...GROUP,
    name: tool,
    summary: `how long operations of ${fileSystem.title} take`,
    options: [{ long: "notimestamp", letter: "T", help: "no time above each interval's" }, ...OPTIONS],
    examples: [
      [`beetrace ${tool}`, "until Ctrl-C"],
      [`beetrace ${tool} 1 10`, "ten times a second's"],
      [`beetrace ${tool} -m 5`, "every five seconds, in milliseconds"],
      [`beetrace ${tool} -p 181`, "of one process"],
    ],
    hooks: hooksText(fileSystem, fileSystem.operations),
    plan: (given, machine) =>
      latencyPlan(
        given,
        machine,
        fileSystem,
        fileSystem.operations,
        given.has("interval") && !given.has("notimestamp"),
      ),
  };
}

/** `fsdist`: the file system is an option. */
export const ANY_LATENCY: Tool = {
  ...GROUP,
  name: "fsdist",
  summary: "how long operations of a file system take",
  options: [
    { long: "type", letter: "t", argument: "NAME", help: `which: ${Object.keys(FILE_SYSTEMS).join(", ")}` },
    { long: "timestamp", letter: "T", help: "the time above each output" },
    ...OPTIONS,
  ],
  examples: [
    ["beetrace fsdist -t ext4", "until Ctrl-C"],
    ["beetrace fsdist -t nfs -p 1216", "of one process"],
    ["beetrace fsdist -t xfs 1 10", "ten times a second's"],
  ],
  hooks:
    "the functions of the file system that read, write, open, fsync and stat files; system calls without fentry and kprobes",
  plan: (given, machine) =>
    latencyPlan(given, machine, fileSystemOf(given.text("type")), OPERATIONS, given.has("timestamp")),
};

/** What the reference says of a file system's own tool. */
export function hooksText({ functions }: FileSystem, operations: readonly Operation[]): string {
  const names = operations.flatMap((operation) => functions[operation] ?? []);
  return `fentry and fexit, else kprobe and kretprobe of ${names.join(", ")}; without them system calls`;
}

function latencyPlan(
  given: Given,
  machine: Machine,
  fileSystem: FileSystem,
  operations: readonly Operation[],
  hasTime: boolean,
): Plan {
  const unit = given.has("milliseconds") ? "msecs" : "usecs";
  const { params, ...script } = operationScript("file-latency.bt", "@begun, @latency", fileSystem, operations, machine);
  return {
    ...script,
    params: { ...params, divisor: unit === "msecs" ? 1_000_000 : 1000 },
    intro: `Tracing ${fileSystem.title} operation latency... Hit Ctrl-C to end.`,
    screen: {
      maps: ["@latency"],
      ...intervalAndOutputs(given),
      blocks: (maps, { time }: Moment) => [
        { kind: "lines", text: hasTime ? `\n${time}:\n` : "\n" },
        ...histograms(maps("@latency"), unit, (key) => `operation = ${OPERATIONS[Number(key)]}`),
      ],
    },
  };
}
