/** What tools show that count something for the stacks of tasks: as BCC prints them, folded, as rows, as files. */
import type { ProfileMeasure } from "@beetrace/output";
import type { Block } from "./blocks.ts";
import type { Row } from "./columns.ts";
import { type StackFiles, stackFileBlocks } from "./stack-files.ts";
import { type FrameStyle, type Frames, missedNotice, rootFirst, stackField, stackLines } from "./stacks.ts";
import type { Given, MapEntries, ToolOption } from "./tool.ts";
import { ToolError } from "./tool.ts";

/** What was counted for a task's stacks: the key of the script's map, which is a record of these fields. */
export interface TaskStack {
  /** Empty where the stacks of all tasks are counted together. */
  readonly comm: string;
  readonly pid: number;
  readonly tid?: number;
  readonly user?: Frames;
  readonly kernel?: Frames;
  readonly value: number;
}

/** The entries of such a map, the smallest first. */
export function taskStacks({ entries }: MapEntries): readonly TaskStack[] {
  return entries
    .map(({ key, value }) => ({ ...(key as unknown as Omit<TaskStack, "value">), value: Number(value) }))
    .sort((a, b) => a.value - b.value);
}

/** Options that say which stacks are shown and how. */
export const TASK_STACK_OPTIONS: readonly ToolOption[] = [
  { long: "user-stacks-only", letter: "U", help: "no stacks of the kernel" },
  { long: "kernel-stacks-only", letter: "K", help: "no stacks of user space" },
  { long: "delimited", letter: "d", help: "-- between stacks of the kernel and of user space" },
  { long: "folded", letter: "f", help: "a line a stack, for flame graphs" },
];

/** For the script's parameter `stacks`. Throws {@link ToolError}. */
export function stacksParam(given: Given): "user" | "kernel" | "both" {
  checkExclusive(given, "user-stacks-only", "kernel-stacks-only");
  return given.has("user-stacks-only") ? "user" : given.has("kernel-stacks-only") ? "kernel" : "both";
}

/** `user + kernel`, as headings have it. */
export function stacksText(given: Given): string {
  const stacks = stacksParam(given);
  return stacks === "both" ? "user + kernel" : stacks;
}

/** How a heading goes on: for how long. */
export function durationText(seconds: number | undefined): string {
  return seconds === undefined ? "... Hit Ctrl-C to end." : ` for ${seconds} secs.`;
}

/** Throws {@link ToolError} where more than one of these was given. */
export function checkExclusive(given: Given, ...options: readonly string[]): void {
  const both = options.filter((option) => given.has(option));
  if (both.length > 1) throw new ToolError(`--${both[0]} and --${both[1]} exclude each other`);
}

/** How a tool shows its stacks. */
export interface TaskStackView {
  /** Of rows: `count`. */
  readonly field: string;
  readonly frames: FrameStyle;
  /** One line of text of a frame. */
  readonly line: (text: string, address: string | undefined) => string;
  /** `--` between kernel and user space, in text. */
  readonly delimiter: string;
  /** What follows the frames: the task and what was counted. */
  readonly foot: (stack: TaskStack) => string;
  /** For files. */
  readonly profile: {
    readonly title: string;
    readonly unit: string;
    readonly pictured: number;
    readonly measures: readonly ProfileMeasure[];
    readonly period?: ProfileMeasure & { readonly value: number };
    readonly values: (value: number) => readonly number[];
  };
}

/** The stacks in the form that was asked for. */
export function taskStackBlocks(
  stacks: readonly TaskStack[],
  given: Given,
  files: StackFiles | undefined,
  view: TaskStackView,
  elapsedMs: number,
): readonly Block[] {
  const notice: Block = { kind: "notice", text: missedNotice(stacks.flatMap(({ user, kernel }) => [user, kernel])) };
  if (files !== undefined) return [...fileBlocks(stacks, files, view, elapsedMs), notice];
  const text = given.has("folded")
    ? stacks.map((stack) => `${foldedFrames(stack, given).join(";")} ${stack.value}\n`)
    : ["\n", ...stacks.map((stack) => stackText(stack, given, view))];
  return [{ kind: "lines", text: text.join(""), rows: stacks.map((stack) => stackRow(stack, view.field)) }, notice];
}

function stackText(stack: TaskStack, given: Given, { frames, line, delimiter, foot }: TaskStackView): string {
  const { user, kernel } = stack;
  const framesOf = (each: Frames, space: "user" | "kernel") =>
    stackLines(each, space, frames, (text, frame) => line(text, frame?.address));
  const between = given.has("delimited") && hasBoth(stack) ? delimiter : "";
  return framesOf(kernel, "kernel") + between + framesOf(user, "user") + foot(stack);
}

/** Whether there are frames of both spaces, with a place between them. */
export function hasBoth({ user, kernel }: Pick<TaskStack, "user" | "kernel">): boolean {
  return (user?.length ?? 0) > 0 && (kernel?.length ?? 0) > 0;
}

/** From the root: the name of the task, user space, the kernel. */
function foldedFrames(stack: TaskStack, given: Given): readonly string[] {
  const between = given.has("delimited") && hasBoth(stack) ? ["-"] : [];
  const mark = given.has("annotations") ? "_[k]" : "";
  const task = stack.comm === "" ? [] : [stack.comm.replaceAll(";", ":")];
  return [...task, ...rootFirst(stack.user, "user"), ...between, ...rootFirst(stack.kernel, "kernel", mark)];
}

function stackRow({ comm, pid, tid, user, kernel, value }: TaskStack, field: string): Row {
  return {
    ...(comm === "" ? {} : { pid, ...(tid === undefined ? {} : { tid }), comm }),
    ...(user === undefined ? {} : { user_stack: stackField(user, "user") }),
    ...(kernel === undefined ? {} : { kernel_stack: stackField(kernel, "kernel") }),
    [field]: value,
  };
}

function fileBlocks(
  stacks: readonly TaskStack[],
  files: StackFiles,
  { profile }: TaskStackView,
  elapsedMs: number,
): readonly Block[] {
  const { values, ...rest } = profile;
  return stackFileBlocks(files, {
    ...rest,
    elapsedMs,
    stacks: stacks.map(({ comm, pid, user, kernel, value }) => ({
      ...(comm === "" ? { roots: [] } : { roots: [comm], labels: { comm, pid } }),
      spaces: [
        { kind: "kernel", frames: kernel },
        { kind: "user", frames: user },
      ],
      values: values(value),
    })),
  });
}
