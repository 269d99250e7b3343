/** A counter of include/uapi/linux/perf_event.h under the name that scripts use. */
export interface PerfEvent {
  readonly name: string;
  readonly alias?: string;
  /** `config` of the event (PERF_COUNT_SW_*, PERF_COUNT_HW_*). */
  readonly config: number;
  /** The probe fires once in this many events, unless the script says otherwise. */
  readonly defaultPeriod: number;
}

/** perf_event_attr.type of each family. */
export const PERF_TYPE_HARDWARE = 0;
export const PERF_TYPE_SOFTWARE = 1;

/** What `software:` offers, by name. */
export const SOFTWARE_EVENTS: readonly PerfEvent[] = [
  { name: "alignment-faults", config: 7, defaultPeriod: 1 },
  { name: "bpf-output", config: 10, defaultPeriod: 1 },
  { name: "context-switches", alias: "cs", config: 3, defaultPeriod: 1000 },
  { name: "cpu-clock", alias: "cpu", config: 0, defaultPeriod: 1_000_000 },
  { name: "cpu-migrations", config: 4, defaultPeriod: 1 },
  { name: "dummy", config: 9, defaultPeriod: 1 },
  { name: "emulation-faults", config: 8, defaultPeriod: 1 },
  { name: "major-faults", config: 6, defaultPeriod: 1 },
  { name: "minor-faults", config: 5, defaultPeriod: 100 },
  { name: "page-faults", alias: "faults", config: 2, defaultPeriod: 100 },
  { name: "task-clock", config: 1, defaultPeriod: 1 },
];

/** What `hardware:` offers, by name; a virtual machine may have none of them. */
export const HARDWARE_EVENTS: readonly PerfEvent[] = [
  { name: "backend-stalls", config: 8, defaultPeriod: 1_000_000 },
  { name: "branch-instructions", alias: "branches", config: 4, defaultPeriod: 100_000 },
  { name: "branch-misses", config: 5, defaultPeriod: 100_000 },
  { name: "bus-cycles", config: 6, defaultPeriod: 100_000 },
  { name: "cache-misses", config: 3, defaultPeriod: 1_000_000 },
  { name: "cache-references", config: 2, defaultPeriod: 1_000_000 },
  { name: "cpu-cycles", alias: "cycles", config: 0, defaultPeriod: 1_000_000 },
  { name: "frontend-stalls", config: 7, defaultPeriod: 1_000_000 },
  { name: "instructions", config: 1, defaultPeriod: 1_000_000 },
  { name: "ref-cycles", config: 9, defaultPeriod: 1_000_000 },
];

/** Units of `profile` and `interval`, and the nanoseconds of one; a rate (`hz`) has none. */
export const TIMER_UNITS = { hz: undefined, ms: 1_000_000, s: 1_000_000_000, us: 1000 } as const;
/** What a timer probe counts in: `hz` in `profile:hz:99`. */
export type TimerUnit = keyof typeof TIMER_UNITS;

/** The event of that name or alias. */
export function findPerfEvent(events: readonly PerfEvent[], name: string): PerfEvent | undefined {
  return events.find((event) => event.name === name || event.alias === name);
}

/** Every name and alias, sorted. */
export function perfEventNames(events: readonly PerfEvent[]): readonly string[] {
  return events.flatMap((event) => (event.alias ? [event.name, event.alias] : [event.name])).sort();
}
