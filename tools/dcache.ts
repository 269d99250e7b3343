/** The cache of names of files: how its functions are hooked. */
import { type Machine, ToolError } from "./tool.ts";
import { type FunctionHook, functionHook, hookedBy } from "./vfs.ts";

/**
 * A script whose probes are written `LOOKUP`, of lookup_fast() with its argument `NAMEIDATA`, `CALL:d_lookup` and
 * `RETURN:d_lookup`. Throws {@link ToolError}.
 */
export function dcacheHooks(machine: Machine, tool: string, script: string): string {
  const hook = functionHook(machine, "d_lookup");
  if (hook === undefined)
    throw new ToolError(
      `${tool} needs kprobes or fentry, which this kernel has not`,
      "no tracepoint tells of these functions",
    );
  const probe = lookupFast(machine, hook);
  const nameidata = probe.startsWith("fentry") ? "args.nd" : "(struct nameidata *)arg0";
  return hookedBy(hook, script.replace("LOOKUP", probe).replace("NAMEIDATA", nameidata));
}

/** A compiler may make a function of its own out of it, which only kprobes see. */
function lookupFast(machine: Machine, hook: FunctionHook): string {
  if (hook === "fentry" && machine.hasFentry("lookup_fast")) return "fentry:vmlinux:lookup_fast";
  return machine.hasKprobe("lookup_fast") ? "kprobe:lookup_fast" : "kprobe:lookup_fast.constprop.*";
}
