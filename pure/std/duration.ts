/** The units that a duration may be written in, in nanoseconds. */
export const DURATION_UNITS_NS = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
} as const satisfies Readonly<Record<string, bigint>>;

/** One of the units of {@link DURATION_UNITS_NS}. */
export type DurationUnit = keyof typeof DURATION_UNITS_NS;

const DURATION = /^(\d{1,20})(ns|us|ms|s|m|h|d)$/;

/** Nanoseconds of a duration as scripts write it (`500ms`, `10s`); `undefined` if the text is none. */
export function parseDuration(text: string): bigint | undefined {
  const match = DURATION.exec(text);
  return match === null ? undefined : BigInt(match[1]) * DURATION_UNITS_NS[match[2] as DurationUnit];
}
