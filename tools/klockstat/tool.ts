import type { JsonValue } from "@beetrace/output";
import type { Block } from "../blocks.ts";
import { type Column, headerLine, type Row, rowLine } from "../columns.ts";
import { pacing } from "../pacing.ts";
import { STACK_SIZE_OPTIONS, stackSettings } from "../stack-options.ts";
import { type Frames, frameText, missedNotice, stackField } from "../stacks.ts";
import { checkExclusive } from "../task-stacks.ts";
import { type Given, type Machine, type MapEntries, type Plan, type Tool, ToolError } from "../tool.ts";
import { LOCK_FRAME, lockProbes } from "./lock-functions.ts";

/** `beetrace klockstat` */
export const tool: Tool = {
  name: "klockstat",
  summary: "how long the kernel's locks are waited for and held, by who takes them",
  group: "kernel",
  options: [
    { long: "pid", letter: "p", argument: "PID", kind: "ints", help: "this process only" },
    { long: "tid", letter: "t", argument: "TID", kind: "ints", help: "this thread only" },
    { long: "duration", letter: "d", argument: "TIME", help: "end after this time" },
    { long: "interval", letter: "i", argument: "TIME", help: "show what was timed so often" },
    { long: "locks", letter: "n", argument: "N", kind: "int", help: "so many callers" },
    { long: "stacks", letter: "s", argument: "N", kind: "int", help: "so many frames of each caller (default 1)" },
    { long: "caller", letter: "c", argument: "TEXT", help: "callers that begin with this only" },
    { long: "lock", letter: "L", argument: "LOCK", help: "this lock only: its symbol, or its address (0x…)" },
    {
      long: "sort",
      letter: "S",
      argument: "KEYS",
      help: "by acq_max, acq_total or acq_count, hld_max, hld_total or hld_count",
    },
    { long: "per-thread", letter: "P", help: "by thread in place of caller" },
    { long: "timestamp", letter: "T", help: "the time above each output" },
    { long: "reset", letter: "R", help: "has no effect: each interval begins anew in any case" },
    ...STACK_SIZE_OPTIONS,
    { long: "verbose", letter: "v", help: "say more: what each probe cost" },
  ],
  examples: [
    ["beetrace klockstat", "until Ctrl-C"],
    ["beetrace klockstat -i 5 -n 3", "the three worst of each five seconds"],
    ["beetrace klockstat -p 181 -s 5", "the locks of a process, with five frames"],
    ["beetrace klockstat -S acq_count,hld_total", "in another order"],
    ["beetrace klockstat -L cgroup_mutex", "a lock"],
  ],
  hooks:
    "mutex_lock, mutex_unlock, down_read … by fentry or kprobe; without both tracepoint lock:contention_begin: waits only",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  checkExclusive(given, "per-thread", "stacks");
  const { script, onlyContended } = lockProbes(machine);
  const view = viewOf(given);
  const intro = onlyContended ? "\nThis kernel has no kprobes: only waits for locks that were not free are seen." : "";
  return {
    script: `${script}\n${lockMacro(given)}`,
    params: { threads: given.has("per-thread") },
    config: { max_map_keys: 40960, ...stackSettings(given) },
    intro: `Tracing lock events... Hit Ctrl-C to end.${intro}`,
    screen: {
      maps: ["@waits", "@longest_waits", ...(onlyContended ? [] : ["@holds", "@longest_holds"])],
      ...pacing(given),
      blocks: (maps, { time }) => {
        const waits = spentOn(maps("@waits"), maps("@longest_waits"), view);
        const holds = spentOn(maps("@holds"), maps("@longest_holds"), view);
        const notice: Block = { kind: "notice", text: missedNotice([...waits, ...holds].map(({ stack }) => stack)) };
        return [
          ...(given.has("timestamp") ? [{ kind: "lines", text: `${time}\n` } as const] : []),
          table(waits, "spin", view),
          ...(onlyContended ? [] : [table(holds, "hold", view)]),
          notice,
        ];
      },
    },
  };
}

/** Whether a lock is asked for, and by a task that is. */
function lockMacro(given: Given): string {
  const lock = given.text("lock");
  if (lock !== undefined && !/^\w+$/.test(lock))
    throw new ToolError(`--lock: '${lock}' is neither a symbol nor an address`);
  const address = lock === undefined ? "" : /^0x/.test(lock) ? lock : `kaddr("${lock}")`;
  return `macro traced_lock(lock) {\n  ${lock === undefined ? "" : `(uint64)lock == (uint64)${address} && `}traced()\n}\n`;
}

