/** Stacks as files: flame graphs, and profiles for speedscope and pprof. */
import { gzipSync } from "node:zlib";
import {
  flameGraph,
  mergeStacks,
  type ProfileFrame,
  type ProfileMeasure,
  type ProfileStack,
  pprof,
  speedscope,
} from "@beetrace/output";
import type { Block } from "./blocks.ts";
import { checkWritable, OUTPUT } from "./own-file.ts";
import { type Frames, frameText } from "./stacks.ts";
import type { Given, ToolOption } from "./tool.ts";

/** The options that ask for files. */
export const STACK_FILE_OPTIONS: readonly ToolOption[] = [
  {
    long: "flame",
    argument: "FILE",
    help: "draw a flame graph, an SVG for a browser, in place of text; - is the output",
  },
  { long: "speedscope", argument: "FILE", help: "write a profile for speedscope.app in place of text" },
  { long: "pprof", argument: "FILE", help: "write a profile for pprof (gzip) in place of text" },
];

/** The files that are asked for. */
export interface StackFiles {
  readonly flame?: string;
  readonly speedscope?: string;
  readonly pprof?: string;
}

/** Frames of one kind, or what stands among them: names that are no functions. */
export type FileFrames =
  | { readonly kind: "user" | "kernel"; readonly frames: Frames }
  | { readonly kind: "names"; readonly names: readonly string[] };

/** A stack of a file; its spaces stand innermost first, as their frames do. */
export interface FileStack {
  readonly spaces: readonly FileFrames[];
  /** What it hangs from, outermost first: the name of the task. */
  readonly roots: readonly string[];
  readonly labels?: Readonly<Record<string, string | number>>;
  /** One for each measure. */
  readonly values: readonly number[];
}

/** What a profile is of. */
export interface Profile {
  readonly title: string;
  readonly stacks: readonly FileStack[];
  /** What the values are; the last is what viewers begin with. */
  readonly measures: readonly ProfileMeasure[];
  /** Which of them flame graphs show. */
  readonly pictured: number;
  /** What is counted there, in the plural. */
  readonly unit: string;
  readonly period?: ProfileMeasure & { readonly value: number };
  readonly elapsedMs: number;
}

/** The files that the options ask for; none: undefined. Throws {@link ToolError} where one cannot be written. */
export function stackFiles(given: Given): StackFiles | undefined {
  const files: StackFiles = Object.fromEntries(
    STACK_FILE_OPTIONS.flatMap(({ long }) => (given.has(long) ? [[long, given.text(long) ?? ""]] : [])),
  );
  const paths = Object.values(files);
  for (const path of paths) checkWritable(path);
  return paths.length === 0 ? undefined : files;
}

/** The files, and a line that says what is in each. */
export function stackFileBlocks(files: StackFiles, profile: Profile): readonly Block[] {
  const writers: Readonly<Record<keyof StackFiles, () => string | Uint8Array>> = {
    flame: () => flame(profile),
    speedscope: () => scope(profile),
    pprof: () => gzipSync(protobuf(profile)),
  };
  const total = profile.stacks.reduce((sum, { values }) => sum + values[profile.pictured], 0);
  const says = `${total.toLocaleString("en")} ${profile.unit} in ${profile.stacks.length} stacks`;
  return (Object.keys(writers) as (keyof StackFiles)[]).flatMap((kind): Block[] => {
    const path = files[kind];
    if (path === undefined) return [];
    const file: Block = { kind: "file", path, content: writers[kind]() };
    return path === OUTPUT ? [file] : [file, { kind: "notice", text: `${path}: ${says}\n` }];
  });
}

function flame({ title, stacks, unit, pictured }: Profile): string {
  const folded = stacks.map(({ roots, spaces, values }) => {
    return { frames: [...roots, ...spaces.flatMap(flameNames).reverse()], count: values[pictured] };
  });
  return flameGraph(mergeStacks(folded), { title, unit });
}

function scope({ title, stacks, measures }: Profile): string {
  return speedscope(
    stacks.map((stack) => profileStack(stack, true)),
    { name: title, measures, exporter: "beetrace" },
  );
}

function protobuf({ stacks, measures, period, elapsedMs }: Profile): Uint8Array {
  return pprof(
    stacks.map((stack) => profileStack(stack, false)),
    {
      measures,
      ...(period === undefined ? {} : { period }),
      timeNs: BigInt(Math.round((Date.now() - elapsedMs) * 1e6)),
      durationNs: BigInt(Math.round(elapsedMs * 1e6)),
    },
  );
}

const MISSED = "[missed]";

/** As flame graphs colour them. */
function flameNames(space: FileFrames): readonly string[] {
  if (space.kind === "names") return space.names;
  if (space.frames === null) return [MISSED];
  const mark = space.kind === "kernel" ? "_[k]" : "";
  return space.frames?.map((frame) => `${frameText(frame, space.kind)}${mark}`) ?? [];
}

function profileStack({ spaces, roots, labels, values }: FileStack, rooted: boolean): ProfileStack {
  const bases = rooted ? [...roots].reverse().map((name) => ({ name })) : [];
  return { frames: [...spaces.flatMap(profileFrames), ...bases], values, ...(labels ? { labels } : {}) };
}

function profileFrames(space: FileFrames): readonly ProfileFrame[] {
  if (space.kind === "names") return space.names.map((name) => ({ name }));
  const { frames, kind } = space;
  if (frames === null) return [{ name: MISSED }];
  return (
    frames?.map((frame) => ({
      name: frameText(frame, kind),
      module: frame.module ?? (kind === "kernel" ? "[kernel]" : "[unknown]"),
      address: BigInt(frame.address),
    })) ?? []
  );
}
