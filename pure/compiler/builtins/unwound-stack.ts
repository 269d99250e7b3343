/** Call stacks of programs that were compiled without frame pointers. */
import { UNWIND_MEMBERS } from "../lower/unwind/mapping.ts";
import { UNWIND_HELPERS, unwindStack } from "../lower/unwind/stack.ts";
import { findField } from "../semantics/c-types.ts";
import type { StackType } from "../semantics/types.ts";
import type { Builtin, Checking, Use } from "./builtin.ts";
import { stackArguments } from "./symbols.ts";
import { currentPid } from "./task.ts";

/** What the machine lacks, if it does. */
function missing({ target, types }: Checking): string | undefined {
  if (target.arch !== "x86_64") return "it is there on x86-64 only";
  const helper = UNWIND_HELPERS.find((name) => !target.features.helper(name));
  if (helper !== undefined) return `the kernel has no bpf_${helper} (Linux 5.17)`;
  const lacking = UNWIND_MEMBERS.find(([name, member]) => {
    const struct = types.struct(name);
    return !struct || !findField(struct, member);
  });
  return lacking && `the kernel's BTF has no struct ${lacking[0]} with ${lacking[1]}`;
}

function check(use: Use, c: Checking): { type: StackType } {
  c.unstable("dw_ustack (DWARF stack unwinding)", "unstable_dw_ustack", use.span);
  const problem = missing(c);
  if (problem !== undefined) c.error(use.span, `dw_ustack is not available: ${problem}`);
  if (!c.hasTargetProcess)
    c.error(use.span, "dw_ustack requires a target process. Use -p, -c, or --dwarf-pid to specify one.");
  const { mode, limit } = stackArguments(use, c);
  if (mode === "build_id") c.error(use.span, "dw_ustack has no 'build_id' mode", "ustack(build_id) has");
  return { type: { kind: "ustack", mode, limit, unwound: true } };
}

/** `dw_ustack`, `dw_ustack(perf, 5)`: as `ustack`, with frames that are found by the program's call frame information. */
export const dwUstack: Builtin = {
  name: "dw_ustack",
  form: "dw_ustack[([MODE][, LIMIT])]",
  doc: "The call stack of the traced process (-p, -c or --dwarf-pid), found by call frame information (.eh_frame), for programs without frame pointers. Requires x86-64 and Linux 5.17.",
  arity: [0, 2],
  pure: true,
  check,
  lowerInto(use, l, to) {
    const type = l.type(use.node) as StackType;
    const { id, problem } = unwindStack(l, l.assembly.stackMap(type), type.limit);
    const site = { kind: "stack", helper: "dw_ustack", at: use.span } as const;
    l.onFailure(id, () => l.count(site, id));
    l.onFailure(problem, () => l.count(site, problem));
    l.b.store(to.base, to.offset, 8, id);
    l.b.store(to.base, to.offset + 8, 8, currentPid(l));
  },
};
