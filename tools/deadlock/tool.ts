import { arch } from "node:process";
import { uprobePoint } from "../function-pattern.ts";
import { checkWritable } from "../own-file.ts";
import { processFiles, variablesOf } from "../process-mappings.ts";
import { namedFrames } from "../row-stacks.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type Machine, type Plan, type Row, type Screen, type Tool, ToolError } from "../tool.ts";
import { LockGraph, type LockOrder, nodeLinkData } from "./graph.ts";
import { type Creation, type Deadlock, deadlockRow, deadlockText } from "./report.ts";

const KEYS_MAX = 65536;

/** `beetrace deadlock` */
export const tool: Tool = {
  name: "deadlock",
  summary: "mutexes of a process that are taken in orders which may end in a deadlock",
  group: "programs",
  options: [
    {
      long: "binary",
      argument: "FILE",
      help: "the program or library that has the functions; default: it is looked for",
    },
    { long: "dump-graph", argument: "FILE", help: "write all orders to this file, as JSON" },
    { long: "verbose", help: "each second how many mutexes and orders there are; at the end what each probe cost" },
    { long: "lock-symbols", argument: "NAMES", help: "functions that lock (default pthread_mutex_lock)" },
    { long: "unlock-symbols", argument: "NAMES", help: "functions that unlock (default pthread_mutex_unlock)" },
    { long: "threads", letter: "t", argument: "N", kind: "int", help: `the most threads (default ${KEYS_MAX})` },
    { long: "edges", letter: "e", argument: "N", kind: "int", help: `the most orders (default ${KEYS_MAX})` },
    { long: "stacktraces", letter: "s", argument: "N", kind: "int", help: `the most stacks (default ${KEYS_MAX})` },
  ],
  positionals: [{ name: "pid", kind: "int", help: "the process" }],
  examples: [
    ["beetrace deadlock 181", "until an order is found that contradicts others, or Ctrl-C"],
    ["beetrace deadlock 181 --dump-graph graph.json", "and all orders to a file"],
    ["beetrace deadlock 181 --lock-symbols my_lock --unlock-symbols my_unlock", "of one's own kind of mutex"],
  ],
  hooks: "uprobes pthread_mutex_lock, pthread_mutex_unlock; raw tracepoint sched_process_fork",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const pid = given.int("pid");
  if (pid === undefined) throw new ToolError("deadlock needs a process", "beetrace deadlock 181");
  const file = given.text("dump-graph");
  if (file !== undefined) checkWritable(file);
  const graph = new LockGraph();
  const keys = Math.max(given.int("threads") ?? KEYS_MAX, given.int("edges") ?? KEYS_MAX);
  return {
    script: scriptFor(given, machine, pid),
    config: {
      max_map_keys: keys,
      max_stacks: given.int("stacktraces") ?? KEYS_MAX,
      ...(unwinds ? { unstable_dw_ustack: "enable" } : {}),
    },
    pid,
    intro: "Tracing... Hit Ctrl-C to end.",
    columns: [{ title: "", field: "mutexes", width: 0, text: (_, row) => String(reports.get(row) ?? "") }],
    toRow: watch(pid, graph),
    screen: screenFor(given, graph, file),
  };
}

/** At the beginning of a function frame pointers miss its caller, who is the one that is looked for. */
const unwinds = arch === "x64";

function scriptFor(given: Given, machine: Machine, pid: number): string {
  const locks = symbolsOf(given, "lock-symbols", "pthread_mutex_lock");
  const unlocks = symbolsOf(given, "unlock-symbols", "pthread_mutex_unlock");
  const binary = given.text("binary");
  const files = binary === undefined ? filesWith(locks[0], machine, pid) : [machine.binary(binary)];
  const points = (names: readonly string[]) =>
    files.flatMap((path) => names.map((name) => uprobePoint(path, name))).join(",\n");
  const creators = processFiles(pid).filter((path) => machine.userFunctions(path, CREATE).length > 0);
  const creates = creators.map((path) => uprobePoint(path, CREATE)).join(",\n");
  return TOOL_SCRIPTS["deadlock/deadlock.bt"]
    .replace("UNLOCKS", () => points(unlocks))
    .replace("LOCKS", () => points(locks))
    .replace("CREATES", () =>
      creates === "" ? "" : TOOL_SCRIPTS["deadlock/creates.bt"].replace("CREATES", () => creates),
    )
    .replace("CREATION", creates === "" ? "STACK" : "@creating[tid]")
    .replaceAll("STACK", unwinds ? "dw_ustack(perf)" : "ustack(perf)");
}

const CREATE = "pthread_create";

function symbolsOf(given: Given, option: string, fallback: string): readonly string[] {
  return (given.text(option) ?? fallback).split(",");
}

function filesWith(symbol: string, machine: Machine, pid: number): readonly string[] {
  const files = processFiles(pid).filter((file) => machine.userFunctions(file, symbol).length > 0);
  if (files.length > 0) return files;
  throw new ToolError(`no file of process ${pid} has a function ${symbol}`, "name one with --binary");
}

/** The text of a row, which is made while the process is there. */
const reports = new WeakMap<Row, string>();

/** Builds the graph of what comes, and ends the run at the first cycle. */
function watch(pid: number, graph: LockGraph): NonNullable<Plan["toRow"]> {
  const creations = new Map<number, Creation>();
  const names = new Map<number, string | undefined>();
  const find = variablesOf(pid);
  const variable = (address: number) => {
    if (!names.has(address)) names.set(address, find(address));
    return names.get(address);
  };
  let isFound = false;
  return (record, stop) => {
    if (isFound) return undefined;
    if (record.created !== undefined) {
      const stack = namedFrames(record.stack);
      creations.set(Number(record.created), { tid: Number(record.tid), comm: String(record.comm), stack });
      return undefined;
    }
    const cycle = graph.add(orderOf(record));
    if (cycle === undefined) return undefined;
    isFound = true;
    stop();
    const deadlock: Deadlock = { cycle, creations, variable };
    const row = deadlockRow(deadlock);
    reports.set(row, deadlockText(deadlock));
    return row;
  };
}

function orderOf({ first, second, tid, comm, first_stack, second_stack }: Row): LockOrder {
  return {
    first: Number(first),
    second: Number(second),
    tid: Number(tid),
    comm: String(comm),
    firstStack: namedFrames(first_stack),
    secondStack: namedFrames(second_stack),
  };
}

function screenFor(given: Given, graph: LockGraph, file: string | undefined): Screen {
  const verbose = given.has("verbose");
  return {
    maps: [],
    ...(verbose ? { intervalMs: 1000 } : {}),
    blocks: (_, { isLast }) => [
      ...(verbose
        ? [
            {
              kind: "lines" as const,
              text: `Mutexes: ${graph.mutexes.length}, Edges: ${graph.orders.length}\n`,
            },
          ]
        : []),
      ...(isLast && file !== undefined ? [{ kind: "file" as const, path: file, content: nodeLinkData(graph) }] : []),
    ],
  };
}