const KEYS = ["max", "total", "count"] as const;
type Key = (typeof KEYS)[number];
type What = "spin" | "hold";

interface View {
  readonly most: number;
  readonly frames: number;
  readonly caller: string;
  readonly threads: boolean;
  readonly sort: Readonly<Record<What, Key>>;
}

function viewOf(given: Given): View {
  const sort: Record<What, Key> = { spin: "max", hold: "max" };
  for (const text of given.text("sort")?.split(",") ?? []) {
    const [, what, key] = /^(acq|hld)_(max|total|count)$/.exec(text) ?? [];
    if (key === undefined) throw new ToolError(`--sort: '${text}' is none of acq_max, acq_total, acq_count, hld_max …`);
    sort[what === "acq" ? "spin" : "hold"] = key as Key;
  }
  return {
    most: given.int("locks") ?? Number.POSITIVE_INFINITY,
    frames: given.int("stacks") ?? 1,
    caller: given.text("caller") ?? "",
    threads: given.has("per-thread"),
    sort,
  };
}

/** The nanoseconds that a caller, or a thread, has waited for locks or held them. */
interface Spent extends Readonly<Record<Key | "average", number>> {
  readonly who: string;
  readonly tid?: number;
  readonly comm?: string;
  /** From the caller on. */
  readonly stack?: Frames;
}

function spentOn(times: MapEntries, longest: MapEntries, { caller }: View): readonly Spent[] {
  const most = new Map(longest.entries.map(({ key, value }) => [JSON.stringify(key), Number(value)]));
  return times.entries
    .map(({ key, value }) => {
      const { count, total } = value as { count: number; total: number };
      return {
        ...spender(key),
        count: Number(count),
        total: Number(total),
        average: Math.floor(Number(total) / Number(count)),
        max: most.get(JSON.stringify(key)) ?? 0,
      };
    })
    .filter(({ who }) => who.startsWith(caller));
}

function spender(key: JsonValue): Pick<Spent, "who" | "tid" | "comm" | "stack"> {
  const { tid, comm, stack } = key as unknown as { tid?: number; comm?: string; stack?: Frames };
  if (tid !== undefined) return { who: `${tid}  ${comm?.padStart(16)}`, tid, comm: comm ?? "" };
  const first = stack?.findIndex(({ name }) => !LOCK_FRAME.test(name ?? "")) ?? 0;
  const from = stack?.slice(Math.max(first, 0)) ?? null;
  return { who: from?.[0] ? frameText(from[0], "kernel", { offset: true }) : "[Missed Kernel Stack]", stack: from };
}

function table(all: readonly Spent[], what: What, { sort, most, frames, threads }: View): Block {
  const spent = all.toSorted((a, b) => b[sort[what]] - a[sort[what]]).slice(0, most);
  const columns = columnsOf(what, threads);
  const inner = ({ stack }: Spent) =>
    (stack ?? [])
      .slice(1, frames)
      .map((frame) => `${frameText(frame, "kernel", { offset: true }).padStart(WHO_WIDTH)}\n`);
  const lines = spent.map((each) => rowLine(columns, rowOf(each, what)) + inner(each).join(""));
  return {
    kind: "lines",
    text: `\n${headerLine(columns)}${lines.join("")}`,
    rows: spent.map((each) => rowOf(each, what)),
  };
}

const WHO_WIDTH = 40;

function columnsOf(what: What, threads: boolean): readonly Column[] {
  const title = what === "spin" ? "Spin" : "Hold";
  return [
    { title: threads ? "Tid              Comm" : "Caller", field: threads ? "thread" : "caller", width: WHO_WIDTH },
    { title: `Avg ${title}`, field: "average", width: 10 },
    { title: "Count", field: "count", width: 6 },
    { title: `Max ${what}`, field: "max", width: 10 },
    { title: `Total ${what}`, field: "total", width: 10 },
  ];
}

function rowOf({ who, tid, comm, stack, average, count, max, total }: Spent, what: What): Row {
  return {
    time: what === "spin" ? "wait" : "hold",
    ...(tid === undefined
      ? { caller: who, stack: stackField(stack, "kernel") }
      : { thread: who, tid, comm: comm ?? "" }),
    average,
    count,
    max,
    total,
  };
}
