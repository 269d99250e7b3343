import type { Btf, BtfFuncProto } from "@beetrace/bytecode";
import {
  fitsTrampoline,
  namedParameters,
  numberedParameters,
  prototypeOf,
  returnParameter,
} from "./function-prototype.ts";
import type { MachineCatalog } from "./machine-catalog.ts";
import { HARDWARE_EVENTS, type PerfEvent, perfEventNames, SOFTWARE_EVENTS, TIMER_UNITS } from "./perf-events.ts";
import { rawTracepoints } from "./raw-tracepoints.ts";
import { usdtList, userFunctionList } from "./user-listing.ts";
import { userParameters } from "./user-parameters.ts";
import { matcher } from "./wildcard.ts";

/** One line of the listing. */
export interface ListedProbe {
  /** What follows `family:`. */
  readonly text: string;
  /** Its parameters as `type name`, worked out only when they are shown. */
  readonly parameters: () => readonly string[];
}

/** A kind of probe that can be listed. */
export interface ProbeFamily {
  readonly name: string;
  readonly aliases: readonly string[];
  /** Listed when no family is named: always, with a process or a file only, or never. */
  readonly unasked: "kernel" | "user" | "never";
  /** The probes that match what follows `family:`, sorted. Throws `CatalogError`. */
  probes(catalog: MachineCatalog, pattern: string): Iterable<ListedProbe>;
}

const NO_PARAMETERS = (): readonly string[] => [];

/** Every family, sorted by name: the order of the listing. */
export const LISTED_FAMILIES: readonly ProbeFamily[] = [
  {
    name: "fentry",
    aliases: ["f", "kfunc"],
    unasked: "kernel",
    probes: (catalog, pattern) => trampolines(catalog, pattern, namedParameters),
  },
  {
    name: "fexit",
    aliases: ["fr", "kretfunc"],
    unasked: "never",
    probes: (catalog, pattern) =>
      trampolines(catalog, pattern, (btf, proto) => [...namedParameters(btf, proto), ...returnParameter(btf, proto)]),
  },
  { name: "fmod_ret", aliases: [], unasked: "never", probes: replaceable },
  {
    name: "hardware",
    aliases: ["h"],
    unasked: "kernel",
    probes: (_catalog, pattern) => perfEvents(HARDWARE_EVENTS, pattern),
  },
  { name: "interval", aliases: ["i"], unasked: "never", probes: (_catalog, pattern) => timers(pattern) },
  { name: "iter", aliases: ["it"], unasked: "kernel", probes: iterators },
  {
    name: "kprobe",
    aliases: ["k"],
    unasked: "kernel",
    probes: (catalog, pattern) => kernelFunctions(catalog, pattern, numberedParameters),
  },
  {
    name: "kretprobe",
    aliases: ["kr"],
    unasked: "never",
    probes: (catalog, pattern) => kernelFunctions(catalog, pattern, returnParameter),
  },
  { name: "profile", aliases: ["p"], unasked: "never", probes: (_catalog, pattern) => timers(pattern) },
  { name: "rawtracepoint", aliases: ["rt"], unasked: "kernel", probes: rawTracepointList },
  {
    name: "self",
    aliases: [],
    unasked: "never",
    probes: (_catalog, pattern) => plain(["signal:SIGUSR1"].filter(matcher(pattern))),
  },
  {
    name: "software",
    aliases: ["s"],
    unasked: "kernel",
    probes: (_catalog, pattern) => perfEvents(SOFTWARE_EVENTS, pattern),
  },
  { name: "tracepoint", aliases: ["t"], unasked: "kernel", probes: tracepoints },
  {
    name: "uprobe",
    aliases: ["u"],
    unasked: "user",
    probes: userFunctions,
  },
  {
    name: "uretprobe",
    aliases: ["ur"],
    unasked: "never",
    probes: (catalog, pattern) => plain(userFunctionList(catalog, pattern)),
  },
  { name: "usdt", aliases: ["U"], unasked: "user", probes: (catalog, pattern) => plain(usdtList(catalog, pattern)) },
];

function userFunctions(catalog: MachineCatalog, pattern: string): readonly ListedProbe[] {
  return userFunctionList(catalog, pattern).map((text) => ({ text, parameters: () => userParameters(catalog, text) }));
}

function plain(texts: Iterable<string>): readonly ListedProbe[] {
  return Array.from(texts, (text) => ({ text, parameters: NO_PARAMETERS }));
}

