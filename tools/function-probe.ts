/** Probes at the beginning of a function of the kernel that is called differently in different versions. */
import { type Machine, ToolError } from "./tool.ts";

/**
 * The probe of the first of these functions that can be traced: through BTF, else by a breakpoint. Throws
 * {@link ToolError}.
 */
export function functionProbe(names: readonly string[], machine: Machine): string {
  const traced = names.find((name) => machine.hasFentry(name));
  if (traced !== undefined) return `fentry:${traced}`;
  const probed = names.find((name) => machine.hasKprobe(name));
  if (probed !== undefined) return `kprobe:${probed}`;
  if (machine.hasKprobes) throw new ToolError(`this kernel has no function ${names.join(" or ")}`);
  throw new ToolError(`neither fentry nor kprobes here: ${names[0]} cannot be traced`);
}
