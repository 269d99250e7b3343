import { CTypes, syscallNames } from "@beetrace/compiler";
import { CatalogError } from "@beetrace/compiler/target";
import { probeFeatures } from "@beetrace/ebpf";
import type { LiveTarget } from "@beetrace/tracer";
import { type Machine, ToolError } from "./tool.ts";

/** The live machine, as tools ask about it. */
export function machineOf(target: LiveTarget): Machine {
  const { catalog } = target;
  const features = probeFeatures();
  const has = (name: string) => catalog.kernelFunctions(undefined, name).length > 0;
  return {
    hasTracepoint: (category, name) => catalog.tracepoints(category, name).length > 0,
    hasKprobes: features.has("kprobe"),
    hasTracepointField: (category, name, field) =>
      catalog.tracepointFormat(category, name)?.fields.some((each) => each.name === field) ?? false,
    hasKprobe: (name) => features.has("kprobe") && has(name),
    hasFentry: (name) => features.has("fentry") && parametersOf(target, name) !== undefined,
    parameters: (name) => parametersOf(target, name) ?? [],
    hasField: (struct, field) =>
      new CTypes(target, [])
        .struct(struct)
        ?.fields()
        .some(({ name }) => name === field) ?? false,
    binary: (name) => binary(target, name),
    userFunctions: (file, name) => userFunctions(target, file, name),
    hasUsdt: (file, name) => none(() => catalog.usdtSites(file, "*", name)).length > 0,
    tracepointFields: (category, name) => fieldsOf(target, category, name),
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

/** Those that all tracepoints have come first: `common_type` and its like; the number of a system call is no argument. */
function fieldsOf({ catalog }: LiveTarget, category: string, name: string): string[] {
  const names = catalog.tracepointFormat(category, name)?.fields.map((field) => field.name) ?? [];
  return names.filter((each) => !each.startsWith("common_") && each !== "__syscall_nr");
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
