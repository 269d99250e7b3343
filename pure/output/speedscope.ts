import type { ProfileMeasure, ProfileStack } from "./profile.ts";

/** What a file for speedscope says beside its stacks. */
export interface SpeedscopeOptions {
  readonly name: string;
  /** What the stacks' values are; the last one is shown. */
  readonly measures: readonly ProfileMeasure[];
  /** The program that made it, with its version. */
  readonly exporter: string;
}

/**
 * Stacks as a file for https://www.speedscope.app: JSON, in Unicode. Layout: its file-format-schema.json, of a sampled
 * profile.
 */
export function speedscope(stacks: readonly ProfileStack[], { name, measures, exporter }: SpeedscopeOptions): string {
  const frames = new Map<string, { readonly index: number; readonly name: string; readonly file?: string }>();
  const samples = stacks.map((stack) =>
    stack.frames.map((frame) => {
      const identity = `${frame.module ?? ""}\n${frame.name}`;
      let known = frames.get(identity);
      if (known === undefined) {
        known = { index: frames.size, name: frame.name, ...(frame.module ? { file: frame.module } : {}) };
        frames.set(identity, known);
      }
      return known.index;
    }),
  );
  const weights = stacks.map(({ values }) => values[measures.length - 1]);
  const unit = measures[measures.length - 1].unit;
  return JSON.stringify({
    $schema: "https://www.speedscope.app/file-format-schema.json",
    name,
    exporter,
    shared: { frames: Array.from(frames.values(), ({ index: _, ...frame }) => frame) },
    profiles: [
      {
        type: "sampled",
        name,
        unit: unit === "count" ? "none" : unit,
        startValue: 0,
        endValue: weights.reduce((sum, weight) => sum + weight, 0),
        samples: samples.map((stack) => stack.reverse()),
        weights,
      },
    ],
  });
}
