import type { ProbeContext, ProviderName } from "../probe-context.ts";
import { type ExpandInput, type Expansion, type Provider, wrongForm } from "./provider.ts";

/** Run by bpf(BPF_PROG_TEST_RUN). Requires Linux 5.10. */
function context(provider: ProviderName): ProbeContext {
  return {
    provider,
    programType: "BPF_PROG_TYPE_RAW_TRACEPOINT",
    space: "none",
    registers: false,
    result: 0n,
    filterPid: false,
  };
}

function bare(name: "begin" | "end", doc: string): Provider {
  const provider: Provider = {
    name,
    aliases: [name.toUpperCase()],
    form: name,
    doc,
    expand(input: ExpandInput): readonly Expansion[] {
      if (input.parts.length > 0 && input.parts.join("") !== "*") return wrongForm(input, provider);
      return [{ key: name, context: context(name), attachment: { kind: name }, name }];
    },
  };
  return provider;
}

/** `begin` or `BEGIN`. The tracer runs its program itself. */
export const begin = bare("begin", "Runs once, before anything else is attached.");
/** `end` or `END`, run as {@link begin} is. */
export const end = bare("end", "Runs once, after everything is detached.");

export const self: Provider = {
  name: "self",
  aliases: [],
  form: "self:signal:SIGUSR1",
  doc: "Runs when beetrace itself receives the signal SIGUSR1.",
  expand(input) {
    const [event, signal] = input.parts;
    if (input.parts.length !== 2 || event !== "signal") return wrongForm(input, self);
    if (signal !== "SIGUSR1") return wrongForm(input, self, `${signal} is not a supported signal`);
    return [
      { key: "self", context: context("self"), attachment: { kind: "signal", signal }, name: "self:signal:SIGUSR1" },
    ];
  },
};

/** Run by bpf(BPF_PROG_TEST_RUN), which measures XDP programs and gives what they return. */
function trial(name: "test" | "bench", aliases: readonly string[], doc: string): Provider {
  const provider: Provider = {
    name,
    aliases,
    form: `${name}:NAME`,
    doc,
    expand(input: ExpandInput): readonly Expansion[] {
      const [own] = input.parts;
      if (input.parts.length !== 1 || own === "") return wrongForm(input, provider);
      return [
        {
          key: own,
          context: { ...context(name), programType: "BPF_PROG_TYPE_XDP", returnsValue: true },
          attachment: { kind: name, name: own },
          name: `${name}:${own}`,
        },
      ];
    },
  };
  return provider;
}

/** Run with `--test` only. */
export const test = trial(
  "test",
  [],
  "A test: it fails when it returns anything but 0, exits with another code or calls errorf().",
);
/** Run with `--bench` only. */
export const bench = trial(
  "bench",
  ["BENCH"],
  "A benchmark: it is repeated for a millisecond. One that returns anything but 0 is left out.",
);
