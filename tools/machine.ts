import { CTypes } from "@beetrace/compiler";
import { probeFeatures } from "@beetrace/ebpf";
import type { LiveTarget } from "@beetrace/tracer";
import type { Machine } from "./tool.ts";

/** The live machine, as tools ask about it. */
export function machineOf(target: LiveTarget): Machine {
  const { catalog } = target;
  const features = probeFeatures();
  const has = (name: string) => catalog.kernelFunctions(undefined, name).length > 0;
  return {
    hasTracepoint: (category, name) => catalog.tracepoints(category, name).length > 0,
    hasKprobe: (name) => features.has("kprobe") && has(name),
    hasFentry: (name) => features.has("fentry") && has(name),
    hasField: (struct, field) =>
      new CTypes(target, [])
        .struct(struct)
        ?.fields()
        .some(({ name }) => name === field) ?? false,
  };
}
