/** A frame of a profile. Text is Unicode. */
export interface ProfileFrame {
  readonly name: string;
  /** The program, library or kernel module. */
  readonly module?: string;
  readonly address?: bigint;
}

/** A stack of a profile and what was measured for it. */
export interface ProfileStack {
  /** Innermost first. */
  readonly frames: readonly ProfileFrame[];
  /** One for each of the profile's measures. */
  readonly values: readonly number[];
  /** What else is known of it: `comm`, `pid`. */
  readonly labels?: Readonly<Record<string, string | number>>;
}

/** What a value of a stack is: `cpu` in `nanoseconds`, `inuse_space` in `bytes`, `samples` in `count`. */
export interface ProfileMeasure {
  readonly type: string;
  readonly unit: ProfileUnit;
}

/** Units that pprof and speedscope know. */
export type ProfileUnit = "count" | "bytes" | "nanoseconds" | "microseconds" | "milliseconds" | "seconds";
