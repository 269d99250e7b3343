import { AWAY_OPTIONS, awayPlan, awayProfile } from "../away.ts";
import type { Block } from "../blocks.ts";
import { DETACHING } from "../pacing.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { STACK_FILE_OPTIONS, type StackFiles, stackFileBlocks, stackFiles } from "../stack-files.ts";
import { type Frames, missedNotice, rootFirst, stackField, stackLines } from "../stacks.ts";
import { durationText } from "../task-stacks.ts";
import type { Given, MapEntries, Moment, Plan, Tool } from "../tool.ts";

/** `beetrace wakeuptime` */
export const tool: Tool = {
  name: "wakeuptime",
  summary: "who wakes tasks that slept, and how long they had slept, by the waker's stack",
  group: "scheduler",
  options: [
    ...AWAY_OPTIONS,
    { long: "verbose", letter: "v", help: "say more: what each probe cost; addresses are always shown" },
    { long: "folded", letter: "f", help: "a line a stack, for flame graphs" },
    ...STACK_FILE_OPTIONS,
  ],
  positionals: [{ name: "duration", kind: "number", help: "end after so many seconds" }],
  examples: [
    ["beetrace wakeuptime", "all tasks, until Ctrl-C"],
    ["beetrace wakeuptime -p 181 5", "who wakes a process, for five seconds"],
    ["beetrace wakeuptime -u -m 1000", "no kernel threads; sleeps of a millisecond or more"],
    ["beetrace wakeuptime --flame out.svg 30", "as a flame graph"],
  ],
  hooks: "raw tracepoints sched_switch, sched_waking",
  plan,
};

function plan(given: Given): Plan {
  const files = stackFiles(given);
  const seconds = given.int("duration");
  const { params, config } = awayPlan(given);
  return {
    script: TOOL_SCRIPTS["wakeuptime/wakeuptime.bt"],
    params,
    config,
    ...(given.has("folded") || files !== undefined
      ? {}
      : { intro: `Tracing blocked time (us) by kernel stack${durationText(seconds)}` }),
    ...(seconds === undefined ? {} : { durationMs: seconds * 1000 }),
    screen: { maps: ["@time"], blocks: (maps, moment) => blocks(wakeups(maps("@time")), given, files, moment) },
  };
}

/** Time that tasks of a name slept until others woke them, in this way. */
interface Wakeup {
  readonly waker: string;
  readonly target: string;
  readonly kernel: Frames;
  readonly us: number;
}

function wakeups({ entries }: MapEntries): readonly Wakeup[] {
  return entries
    .map(({ key, value }) => ({ ...(key as unknown as Omit<Wakeup, "us">), us: Number(value) }))
    .sort((a, b) => a.us - b.us);
}

function blocks(
  all: readonly Wakeup[],
  given: Given,
  files: StackFiles | undefined,
  { elapsedMs }: Moment,
): readonly Block[] {
  const notice: Block = { kind: "notice", text: missedNotice(all.map(({ kernel }) => kernel)) };
  if (files !== undefined) return [...fileBlocks(all, files, elapsedMs), notice];
  const isFolded = given.has("folded");
  const text = isFolded ? all.map(folded).join("") : `\n${all.map(wakeupText).join("")}`;
  const rows = all.map(({ waker, target, kernel, us }) => ({
    target,
    waker,
    kernel_stack: stackField(kernel, "kernel"),
    us,
  }));
  return [{ kind: "lines", text, rows }, ...(isFolded ? [] : [DETACHING]), notice];
}

function folded({ waker, target, kernel, us }: Wakeup): string {
  const task = (name: string) => name.replaceAll(";", ":");
  return `${[task(waker), ...rootFirst(kernel, "kernel"), task(target)].join(";")} ${us}\n`;
}

function wakeupText({ waker, target, kernel, us }: Wakeup): string {
  const frames = stackLines(kernel, "kernel", {}, (text, frame) => {
    const address = frame === undefined ? "" : `${frame.address.slice(2).padEnd(16)} `;
    return `    ${address}${text}\n`;
  });
  return `    ${"target:".padEnd(16)} ${target}\n${frames}    ${"waker:".padEnd(16)} ${waker}\n        ${us}\n\n`;
}

function fileBlocks(all: readonly Wakeup[], files: StackFiles, elapsedMs: number): readonly Block[] {
  return stackFileBlocks(files, {
    title: "wakeuptime",
    ...awayProfile("blocked"),
    elapsedMs,
    stacks: all.map(({ waker, target, kernel, us }) => ({
      roots: [waker],
      labels: { waker, target },
      spaces: [
        { kind: "names", names: [target] },
        { kind: "kernel", frames: kernel },
      ],
      values: [us],
    })),
  });
}
