import type { ProbeContext, ProviderName } from "../probe-context.ts";
import { type ExpandInput, type Provider, parseDuration, parseNumber, wrongForm } from "./provider.ts";

function perfContext(provider: ProviderName): ProbeContext {
  return {
    provider,
    programType: "BPF_PROG_TYPE_PERF_EVENT",
    space: "none",
    registers: true,
    result: 0n,
    filterPid: false,
  };
}

const UNIT_NS: Readonly<Record<string, number>> = { s: 1e9, ms: 1e6, us: 1e3 };

/** `UNIT:N` or a duration; the period in nanoseconds, or a frequency. */
function rate(input: ExpandInput, provider: Provider): { periodNs?: number; hertz?: number; name: string } | undefined {
  const [first, second] = input.parts;
  if (input.parts.length === 1) {
    const ns = parseDuration(first);
    if (ns === undefined || ns < 1000n) {
      wrongForm(input, provider, `${provider.name}: '${first}' is not a duration of at least 1us`);
      return undefined;
    }
    const us = ns / 1000n;
    return { periodNs: Number(us) * 1000, name: `${provider.name}:us:${us}` };
  }
  if (input.parts.length !== 2) {
    wrongForm(input, provider);
    return undefined;
  }
  const count = parseNumber(second);
  if (count === undefined) {
    wrongForm(input, provider, `${provider.name}: '${second}' is not a whole number`);
    return undefined;
  }
  if (count < 1n) {
    wrongForm(input, provider, `${provider.name}: the rate must be greater than 0`);
    return undefined;
  }
  const name = `${provider.name}:${first}:${count}`;
  if (first === "hz") return { hertz: Number(count), name };
  const unit = UNIT_NS[first];
  if (unit === undefined) {
    wrongForm(input, provider, `${provider.name}: '${first}' is not a unit: use hz, s, ms or us`);
    return undefined;
  }
  return { periodNs: Number(count) * unit, name };
}

export const profile: Provider = {
  name: "profile",
  aliases: ["p"],
  form: "profile:UNIT:COUNT (UNIT is hz, s, ms or us) or profile:DURATION",
  doc: "Samples every CPU at a rate.",
  expand(input) {
    const found = rate(input, profile);
    if (!found) return [];
    const { name, ...period } = found;
    return [{ key: "profile", context: perfContext("profile"), attachment: { kind: "profile", ...period }, name }];
  },
};

export const interval: Provider = {
  name: "interval",
  aliases: ["i"],
  form: "interval:UNIT:COUNT (UNIT is hz, s, ms or us) or interval:DURATION",
  doc: "Fires on one CPU at a rate.",
  expand(input) {
    const found = rate(input, interval);
    if (!found) return [];
    const periodNs = found.periodNs ?? Math.round(1e9 / found.hertz!);
    return [
      {
        key: "interval",
        context: perfContext("interval"),
        attachment: { kind: "interval", periodNs },
        name: found.name,
      },
    ];
  },
};

function counted(name: "software" | "hardware", alias: string, doc: string): Provider {
  const provider: Provider = {
    name,
    aliases: [alias],
    form: `${name}:EVENT[:COUNT]`,
    doc,
    expand(input) {
      const [event, count] = input.parts;
      if (input.parts.length < 1 || input.parts.length > 2) return wrongForm(input, provider);
      const { catalog } = input.target;
      const found = name === "software" ? catalog.softwareEvent(event) : catalog.hardwareEvent(event);
      if (!found) return [];
      const period = count === undefined || count === "" ? undefined : parseNumber(count);
      if (count && (period === undefined || period < 1n))
        return wrongForm(input, provider, `${name}: '${count}' is not a count`);
      const attachment = { kind: name, event: found.name, period: Number(period ?? found.defaultPeriod) } as const;
      const fullName = [name, event, ...(count ? [String(period)] : [])].join(":");
      return [{ key: name, context: perfContext(name), attachment, name: fullName + (count === undefined ? ":" : "") }];
    },
  };
  return provider;
}

/** `software:page-faults:100`: PERF_TYPE_SOFTWARE of perf_event_open(2). */
export const software = counted("software", "s", "Counts software events of the kernel; fires at every COUNT of them.");
/** `hardware:cache-misses:1000000`: PERF_TYPE_HARDWARE of perf_event_open(2). */
export const hardware = counted("hardware", "h", "Counts events of the CPU; fires at every COUNT of them.");

export const watchpoint: Provider = {
  name: "watchpoint",
  aliases: ["w"],
  form: "watchpoint:ADDRESS:LENGTH:MODE (LENGTH is 1, 2, 4 or 8; MODE of r, w, x)",
  doc: "Fires when memory at an address is read, written or executed.",
  expand(input) {
    const [addressText, lengthText, mode] = input.parts;
    if (input.parts.length !== 3) return wrongForm(input, watchpoint);
    const address = parseNumber(addressText);
    const length = parseNumber(lengthText);
    if (address === undefined || address === 0n)
      return wrongForm(input, watchpoint, `watchpoint: '${addressText}' is not an address`);
    if (length === undefined || ![1n, 2n, 4n, 8n].includes(length)) {
      return wrongForm(input, watchpoint, `watchpoint: length ${lengthText} is not 1, 2, 4 or 8`);
    }
    if (!/^[rwx]+$/.test(mode))
      return wrongForm(input, watchpoint, `watchpoint: mode '${mode}' is not made of r, w and x`);
    if (new Set(mode).size !== mode.length) return wrongForm(input, watchpoint, "watchpoint: mode has a letter twice");
    const sorted = [...mode].sort().join("");
    if (input.target.arch === "x86_64" && !["rw", "w", "x"].includes(sorted)) {
      return wrongForm(input, watchpoint, `watchpoint: x86-64 has the modes rw, w and x, not ${mode}`);
    }
    const sizeBytes = Number(length) as 1 | 2 | 4 | 8;
    const attachment = { kind: "watchpoint", address, sizeBytes, mode: sorted } as const;
    return [
      {
        key: "watchpoint",
        context: perfContext("watchpoint"),
        attachment,
        name: `watchpoint:${address}:${sizeBytes}:${mode}`,
      },
    ];
  },
};
