/** Which actions share a program: that of a kernel function's entry and that of its return. */
import type { Unit } from "../check/model.ts";
import type { Target } from "../target.ts";
import type { NamedAttachment } from "./probe-context.ts";

/** One program to be. With `onReturn` it is a session: the kernel runs it at the entry of functions and at their return. */
export interface ProgramPlan {
  readonly unit: Unit;
  /** The action at the return of the same functions, its attachments in the same order. */
  readonly onReturn?: Unit;
}

/**
 * The programs that serve all units. A kprobe and a kretprobe of the same functions, each with an attach point of its
 * own, become a session, which costs a function one detour for both. Where several probes have the same functions
 * they stay apart: the order in which they fire would change. Requires Linux 6.10; on others nothing is joined.
 */
export function planPrograms(units: readonly Unit[], { features }: Target): readonly ProgramPlan[] {
  let returns = pairs(units);
  // Most scripts have no such pair: for them the kernel is not asked.
  if (returns.size > 0 && !features.kprobeSession) returns = new Map();
  const joined = new Set(returns.values());
  return units.filter((unit) => !joined.has(unit)).map((unit) => ({ unit, onReturn: returns.get(unit) }));
}

/** The kretprobe for each kprobe that can share a program with one. */
function pairs(units: readonly Unit[]): Map<Unit, Unit> {
  const entries = new Map<string, Unit[]>();
  const returns = new Map<string, Unit[]>();
  for (const unit of units) {
    const functions = tracedFunctions(unit);
    if (functions === undefined) continue;
    const side = unit.context.provider === "kprobe" ? entries : returns;
    const same = side.get(functions);
    if (same) same.push(unit);
    else side.set(functions, [unit]);
  }
  const found = new Map<Unit, Unit>();
  for (const [functions, [entry, ...others]] of entries) {
    const [back, ...more] = returns.get(functions) ?? [];
    if (back === undefined || others.length + more.length > 0) continue;
    if (entry.probe.attachPoints.length === 1 && back.probe.attachPoints.length === 1) found.set(entry, back);
  }
  return found;
}

/** The functions of a unit as one text; nothing for what a session cannot be attached to. */
function tracedFunctions({ attachments }: Unit): string | undefined {
  const names = attachments.map(functionName);
  return names.includes(undefined) ? undefined : names.join();
}

function functionName({ attachment }: NamedAttachment): string | undefined {
  if (attachment.kind !== "kprobe" || attachment.function === undefined || attachment.offset !== 0) return undefined;
  return `${attachment.module ?? "vmlinux"}:${attachment.function}`;
}