/** `a:b:c` in two at its first colon; without one, any first part. */
function twoParts(pattern: string): readonly [first: string, rest: string] {
  const colon = pattern.indexOf(":");
  return colon < 0 ? ["*", pattern] : [pattern.slice(0, colon), pattern.slice(colon + 1)];
}

type Parameters = (btf: Btf, proto: BtfFuncProto) => readonly string[];

function* kernelFunctions(catalog: MachineCatalog, pattern: string, parameters: Parameters): Iterable<ListedProbe> {
  const [module, name] = twoParts(pattern);
  const showsModule = pattern.includes(":");
  let last: string | undefined;
  for (const entry of catalog.functions.matching(name, module)) {
    const text = showsModule ? `${entry.module}:${entry.name}` : entry.name;
    if (text === last) continue;
    last = text;
    yield { text, parameters: () => prototypeLines(catalog, entry.module, entry.name, parameters) };
  }
}

function prototypeLines(
  catalog: MachineCatalog,
  module: string,
  name: string,
  parameters: Parameters,
): readonly string[] {
  const btf = catalog.types.of(module);
  const proto = btf && prototypeOf(btf, name);
  return btf && proto ? parameters(btf, proto) : [];
}

function* trampolines(
  catalog: MachineCatalog,
  pattern: string,
  parameters: Parameters,
  isWanted: (name: string, proto: BtfFuncProto) => boolean = () => true,
): Iterable<ListedProbe> {
  const [module, name] = twoParts(pattern);
  for (const entry of catalog.functions.matching(name, module)) {
    const btf = catalog.types.of(entry.module);
    const proto = btf && prototypeOf(btf, entry.name);
    if (!btf || !proto || !fitsTrampoline(btf, proto) || !isWanted(entry.name, proto)) continue;
    yield { text: `${entry.module}:${entry.name}`, parameters: () => parameters(btf, proto) };
  }
}

/** The kernel refuses functions that return nothing. A few that it allows besides are nowhere to be read. */
function replaceable(catalog: MachineCatalog, pattern: string): Iterable<ListedProbe> {
  const isWanted = (name: string, proto: BtfFuncProto) => proto.result !== 0 && catalog.functions.isReplaceable(name);
  return trampolines(catalog, pattern, namedParameters, isWanted);
}

function perfEvents(events: readonly PerfEvent[], pattern: string): readonly ListedProbe[] {
  const isMatch = matcher(pattern.replace(/:$/, ""));
  return plain(
    perfEventNames(events)
      .filter(isMatch)
      .map((name) => `${name}:`),
  );
}

function timers(pattern: string): readonly ListedProbe[] {
  const isMatch = matcher(pattern.replace(/:.*$/, ""));
  return plain(
    Object.keys(TIMER_UNITS)
      .filter(isMatch)
      .map((unit) => `${unit}:`),
  );
}

/** The context of an iterator is the arguments of its `bpf_iter_X` after the first, which describes the walk itself. */
function* iterators(catalog: MachineCatalog, pattern: string): Iterable<ListedProbe> {
  const isMatch = matcher(pattern);
  for (const name of catalog.iterators().filter(isMatch)) {
    const parameters: Parameters = (btf, proto) => namedParameters(btf, proto).slice(1);
    yield { text: name, parameters: () => prototypeLines(catalog, "vmlinux", `bpf_iter_${name}`, parameters) };
  }
}

/** Parameter names stand only in the function that calls the attached programs; its first parameter is theirs. */
function* rawTracepointList(catalog: MachineCatalog, pattern: string): Iterable<ListedProbe> {
  const [module, name] = twoParts(pattern);
  const isModule = matcher(module);
  const parameters: Parameters = (btf, proto) => namedParameters(btf, proto).slice(1);
  for (const found of rawTracepoints(catalog.types, name)) {
    if (!isModule(found.module)) continue;
    const lines = () => prototypeLines(catalog, found.module, `__traceiter_${found.name}`, parameters);
    yield { text: `${found.module}:${found.name}`, parameters: lines };
  }
}

function* tracepoints(catalog: MachineCatalog, pattern: string): Iterable<ListedProbe> {
  const [category, name] = twoParts(pattern);
  for (const event of catalog.tracepoints(category, name)) {
    const fields = () => catalog.tracepointFormat(event.category, event.name)?.fields ?? [];
    const parameters = () => fields().flatMap((field) => (field.common ? [] : [field.declaration]));
    yield { text: `${event.category}:${event.name}`, parameters };
  }
}
