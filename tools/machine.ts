import { CTypes, syscallNames } from "@beetrace/compiler";
import { CatalogError } from "@beetrace/compiler/target";
import { probeFeatures } from "@beetrace/ebpf";
import { type LiveTarget, listProbes } from "@beetrace/tracer";
import { type Machine, type Prototype, ToolError } from "./tool.ts";

/** The live machine, as tools ask about it. */
export function machineOf(target: LiveTarget): Machine {
  const { catalog } = target;
  const features = probeFeatures();
  const has = (name: string) => catalog.kernelFunctions(undefined, name).length > 0;
  return {
    hasTracepoint: (category, name) => catalog.tracepoints(category, name).length > 0,
    get hasKprobes() {
      return features.has("kprobe");
    },
    get canOverride() {
      return features.hasHelper("BPF_PROG_TYPE_KPROBE", "bpf_override_return");
    },
    hasTracepointField: (category, name, field) =>
      catalog.tracepointFormat(category, name)?.fields.some((each) => each.name === field) ?? false,
    hasKprobe: (name) => features.has("kprobe") && has(name),
    hasFentry: (name) => features.has("fentry") && parametersOf(target, name) !== undefined,
    get hasFmodRet() {
      return features.has("fmod_ret");
    },
    hasSymbol: (name) => catalog.kernelAddress(name) !== undefined,
    parameters: (name) => parametersOf(target, name) ?? [],
    hasField: (struct, field) =>
      new CTypes(target, [])
        .struct(struct)
        ?.fields()
        .some(({ name }) => name === field) ?? false,
    structSize: (name) => new CTypes(target, []).struct(name)?.sizeBytes,
    prototype: (name) => prototypeOf(target, name),
    binary: (name) => binary(target, name),
    userFunctions: (file, name) => userFunctions(target, file, name),
    hasUsdt: (file, name) => none(() => catalog.usdtSites(file, "*", name)).length > 0,
    tracepoints: () => byName(catalog.tracepoints("*", "*")),
    usdtSites: (file) => none(() => catalog.usdtSites(file, "*", "*")),
    tracepointDeclarations: (category, name) => ownFields(target, category, name).map(({ declaration }) => declaration),
    tracepointFields: (category, name) => fieldsOf(target, category, name),
    enumerators: (name) =>
      new Map(new CTypes(target, []).enum(name)?.variants.map(([value, variant]) => [Number(value), variant])),
    syscalls: () => syscallNames(target.arch),
  };
}

function parametersOf(target: LiveTarget, name: string): readonly string[] | undefined {
  const [found] = target.catalog.kernelFunctions(undefined, name);
  if (found === undefined) return undefined;
  const prototype = new CTypes(target, []).ofModule(found.module)?.prototype(name);
  return prototype?.params.map((param, index) => param.name || `arg${index}`);
}

function binary({ catalog }: LiveTarget, name: string): string {
  if (name.includes("/")) return name;
  for (const target of [`lib${name}`, name]) {
    const [found] = none(() => catalog.userFiles(target));
    if (found !== undefined) return found;
  }
  throw new ToolError(`there is no library or program '${name}'`, "give the path of the file");
}

function userFunctions({ catalog }: LiveTarget, file: string, name: string | RegExp): string[] {
  const found = none(() => catalog.userFunctions(file, typeof name === "string" ? name : "*"));
  const names = new Map<number, string>();
  for (const each of found)
    if (!names.has(each.address) && (typeof name === "string" || name.test(each.name)))
      names.set(each.address, each.name);
  return [...new Set(names.values())];
}

/** The number of a system call is no argument. */
function fieldsOf(target: LiveTarget, category: string, name: string): string[] {
  const names = ownFields(target, category, name).map((field) => field.name);
  return names.filter((each) => each !== "__syscall_nr");
}

/** Without those that all tracepoints have. */
function ownFields({ catalog }: LiveTarget, category: string, name: string) {
  return catalog.tracepointFormat(category, name)?.fields.filter((field) => !field.common) ?? [];
}

function byName(tracepoints: ReturnType<LiveTarget["catalog"]["tracepoints"]>) {
  const text = ({ category, name }: (typeof tracepoints)[number]) => `${category}:${name}`;
  return tracepoints.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
}

/** From the listing: the probe, then `type name` of each parameter, of the result last, under the name `retval`. */
function prototypeOf({ catalog }: LiveTarget, name: string): Prototype | undefined {
  const [probe, ...lines] = none(() => [...listProbes(`fexit:${name}`, { verbose: true }, catalog)]);
  if (probe === undefined) return undefined;
  const end = lines.findIndex((line) => !line.startsWith(" "));
  const all = lines.slice(0, end < 0 ? lines.length : end).map((line) => {
    const at = line.lastIndexOf(" ");
    return { type: line.slice(0, at).trim(), name: line.slice(at + 1) };
  });
  const result = all.at(-1)?.name === "retval" ? all.at(-1)?.type : undefined;
  return { parameters: result === undefined ? all : all.slice(0, -1), ...(result === undefined ? {} : { result }) };
}

/** A target that names no file has nothing in it. */
function none<T>(find: () => readonly T[]): readonly T[] {
  try {
    return find();
  } catch (error) {
    if (error instanceof CatalogError) return [];
    throw error;
  }
}
