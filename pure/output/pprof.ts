import type { ProfileFrame, ProfileMeasure, ProfileStack } from "./profile.ts";
import { ProtobufWriter } from "./protobuf.ts";

/** What a profile for pprof says beside its stacks. */
export interface PprofOptions {
  /** What the stacks' values are. */
  readonly measures: readonly ProfileMeasure[];
  /** Between two samples. */
  readonly period?: ProfileMeasure & { readonly value: number };
  /** Of its start, since the Unix epoch. */
  readonly timeNs: bigint;
  readonly durationNs: bigint;
}

/** Fields of `Profile` and of what it is made of: github.com/google/pprof, proto/profile.proto. */
const PROFILE = {
  sampleType: 1,
  sample: 2,
  mapping: 3,
  location: 4,
  function: 5,
  stringTable: 6,
  timeNanos: 9,
  durationNanos: 10,
  periodType: 11,
  period: 12,
} as const;
const VALUE_TYPE = { type: 1, unit: 2 } as const;
const SAMPLE = { locationId: 1, value: 2, label: 3 } as const;
const LABEL = { key: 1, str: 2, num: 3 } as const;
const MAPPING = { id: 1, filename: 5, hasFunctions: 7 } as const;
const LOCATION = { id: 1, mappingId: 2, address: 3, line: 4 } as const;
const LINE = { functionId: 1 } as const;
const FUNCTION = { id: 1, name: 2, systemName: 3, filename: 4 } as const;

/** Stacks as `go tool pprof` and its like read them; they also take it compressed by gzip. */
export function pprof(stacks: readonly ProfileStack[], options: PprofOptions): Uint8Array {
  const profile = new ProtobufWriter();
  const names = new Names();
  const tables = new Tables(profile, names);
  const measure = ({ type, unit }: ProfileMeasure) => {
    const numbers = [names.of(type), names.of(unit)];
    return (message: ProtobufWriter) => message.int(VALUE_TYPE.type, numbers[0]).int(VALUE_TYPE.unit, numbers[1]);
  };
  for (const each of options.measures) profile.message(PROFILE.sampleType, measure(each));
  for (const { frames, values, labels = {} } of stacks) {
    const locations = frames.map((frame) => tables.location(frame));
    profile.message(PROFILE.sample, (sample) => {
      sample.ints(SAMPLE.locationId, locations).ints(SAMPLE.value, values);
      for (const [key, value] of Object.entries(labels)) {
        sample.message(SAMPLE.label, (label) => {
          label.int(LABEL.key, names.of(key));
          if (typeof value === "number") label.int(LABEL.num, value);
          else label.int(LABEL.str, names.of(value));
        });
      }
    });
  }
  profile.int(PROFILE.timeNanos, options.timeNs).int(PROFILE.durationNanos, options.durationNs);
  if (options.period !== undefined) {
    profile.message(PROFILE.periodType, measure(options.period)).int(PROFILE.period, options.period.value);
  }
  for (const name of names.all) profile.text(PROFILE.stringTable, name);
  return profile.bytes;
}

/** The string table, whose first entry is empty. */
class Names {
  readonly #numbers = new Map([["", 0]]);

  get all(): Iterable<string> {
    return this.#numbers.keys();
  }

  of(name: string): number {
    return numberOf(this.#numbers, name, this.#numbers.size);
  }
}

/** Modules, functions and places in them, each written once. Their numbers begin with 1. */
class Tables {
  readonly #profile: ProtobufWriter;
  readonly #names: Names;
  readonly #mappings = new Map<string, number>();
  readonly #functions = new Map<string, number>();
  readonly #locations = new Map<string, number>();

  constructor(profile: ProtobufWriter, names: Names) {
    this.#profile = profile;
    this.#names = names;
  }

  location(frame: ProfileFrame): number {
    const mapping = frame.module === undefined ? 0 : this.#mapping(frame.module);
    const called = this.#function(frame);
    return numberOf(this.#locations, `${called} ${frame.address ?? ""}`, this.#locations.size + 1, (id) =>
      this.#profile.message(PROFILE.location, (message) =>
        message
          .int(LOCATION.id, id)
          .int(LOCATION.mappingId, mapping)
          .int(LOCATION.address, frame.address ?? 0)
          .message(LOCATION.line, (line) => line.int(LINE.functionId, called)),
      ),
    );
  }

  #mapping(module: string): number {
    return numberOf(this.#mappings, module, this.#mappings.size + 1, (id) =>
      this.#profile.message(PROFILE.mapping, (message) =>
        message.int(MAPPING.id, id).int(MAPPING.filename, this.#names.of(module)).int(MAPPING.hasFunctions, 1),
      ),
    );
  }

  #function({ name, module = "" }: ProfileFrame): number {
    const [named, file] = [this.#names.of(name), this.#names.of(module)];
    return numberOf(this.#functions, `${named} ${file}`, this.#functions.size + 1, (id) =>
      this.#profile.message(PROFILE.function, (message) =>
        message
          .int(FUNCTION.id, id)
          .int(FUNCTION.name, named)
          .int(FUNCTION.systemName, named)
          .int(FUNCTION.filename, file),
      ),
    );
  }
}

/** The number that a key has, or `next`, which it has from now on. */
function numberOf(numbers: Map<string, number>, key: string, next: number, onNew?: (id: number) => void): number {
  const known = numbers.get(key);
  if (known !== undefined) return known;
  numbers.set(key, next);
  onNew?.(next);
  return next;
}
