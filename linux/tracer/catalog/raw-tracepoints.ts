import type { KernelTypes } from "./kernel-types.ts";
import { hasWildcard, matcher } from "./wildcard.ts";

/** A tracepoint of the kernel's code, before tracefs gives it a category. */
export interface RawTracepoint {
  readonly name: string;
  /** `vmlinux` for the kernel itself. */
  readonly module: string;
}

/** The kernel declares `typedef void (*btf_trace_X)(void *__data, …)` for each (include/trace/bpf_probe.h). */
const PREFIX = "btf_trace_";

/** The raw tracepoints whose name matches, by name and module. Requires Linux 5.5 and BTF. */
export function rawTracepoints(types: KernelTypes, pattern: string): readonly RawTracepoint[] {
  if (!hasWildcard(pattern) && types.vmlinux?.findType("typedef", PREFIX + pattern) !== undefined) {
    return [{ name: pattern, module: "vmlinux" }];
  }
  const isMatch = matcher(pattern);
  const found: RawTracepoint[] = [];
  for (const { name, module } of types.names("typedef")) {
    if (name.startsWith(PREFIX) && isMatch(name.slice(PREFIX.length)))
      found.push({ name: name.slice(PREFIX.length), module });
  }
  return found.sort((a, b) => compare(a.name, b.name) || compare(a.module, b.module));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
