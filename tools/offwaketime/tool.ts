import { AWAY_OPTIONS, awayPlan, awayProfile } from "../away.ts";
import type { Block } from "../blocks.ts";
import type { Row } from "../columns.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type FileFrames, STACK_FILE_OPTIONS, type StackFiles, stackFileBlocks, stackFiles } from "../stack-files.ts";
import { type Frames, missedNotice, outermostFirst, rootFirst, stackField, stackLines } from "../stacks.ts";
import {
  durationText,
  hasBoth,
  stacksParam,
  stacksText,
  TASK_STACK_OPTIONS,
  type TaskStack,
  taskStacks,
} from "../task-stacks.ts";
import type { Given, Plan, Tool } from "../tool.ts";

/** `beetrace offwaketime` */
export const tool: Tool = {
  name: "offwaketime",
  summary: "where tasks wait and who ends it: time away, by their stack and their waker's",
  group: "scheduler",
  options: [...AWAY_OPTIONS, ...TASK_STACK_OPTIONS, ...STACK_FILE_OPTIONS],
  positionals: [{ name: "duration", kind: "number", help: "end after so many seconds" }],
  examples: [
    ["beetrace offwaketime", "all threads, until Ctrl-C"],
    ["beetrace offwaketime -p 181 5", "a process, for five seconds"],
    ["beetrace offwaketime -K -m 1000", "stacks of the kernel, waits of a millisecond or more"],
    ["beetrace offwaketime --flame out.svg 30", "as a flame graph, with the wakers on top"],
  ],
  hooks: "raw tracepoints sched_switch, sched_waking",
  plan,
};

function plan(given: Given): Plan {
  const files = stackFiles(given);
  const seconds = given.int("duration");
  const { params, config } = awayPlan(given);
  const intro = `Tracing blocked time (us) by ${stacksText(given)} off-CPU and waker stack${durationText(seconds)}`;
  return {
    script: TOOL_SCRIPTS["offwaketime/offwaketime.bt"],
    params: { ...params, stacks: stacksParam(given) },
    config,
    ...(given.has("folded") || files !== undefined ? {} : { intro }),
    ...(seconds === undefined ? {} : { durationMs: seconds * 1000 }),
    screen: {
      maps: ["@time"],
      blocks: (maps, { elapsedMs }) => blocks(waits(taskStacks(maps("@time"))), given, files, elapsedMs),
    },
  };
}

/** A task that ran when another was woken. */
type Waker = Omit<TaskStack, "value">;

/** Time that a task was away, and who ended it. */
interface Wait extends TaskStack {
  readonly waker: Waker;
}

/** A waker without a name is none: what else is known of it is no stack. */
function waits(stacks: readonly TaskStack[]): readonly Wait[] {
  return (stacks as readonly Wait[]).map((wait) => {
    const { comm, pid, tid } = wait.waker;
    return comm === "" ? { ...wait, waker: { comm, pid, ...(tid === undefined ? {} : { tid }) } } : wait;
  });
}

function blocks(
  all: readonly Wait[],
  given: Given,
  files: StackFiles | undefined,
  elapsedMs: number,
): readonly Block[] {
  const stacks = all.flatMap(({ user, kernel, waker }) => [user, kernel, waker.user, waker.kernel]);
  const notice: Block = { kind: "notice", text: missedNotice(stacks) };
  if (files !== undefined) return [...fileBlocks(all, files, elapsedMs), notice];
  const delimited = given.has("delimited");
  const text = given.has("folded")
    ? all.map((wait) => folded(wait, delimited)).join("")
    : `\n${all.map((wait) => waitText(wait, delimited)).join("")}`;
  return [{ kind: "lines", text, rows: all.map(waitRow) }, notice];
}

/** The waker's stack stands on its head: both meet at the wakeup. */
function waitText(wait: Wait, delimited: boolean): string {
  const { comm, tid, waker, value } = wait;
  const line = (text: string) => `    ${text}\n`;
  const titled = (title: string, rest: string) => line(`${title.padEnd(16)} ${rest}`);
  const lines = (frames: Frames, space: "user" | "kernel") => stackLines(frames, space, {}, line);
  const between = (stack: Waker) => (delimited && hasBoth(stack) ? line("-") : "");
  return [
    titled("waker:", `${waker.comm} ${waker.tid}`),
    lines(outermostFirst(waker.user), "user"),
    between(waker),
    lines(outermostFirst(waker.kernel), "kernel"),
    titled("--", "--"),
    lines(wait.kernel, "kernel"),
    between(wait),
    lines(wait.user, "user"),
    titled("target:", `${comm} ${tid}`),
    `        ${value}\n\n`,
  ].join("");
}

/** From the root of the task that waits to its leaf, and on from the waker's leaf to its root. */
function folded(wait: Wait, delimited: boolean): string {
  const { waker, value } = wait;
  const between = (stack: Waker) => (delimited && hasBoth(stack) ? ["-"] : []);
  const task = ({ comm }: Waker) => comm.replaceAll(";", ":");
  const names = [
    task(wait),
    ...rootFirst(wait.user, "user"),
    ...between(wait),
    ...rootFirst(wait.kernel, "kernel"),
    "--",
    ...rootFirst(waker.kernel, "kernel").reverse(),
    ...between(waker),
    ...rootFirst(waker.user, "user").reverse(),
    task(waker),
  ];
  return `${names.join(";")} ${value}\n`;
}

function waitRow(wait: Wait): Row {
  const { comm, pid, tid, waker, value } = wait;
  return {
    pid,
    tid: tid ?? null,
    comm,
    ...stackFields("", wait),
    waker: waker.comm,
    waker_pid: waker.pid,
    waker_tid: waker.tid ?? null,
    ...stackFields("waker_", waker),
    us: value,
  };
}

function stackFields(prefix: string, { user, kernel }: Waker): Row {
  return {
    ...(user === undefined ? {} : { [`${prefix}user_stack`]: stackField(user, "user") }),
    ...(kernel === undefined ? {} : { [`${prefix}kernel_stack`]: stackField(kernel, "kernel") }),
  };
}

function fileBlocks(all: readonly Wait[], files: StackFiles, elapsedMs: number): readonly Block[] {
  return stackFileBlocks(files, {
    title: "offwaketime",
    ...awayProfile("off_cpu"),
    elapsedMs,
    stacks: all.map(({ comm, pid, waker, user, kernel, value }) => ({
      roots: [comm],
      labels: { comm, pid, waker: waker.comm },
      spaces: [
        { kind: "names", names: [waker.comm] },
        { kind: "user", frames: outermostFirst(waker.user) },
        { kind: "kernel", frames: outermostFirst(waker.kernel) },
        { kind: "names", names: ["--"] },
        { kind: "kernel", frames: kernel },
        { kind: "user", frames: user },
      ] satisfies FileFrames[],
      values: [value],
    })),
  });
}
