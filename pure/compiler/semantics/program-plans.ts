/** Which actions share a program. */
import type { Unit } from "../check/model.ts";
import type { Target } from "../target.ts";
import type { NamedAttachment } from "./probe-context.ts";

/** One program to be. */
export interface ProgramPlan {
  /** Its actions, which run one after the other. */
  readonly units: readonly [Unit, ...Unit[]];
  /**
   * The kernel runs it at the entry of functions and at their return: for the first action then, for the second now, whose
   * attachments are in the same order.
   */
  readonly isSession: boolean;
}

/** Whether each of several actions runs at every event. */
export function isSequence({ units, isSession }: ProgramPlan): boolean {
  return units.length > 1 && !isSession;
}

/** More in one program could be more than the verifier follows (a million instructions, with those of loops each turn). */
const ACTIONS_MAX = 16;

/** What decides, beside the machine, which actions share a program. */
export interface PlanOptions {
  /** As few as can be share one, as the kernel takes the time of programs. */
  readonly separate?: boolean;
  /** The file that a unit stands in: a program's lines are those of one file. */
  readonly fileOf: (unit: Unit) => string;
}

/**
 * The programs that serve all units.
 *
 * Those of one raw tracepoint and file are one program, as each program costs every event some 50 ns, and sys_enter and
 * sys_exit have all system calls for events.
 *
 * A kprobe and a kretprobe of the same functions, each with an attach point of its own, become a session, which costs a
 * function one detour for both. Where several probes have the same functions they stay apart: the order in which they fire
 * would change. Requires Linux 6.10; on others nothing is joined.
 */
export function planPrograms(
  units: readonly Unit[],
  { features }: Target,
  { separate = false, fileOf }: PlanOptions,
): readonly ProgramPlan[] {
  let returns = pairs(units);
  // Most scripts have no such pair: for them the kernel is not asked.
  if (returns.size > 0 && !features.kprobeSession) returns = new Map();
  const joined = new Set(returns.values());
  const sequences = new Map<string, Unit[]>();
  const plans: ProgramPlan[] = [];
  for (const unit of units) {
    if (joined.has(unit)) continue;
    const event = separate ? undefined : rawEvent(unit);
    const place = event && `${event} ${fileOf(unit)}`;
    const before = place && sequences.get(place);
    if (before && before.length < ACTIONS_MAX) {
      before.push(unit);
      continue;
    }
    const back = returns.get(unit);
    const sequence: [Unit, ...Unit[]] = back === undefined ? [unit] : [unit, back];
    if (place) sequences.set(place, sequence);
    plans.push({ units: sequence, isSession: back !== undefined });
  }
  return plans;
}

/** What it is attached to, as a text; nothing for what is no raw tracepoint. */
function rawEvent({ attachments, context }: Unit): string | undefined {
  if (context.expectedAttachType !== "BPF_TRACE_RAW_TP") return undefined;
  // Written twice, an event is attached to twice.
  if (attachments.length > 1 && attachments.some(({ attachment }) => attachment.kind !== "syscall")) return undefined;
  return `${context.provider} ${context.attachModule ?? ""} ${context.attachTo}`;
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
